-- Purpose: the assignments of a case (oldest first), or the live ones of a person (the present
-- journey first). Parameters: case_id or person_id, the other null. Seconds and metres.
SELECT a.id, a.case_id, a.person_id, a.person_role, p.name, p.phone, a.role, a.slot, a.state,
       a.live, a.travelling, a.rung, a.reasons, a.rank, a.travel_s, a.distance_m, a.assigned_by,
       a.assigned_at, a.acknowledged_at, a.arrived_at, a.ended_at, a.return_reason,
       a.result
FROM dispatch.assignments a
LEFT JOIN dispatch.people p ON p.id = a.person_id
WHERE (a.case_id = %(case_id)s OR (a.person_id = %(person_id)s AND a.live))
ORDER BY CASE WHEN %(person_id)s::bigint IS NULL THEN 0
              WHEN a.travelling THEN 0 ELSE 1 END, a.assigned_at, a.id
