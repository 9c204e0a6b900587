-- Purpose: the state of a case and who holds a role in it, for the loser of a race.
-- Parameters: case_id, role. Name and id are null beyond the caller's scope.
SELECT c.state, c.version, p.id AS person_id, a.person_role, p.name, a.assigned_by AS by,
       a.assigned_at AS at
FROM dispatch.cases c
LEFT JOIN dispatch.assignments a ON a.case_id = c.id AND a.role = %(role)s AND a.live
LEFT JOIN dispatch.people p ON p.id = a.person_id
WHERE c.id = %(case_id)s
