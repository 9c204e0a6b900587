-- Purpose: live assignments of a person with what of their cases a change of roster may touch.
-- Parameters: person_id. Row security limits assignments and cases.
SELECT c.id AS case_id, c.number, c.type_code, c.state, a.role, c.grid_code, c.due_at,
       a.assigned_at, t.skills
FROM dispatch.assignments a
JOIN dispatch.cases c ON c.id = a.case_id
JOIN dispatch.case_types t ON t.code = c.type_code
WHERE a.person_id = %(person_id)s AND a.live
ORDER BY a.assigned_at, a.id
