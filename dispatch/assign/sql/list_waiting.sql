-- Purpose: waiting cases for the whole queue, urgent ones first, then the oldest; those on a ladder
-- (dispatch.offers) and of types for which proposals are off are not among them.
-- Parameters: areas (codes; null: everywhere), limit. lon/lat EPSG:4326, arrival_limit_s seconds.
-- waiting counts those beyond the limit too. Row security decides what is seen.
SELECT c.id, c.version, c.number, q.mode, c.urgent, c.reported_at,
       t.arrival_limit_s::double precision, c.grid_code, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat,
       c.type_code, t.parent_code, t.family, c.level, c.scale, c.failed_mediations,
       count(*) OVER () AS waiting
FROM dispatch.cases c
JOIN dispatch.case_types t ON t.code = c.type_code
CROSS JOIN LATERAL dispatch.queue_mode(t.code, t.parent_code, t.family) q (mode)
WHERE c.state = 'pending' AND q.mode <> 'off'
  AND (%(areas)s::text[] IS NULL OR c.grid_code ^@ ANY (%(areas)s::text[]))
  AND NOT EXISTS (SELECT FROM dispatch.offers o WHERE o.case_id = c.id AND o.state = 'running')
ORDER BY c.urgent DESC, c.reported_at, c.id
LIMIT %(limit)s
