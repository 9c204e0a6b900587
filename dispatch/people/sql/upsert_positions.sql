-- Purpose: store the newest fix of each person, one statement for a whole batch.
-- Parameters: columns as arrays of equal length: person_id, lon, lat (EPSG:4326), measured_us
-- (microseconds since 1970, the phone's clock), edge_id, fraction, snap_m (metres), speed_mps,
-- heading_deg, accuracy_m (NaN: unknown); datum as declared; now; max_speed_mps.
-- Row security leaves out people beyond the scope. An older fix never overwrites a newer one.
-- A jump faster than max_speed_mps is suspect; after a suspect fix the next one is believed.
WITH sent AS (
    SELECT u.person_id, u.lon, u.lat,
           'epoch'::timestamptz + u.measured_us * interval '1 microsecond' AS measured_at,
           u.edge_id, u.fraction, u.snap_m, u.speed_mps, u.heading_deg, u.accuracy_m
    FROM unnest(%(person_id)s::bigint[], %(lon)s::float8[], %(lat)s::float8[],
                %(measured_us)s::bigint[], %(edge_id)s::bigint[], %(fraction)s::float8[],
                %(snap_m)s::float8[], %(speed_mps)s::float8[], %(heading_deg)s::float8[],
                %(accuracy_m)s::float8[])
         AS u (person_id, lon, lat, measured_us, edge_id, fraction, snap_m, speed_mps,
               heading_deg, accuracy_m)
), known AS MATERIALIZED (
    SELECT s.* FROM sent s JOIN dispatch.people p ON p.id = s.person_id
), stored AS (
    INSERT INTO dispatch.positions AS old (person_id, lon, lat, edge_id, fraction, snap_m,
        speed_mps, heading_deg, accuracy_m, datum, measured_at, received_at)
    SELECT k.person_id, k.lon, k.lat, k.edge_id, k.fraction, k.snap_m, nullif(k.speed_mps, 'NaN'),
           nullif(k.heading_deg, 'NaN'), nullif(k.accuracy_m, 'NaN'), %(datum)s, k.measured_at,
           %(now)s
    FROM known k
    ON CONFLICT (person_id) DO UPDATE
    SET lon = excluded.lon, lat = excluded.lat, edge_id = excluded.edge_id,
        fraction = excluded.fraction, snap_m = excluded.snap_m, speed_mps = excluded.speed_mps,
        heading_deg = excluded.heading_deg, accuracy_m = excluded.accuracy_m,
        datum = excluded.datum, measured_at = excluded.measured_at,
        received_at = excluded.received_at,
        suspect = NOT old.suspect AND 111195 * sqrt(
            (excluded.lat - old.lat) ^ 2
            + ((excluded.lon - old.lon) * cos(radians(excluded.lat))) ^ 2)
            > %(max_speed_mps)s * extract(epoch FROM excluded.measured_at - old.measured_at)::float8
    WHERE excluded.measured_at > old.measured_at
    RETURNING suspect
)
SELECT (SELECT count(*)::integer FROM known) AS known, count(*)::integer AS stored,
       count(*) FILTER (WHERE suspect)::integer AS suspect
FROM stored
