-- Purpose: cases with feedback that wait to be verified or closed, oldest first. No parameters.
-- Those reported by an account are left to whoever sits at that screen.
SELECT c.id, c.version, c.state, t.family
FROM dispatch.cases c
JOIN dispatch.case_types t ON t.code = c.type_code
WHERE c.state IN ('handled', 'verified') AND c.reported_by NOT LIKE 'u:%'
ORDER BY c.state_since, c.id
