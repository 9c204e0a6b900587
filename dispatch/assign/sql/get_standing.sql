-- Purpose: what of a person and a case decides whether the person may be sent; name and the words
-- of a recusal are null beyond the caller's scope. Parameters: case_id, person_id, now.
-- Composed in: rules (the ladder, rung.py). No row: no such case in sight, or no such person.
SELECT s.person_id, s.role, s.duty, s.load, s.capacity, s.recused, s.part, k.rung,
       p.id IS NOT NULL AS in_scope, p.name, x.reason AS recusal, t.family, t.skills
FROM dispatch.cases c
JOIN dispatch.case_types t ON t.code = c.type_code
CROSS JOIN LATERAL dispatch.standing(%(person_id)s, c.id) s
LEFT JOIN LATERAL (
    SELECT a.rung FROM dispatch.answering(
        c.id, c.grid_code, c.building_id, t.family, t.skills, %(now)s, {rules}) a
    WHERE a.person_id = s.person_id) k ON true
LEFT JOIN dispatch.people p ON p.id = s.person_id
LEFT JOIN dispatch.recusals x ON x.person_id = s.person_id AND x.case_id = c.id
WHERE c.id = %(case_id)s
