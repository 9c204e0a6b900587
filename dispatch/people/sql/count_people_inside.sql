-- Purpose: how many people are on duty within an outline by their last fix, by role.
-- Parameters: outline (EWKB, EPSG:4326) and its west, south, east, north in degrees.
-- Row security limits people and fixes. The few fixes in the box are read first, by themselves:
-- positions have no spatial index, and row security is then one hashed look-up.
WITH fix AS MATERIALIZED (
    SELECT f.person_id, f.lon, f.lat
    FROM dispatch.positions f
    WHERE f.lon BETWEEN %(west)s AND %(east)s AND f.lat BETWEEN %(south)s AND %(north)s
)
SELECT p.role, count(*)::int AS n
FROM fix
JOIN dispatch.people p ON p.id = fix.person_id
WHERE p.duty = 'on_duty'
  AND ST_Intersects(ST_SetSRID(ST_MakePoint(fix.lon, fix.lat), 4326), ST_GeomFromEWKB(%(outline)s))
GROUP BY p.role ORDER BY n DESC, p.role
