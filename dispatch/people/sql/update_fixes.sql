-- Purpose: write the street of last fixes. Parameters: columns person_id, edge_id, fraction,
-- snap_m (metres).
UPDATE dispatch.positions f SET edge_id = u.edge_id, fraction = u.fraction, snap_m = u.snap_m
FROM unnest(%(person_id)s::bigint[], %(edge_id)s::bigint[], %(fraction)s::float8[],
            %(snap_m)s::float8[]) u (person_id, edge_id, fraction, snap_m)
WHERE f.person_id = u.person_id
