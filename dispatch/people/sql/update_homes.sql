-- Purpose: write the street of home posts. Parameters: columns person_id, edge_id, fraction,
-- snap_m (metres, not kept for posts).
UPDATE dispatch.people p SET home_edge_id = u.edge_id, home_fraction = u.fraction
FROM unnest(%(person_id)s::bigint[], %(edge_id)s::bigint[], %(fraction)s::float8[],
            %(snap_m)s::float8[]) u (person_id, edge_id, fraction, snap_m)
WHERE p.id = u.person_id
