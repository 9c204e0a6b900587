-- Purpose: one tile of cases counted by area (layer case_cluster), below z 13.
-- Parameters: z, x, y (tile numbers, checked by the caller); level (of the areas to count by) and
--   digits (length of its codes); open_only (boolean); since, until (timestamptz, half-open, by
--   time of report; either may be NULL).
-- Units: 4,096 units to a side and 256 of buffer on each.
-- A count belongs to the area's label point: the whole of it in every tile that shows the point.
-- Row-level security of dispatch.cases decides what is counted: the connection is scoped.
WITH tile AS MATERIALIZED (
    SELECT ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int) AS box,
           ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int, margin => 256 / 4096.0) AS wide
), shown AS (
    -- Two branches, so that the few open cases come from their own index.
    SELECT left(c.grid_code, %(digits)s::int) AS code, c.state, c.urgent
    FROM dispatch.cases c
    WHERE c.state <> 'closed' AND c.state <> ALL ('{void,merged}')
      AND (%(since)s::timestamptz IS NULL OR c.reported_at >= %(since)s)
      AND (%(until)s::timestamptz IS NULL OR c.reported_at < %(until)s)
    UNION ALL
    SELECT left(c.grid_code, %(digits)s::int), c.state, c.urgent
    FROM dispatch.cases c
    WHERE NOT %(open_only)s::boolean AND c.state = 'closed'
      AND (%(since)s::timestamptz IS NULL OR c.reported_at >= %(since)s)
      AND (%(until)s::timestamptz IS NULL OR c.reported_at < %(until)s)
), counted AS (
    SELECT s.code, count(*) AS cases,
           count(*) FILTER (WHERE s.state <> 'closed') AS open,
           count(*) FILTER (WHERE s.state <> 'closed' AND s.urgent) AS urgent,
           count(*) FILTER (WHERE s.state = 'pending') AS waiting
    FROM shown s
    GROUP BY s.code
)
SELECT coalesce((
    SELECT ST_AsMVT(q, 'case_cluster', 4096, 'geom') FROM (
        SELECT l.code, l.level, l.name, n.cases, n.open, n.urgent, n.waiting,
               ST_AsMVTGeom(l.geom, t.box, 4096, 256) AS geom
        FROM tile t
        JOIN mapsvc.area_labels l ON l.level = %(level)s AND l.geom && t.wide
        JOIN counted n ON n.code = l.code
        ORDER BY l.code) q), '') AS body
