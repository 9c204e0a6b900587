-- Purpose: the lines of a proposal with cases and people as they stand, in the order of waiting.
-- Parameters: proposal_id, case_ids (null: all). travel_s seconds. Row security decides which cases
-- are seen and whose id and name are told; undone: accepted, and taken back since.
SELECT l.case_id, c.number, c.type_code, t.name AS type_name, t.name_en AS type_name_en, c.urgent,
       c.address, c.reported_at, l.case_version, c.version,
       c.state AS case_state, p.id AS person_id, p.name, l.person_role, l.rung, l.travel_s, l.cost,
       l.reasons, i.id AS instead_id, i.name AS instead_name, i.role AS instead_role,
       l.left_why,
       CASE WHEN a.state = 'undone' THEN 'undone' ELSE l.state END AS state, l.why, l.why_facts,
       l.assignment_id, l.person_id IS DISTINCT FROM l.instead_id AS differs
FROM dispatch.proposal_lines l
JOIN dispatch.cases c ON c.id = l.case_id
JOIN dispatch.case_types t ON t.code = c.type_code
LEFT JOIN dispatch.people p ON p.id = l.person_id
LEFT JOIN dispatch.people i ON i.id = l.instead_id
LEFT JOIN dispatch.assignments a ON a.id = l.assignment_id
WHERE l.proposal_id = %(proposal_id)s
  AND (%(case_ids)s::bigint[] IS NULL OR l.case_id = ANY (%(case_ids)s::bigint[]))
ORDER BY l.turn
