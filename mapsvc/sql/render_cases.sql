-- Purpose: one tile of cases as points (layer case), for z 13 and above.
-- Parameters: z, x, y (tile numbers, checked by the caller); open_only (boolean); since, until
--   (timestamptz, half-open, by time of report; either may be NULL).
-- Units: 4,096 units to a side and 256 of buffer on each; reported_s in seconds since 1970.
-- Row-level security of dispatch.cases decides what is here: the connection is scoped.
WITH tile AS MATERIALIZED (
    SELECT ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int) AS box,
           ST_Transform(ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int,
                                        margin => 256 / 4096.0), 4326) AS wide
)
SELECT coalesce((
    SELECT ST_AsMVT(q, 'case', 4096, 'geom', 'id') FROM (
        SELECT c.id, c.number, c.type_code AS type, k.family, c.state, c.urgent, c.version,
               extract(epoch FROM c.reported_at)::bigint AS reported_s,
               ST_AsMVTGeom(ST_Transform(c.geom, 3857), t.box, 4096, 256) AS geom
        FROM tile t
        JOIN dispatch.cases c ON c.geom && t.wide
        JOIN dispatch.case_types k ON k.code = c.type_code
        WHERE c.state <> ALL ('{void,merged}') AND (c.state <> 'closed' OR NOT %(open_only)s::boolean)
          AND (%(since)s::timestamptz IS NULL OR c.reported_at >= %(since)s)
          AND (%(until)s::timestamptz IS NULL OR c.reported_at < %(until)s)
        ORDER BY c.id) q), '') AS body
