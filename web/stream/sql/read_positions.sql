-- Purpose: positions of people on duty received since a moment; impossible jumps are left out.
-- Parameters: since timestamptz (time of receipt).
-- Units: lon, lat degrees WGS-84; heading degrees; speed m/s; age seconds.
SELECT p.person_id, p.lon, p.lat, p.heading_deg, p.speed_mps, p.measured_at, p.received_at,
       greatest(0, round(extract(epoch FROM now() - p.measured_at)))::bigint AS age_s
FROM dispatch.positions p
JOIN dispatch.people w ON w.id = p.person_id
WHERE p.received_at > %(since)s::timestamptz AND w.duty = 'on_duty' AND NOT p.suspect;
