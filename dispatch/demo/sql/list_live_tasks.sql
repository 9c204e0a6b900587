-- Purpose: every live assignment with what is needed to play its next step.
-- Parameters: none. lon/lat EPSG:4326 of the case, from_lon/from_lat of the person's last fix.
SELECT a.case_id, a.person_id, a.role, a.state, a.travelling, a.travel_s, c.version, t.family,
       c.channel,
       p.travel_mode, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat,
       coalesce(f.lon, ST_X(p.home)) AS from_lon, coalesce(f.lat, ST_Y(p.home)) AS from_lat
FROM dispatch.assignments a
JOIN dispatch.cases c ON c.id = a.case_id
JOIN dispatch.case_types t ON t.code = c.type_code
JOIN dispatch.people p ON p.id = a.person_id
LEFT JOIN dispatch.positions f ON f.person_id = p.id
WHERE a.live AND a.role = 'lead' AND c.state <> 'suspended'
ORDER BY a.id;
