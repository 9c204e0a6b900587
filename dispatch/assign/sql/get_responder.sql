-- Purpose: one person as a responder, in the columns of list_candidates.
-- Parameters: person_id. The load counts what the caller may see; take_slot counts all.
SELECT p.id, p.role, 0, p.home_code, NULL::double precision, p.travel_mode,
       CASE WHEN f.person_id IS NULL THEN p.home_edge_id ELSE f.edge_id END,
       CASE WHEN f.person_id IS NULL THEN p.home_fraction ELSE f.fraction END,
       coalesce(f.lon, ST_X(p.home)), coalesce(f.lat, ST_Y(p.home)), f.measured_at,
       (SELECT count(*)::integer FROM dispatch.assignments a WHERE a.person_id = p.id AND a.live),
       p.capacity, true, p.name, p.phone
FROM dispatch.people p
LEFT JOIN dispatch.positions f ON f.person_id = p.id
WHERE p.id = %s
