-- Purpose: write a new case and who keeps sight of it.
-- Parameters: the columns by name; lon, lat EPSG:4326 degrees, edge_m and accuracy_m metres;
-- subjects of those who took part. No RETURNING: a case may lie beyond its reporter's scope.
WITH written AS (
    INSERT INTO dispatch.cases (id, number, type_code, state, version, urgent, channel,
        description, address, building_id, grid_code, runner_up_code, edge_m, edge_ambiguous,
        source_lon, source_lat, source_datum, accuracy_m, geom, edge_id, fraction, reported_by,
        reported_at, state_since, holder_code, held_since, yellow_at, due_at, level, scale)
    VALUES (%(id)s, %(number)s, %(type_code)s, %(state)s, %(version)s, %(urgent)s, %(channel)s,
        %(description)s, %(address)s, %(building_id)s, %(grid_code)s, %(runner_up_code)s,
        %(edge_m)s, %(edge_ambiguous)s, %(source_lon)s, %(source_lat)s, %(source_datum)s,
        %(accuracy_m)s, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(edge_id)s,
        %(fraction)s, %(reported_by)s, %(reported_at)s, %(state_since)s,
        %(holder_code)s, %(state_since)s, %(yellow_at)s, %(due_at)s,
        %(level)s, %(scale)s)
)
INSERT INTO dispatch.participations (subject, case_id, since, reported_at, grid_code)
SELECT u.subject, %(id)s, %(reported_at)s, %(reported_at)s, %(grid_code)s
FROM unnest(%(subjects)s::text[]) u (subject)
ON CONFLICT DO NOTHING
