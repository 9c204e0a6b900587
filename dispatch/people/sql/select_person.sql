-- Purpose: people with their last fix (or home post) and load; the caller appends WHERE and ORDER.
-- Row security limits people, and the assignments that are counted. lon/lat EPSG:4326.
SELECT p.id, p.name, p.role, p.team, p.organisation, p.phone, p.skills, p.home_code, p.area_codes,
       p.travel_mode, p.capacity, p.duty, p.duty_since, p.assumed, p.version,
       coalesce(f.lon, ST_X(p.home)) AS lon, coalesce(f.lat, ST_Y(p.home)) AS lat, f.measured_at,
       coalesce(f.suspect, false) AS suspect,
       (SELECT count(*)::integer FROM dispatch.assignments a
        WHERE a.person_id = p.id AND a.live) AS load
FROM dispatch.people p
LEFT JOIN dispatch.positions f ON f.person_id = p.id
