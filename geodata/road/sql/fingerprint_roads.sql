-- Purpose: tell whether the road graph is still the one in a cache, by content: ground_version
--          also rises for other reasons, and starts again at 1 when a district is made anew.
-- Parameters: none.
-- Returns one row: code (district), version (ground_version), nodes, edges (counts) and
--          fingerprint (sums of 64-bit hashes of all rows, in any order).
SELECT
    (SELECT code FROM geodata.districts ORDER BY code LIMIT 1) AS code,
    (SELECT coalesce(max(ground_version), 0) FROM geodata.districts) AS version,
    n.rows AS nodes,
    e.rows AS edges,
    coalesce(n.hash, 0)::text || ':' || coalesce(e.hash, 0)::text AS fingerprint
FROM
    (
        SELECT count(*) AS rows,
               sum(hashtextextended(id::text || ST_AsEWKB(geom)::text, 0)) AS hash
        FROM geodata.road_nodes
    ) AS n,
    (
        SELECT count(*) AS rows,
               sum(hashtextextended(
                   concat_ws('|', id, from_node, to_node, coalesce(twin_id, -1), length_m,
                             speed_class, access, ST_AsEWKB(geom), quote_nullable(name)), 0)) AS hash
        FROM geodata.road_edges
    ) AS e
