-- Purpose: who stands on the ladder of each of some cases, whatever their duty and load; those who
-- stand aside (recusal) left out. Parameters: case_ids (bigint[]), at (moment at which areas of
-- responsibility are looked up). Composed in: rules (the ladder, dispatch/assign/rung.py).
SELECT c.id, k.person_id, k.rung
FROM unnest(%(case_ids)s::bigint[]) WITH ORDINALITY AS w (id, place)
JOIN dispatch.cases c ON c.id = w.id
JOIN dispatch.case_types t ON t.code = c.type_code
CROSS JOIN LATERAL dispatch.answering(
    c.id, c.grid_code, c.building_id, t.family, t.skills, %(at)s, {rules}) k
WHERE NOT k.recused
ORDER BY w.place, k.rung, k.person_id
