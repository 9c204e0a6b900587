-- Purpose: the cases of a period in order of report, with what their types ask for and how long the
-- last lead was with them. Parameters: since, until (timestamptz, half-open).
-- Units: lon/lat EPSG:4326, arrival_limit_s and handled_s (arrival to end, null where one of the two
-- is not known) in seconds. Void and merged cases had nobody to send.
SELECT c.id, c.reported_at, c.grid_code, c.building_id, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat,
       c.urgent, t.family, t.skills, t.arrival_limit_s,
       extract(epoch FROM a.ended_at - a.arrived_at)::double precision AS handled_s
FROM dispatch.cases c
JOIN dispatch.case_types t ON t.code = c.type_code
LEFT JOIN LATERAL (
    SELECT x.arrived_at, x.ended_at
    FROM dispatch.assignments x
    WHERE x.case_id = c.id AND x.role = 'lead' AND x.arrived_at IS NOT NULL
    ORDER BY x.assigned_at DESC, x.id DESC
    LIMIT 1) a ON true
WHERE c.reported_at >= %(since)s AND c.reported_at < %(until)s
  AND c.state <> ALL ('{void,merged}')
ORDER BY c.reported_at, c.id
