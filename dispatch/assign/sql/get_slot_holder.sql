-- Purpose: who took a person's last slot. Parameters: person_id.
-- The case is named only if the caller may see it.
SELECT c.id AS case_id, c.number AS case_number, h.assigned_by AS by, h.assigned_at AS at
FROM dispatch.slot_holder(%s) h
LEFT JOIN dispatch.cases c ON c.id = h.case_id
