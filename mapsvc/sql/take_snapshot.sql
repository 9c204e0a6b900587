-- Purpose: the live snapshot of one scope: people on duty with a position, open cases, and the seq
--   after which the event stream goes on. One statement, so that all of it is of one moment.
-- Parameters: none; the scope is that of the transaction.
-- Units: columns *_e6 in millionths of a degree (EPSG:4326), heading_deg in degrees, speed_dmps in
--   tenths of a metre per second, age_s in seconds since receipt; travel_s in seconds.
-- The lead is named only if in scope; from beyond it only role and minutes are told.
-- Columns are texts of JSON arrays: nothing is parsed and written again on the way out.
WITH live AS MATERIALIZED (
    SELECT a.case_id, a.person_id, a.person_role, a.role, a.state, a.travel_s
    FROM dispatch.assignments a
    WHERE a.live
), fix AS MATERIALIZED (
    -- By itself, so that row security of positions is one hashed look-up and not 17,695 probes.
    SELECT q.person_id, q.lon, q.lat, q.heading_deg, q.speed_mps, q.received_at
    FROM dispatch.positions q
), seen AS MATERIALIZED (
    SELECT p.id, p.role, f.lon, f.lat, f.heading_deg, f.speed_mps, f.received_at
    FROM dispatch.people p
    JOIN fix f ON f.person_id = p.id
    WHERE p.duty = 'on_duty'
    ORDER BY p.id
), roles AS MATERIALIZED (
    SELECT role, row_number() OVER (ORDER BY role) - 1 AS index
    FROM (SELECT DISTINCT role FROM seen) r
), busy AS MATERIALIZED (
    SELECT DISTINCT person_id FROM live
), origin AS MATERIALIZED (
    SELECT floor(coalesce(min(lon), 0) * 1e6)::int AS lon_e6,
           floor(coalesce(min(lat), 0) * 1e6)::int AS lat_e6
    FROM seen
), people AS (
    SELECT array_agg(s.id) AS id,
           array_agg((s.lon * 1e6)::int - o.lon_e6) AS dlon_e6,
           array_agg((s.lat * 1e6)::int - o.lat_e6) AS dlat_e6,
           array_agg(s.heading_deg::int) AS heading_deg,
           array_agg(coalesce((s.speed_mps * 10)::int, 0)) AS speed_dmps,
           array_agg(least(9999, greatest(0, date_part('epoch', now() - s.received_at)))::int)
               AS age_s,
           array_agg(r.index) AS role,
           array_agg(CASE WHEN b.person_id IS NULL THEN 0 ELSE 1 END) AS busy
    FROM seen s
    CROSS JOIN origin o
    JOIN roles r ON r.role = s.role
    LEFT JOIN busy b ON b.person_id = s.id
), cases AS (
    SELECT json_agg(json_build_object(
               'id', c.id, 'number', c.number, 'type', c.type_code, 'type_name', k.name,
               'type_name_en', k.name_en, 'family', k.family, 'state', c.state,
               'version', c.version, 'urgent', c.urgent, 'channel', c.channel,
               'lon', round(ST_X(c.geom)::numeric, 6), 'lat', round(ST_Y(c.geom)::numeric, 6),
               'grid_code', c.grid_code, 'address', c.address,
               'reported_at', c.reported_at, 'state_since', c.state_since,
               'yellow_at', c.yellow_at, 'due_at', c.due_at,
               'lead', CASE WHEN l.case_id IS NOT NULL THEN json_build_object(
                   'person_id', p.id, 'name', p.name, 'role', l.person_role, 'state', l.state,
                   'travel_s', l.travel_s) END)
               ORDER BY c.reported_at DESC, c.id DESC)::text AS items
    FROM dispatch.cases c
    JOIN dispatch.case_types k ON k.code = c.type_code
    LEFT JOIN live l ON l.case_id = c.id AND l.role = 'lead'
    LEFT JOIN dispatch.people p ON p.id = l.person_id
    WHERE c.state <> 'closed' AND c.state <> ALL ('{void,merged}')
)
SELECT coalesce(geodata.last_seq(), 0) AS seq,
       '{"seq":' || coalesce(geodata.last_seq(), 0)
       || ',"server_time":' || to_json(now())::text
       || ',"roles":' || coalesce((SELECT json_agg(role ORDER BY index)::text FROM roles), '[]')
       || ',"people":{"origin_e6":[' || origin.lon_e6 || ',' || origin.lat_e6 || ']'
       || ',"id":[' || coalesce(array_to_string(people.id, ','), '')
       || '],"dlon_e6":[' || coalesce(array_to_string(people.dlon_e6, ','), '')
       || '],"dlat_e6":[' || coalesce(array_to_string(people.dlat_e6, ','), '')
       || '],"heading_deg":[' || coalesce(array_to_string(people.heading_deg, ',', 'null'), '')
       || '],"speed_dmps":[' || coalesce(array_to_string(people.speed_dmps, ','), '')
       || '],"age_s":[' || coalesce(array_to_string(people.age_s, ','), '')
       || '],"role":[' || coalesce(array_to_string(people.role, ','), '')
       || '],"busy":[' || coalesce(array_to_string(people.busy, ','), '')
       || ']},"cases":' || coalesce(cases.items, '[]') || '}' AS body
FROM people, origin, cases
