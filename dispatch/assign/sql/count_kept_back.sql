-- Purpose: of the people who answer for a place, how many of each role a rule keeps from being
-- sent, each counted once, by the first that does. Parameters: case_id, grid, building, family,
-- skills, now, skill (that they must have; null: none).
-- Composed in: rules (whom to look for, dispatch/assign/need.py).
SELECT k.role,
       count(*) FILTER (WHERE k.duty = 'off_duty')::integer AS off_duty,
       count(*) FILTER (WHERE k.duty = 'on_leave')::integer AS on_leave,
       count(*) FILTER (WHERE k.duty = 'on_duty' AND k.recused)::integer AS recused,
       count(*) FILTER (WHERE k.duty = 'on_duty' AND NOT k.recused
                          AND k.load >= k.capacity)::integer AS at_capacity,
       count(*) FILTER (WHERE k.duty = 'on_duty' AND NOT k.recused AND k.load < k.capacity
                          AND %(skill)s::text IS NOT NULL
                          AND %(skill)s::text <> ALL (k.skills))::integer AS unskilled,
       coalesce(array_agg(k.person_id) FILTER (WHERE %(skill)s::text = ANY (k.skills)),
                '{{}}') AS able
FROM dispatch.answering(
    %(case_id)s, %(grid)s, %(building)s, %(family)s, %(skills)s, %(now)s, {rules}) k
GROUP BY k.role
