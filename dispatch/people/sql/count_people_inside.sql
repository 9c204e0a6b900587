-- Purpose: how many people on duty are within an outline by a fresh fix, by role.
-- Parameters: outline (EWKB, EPSG:4326) and its west, south, east, north in degrees; at (moment of
-- the question, timestamptz) and within_s (how old a fix may be then, by receipt, seconds).
-- A suspect fix, an impossible jump, says nothing about where somebody is.
-- Row security limits people and fixes. The few fixes in the box are read first, by themselves:
-- positions have no spatial index, and row security is then one hashed look-up.
WITH fix AS MATERIALIZED (
    SELECT f.person_id, f.lon, f.lat
    FROM dispatch.positions f
    WHERE f.lon BETWEEN %(west)s AND %(east)s AND f.lat BETWEEN %(south)s AND %(north)s
      AND NOT f.suspect
      AND f.received_at >= %(at)s::timestamptz - make_interval(secs => %(within_s)s)
)
SELECT p.role, count(*)::int AS n
FROM fix
JOIN dispatch.people p ON p.id = fix.person_id
WHERE p.duty = 'on_duty'
  AND ST_Intersects(ST_SetSRID(ST_MakePoint(fix.lon, fix.lat), 4326), ST_GeomFromEWKB(%(outline)s))
GROUP BY p.role ORDER BY n DESC, p.role
