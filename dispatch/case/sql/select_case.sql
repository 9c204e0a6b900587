-- Purpose: cases with their type and who leads them.
-- Parameters: order (composed in) and page (composed in), a query for rows of dispatch.cases: already few, so that
-- leads are looked up for them only (the planner would join all live leads to show fifty: 86 ms instead of 3).
-- Row security limits cases, and hides the name of a lead beyond the scope. lon/lat EPSG:4326.
SELECT c.id, c.number, c.type_code, t.family, t.name AS type_name, t.name_en AS type_name_en,
       t.arrival_limit_s, c.state, c.version, c.urgent, c.channel, c.description, c.address,
       c.building_id, c.grid_code, c.runner_up_code, c.edge_m, c.edge_ambiguous,
       ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat, c.source_lon, c.source_lat, c.source_datum,
       c.accuracy_m, c.edge_id, c.fraction, c.reported_by, c.reported_at, c.state_since,
       c.holder_code, c.hops, c.card, c.suspended_from, c.merged_into, c.yellow_at, c.due_at,
       c.closed_at, c.closing_note, c.closing_kind, c.level, c.scale,
       c.failed_mediations, a.person_id AS lead_person_id, a.name AS lead_name,
       a.person_role AS lead_role, a.state AS lead_state, a.travel_s AS lead_travel_s,
       a.travelling AS lead_travelling
FROM ({page}) c
JOIN dispatch.case_types t ON t.code = c.type_code
LEFT JOIN LATERAL (
    SELECT l.person_id, p.name, l.person_role, l.state, l.travel_s, l.travelling
    FROM dispatch.assignments l
    LEFT JOIN dispatch.people p ON p.id = l.person_id
    WHERE l.case_id = c.id AND l.role = 'lead' AND l.live
    OFFSET 0) a ON true
ORDER BY {order}
