-- Purpose: take in a case and assign one person to it at once, all or nothing.
-- Parameters: new_case, chosen (JSON: the columns of dispatch.cases and dispatch.assignments), lon,
-- lat (EPSG:4326), subjects (who keeps sight of it), tidings (JSON: its events in order),
-- clocks (JSON: rows of dispatch.clocks).
-- No row: no such person within reach. Else what dispatch.take_in_assigned (migration 0050) says;
-- assignment_id is null if nothing was written.
SELECT t.assignment_id, t.slot, t.sets_out AS travelling, t.role AS person_role, t.duty, t.recused,
       true AS held_id
FROM dispatch.people p
CROSS JOIN LATERAL dispatch.take_in_assigned(
    p.id, %(new_case)s, %(lon)s, %(lat)s, %(chosen)s, %(subjects)s, %(tidings)s,
    %(clocks)s) t
WHERE p.id = %(person_id)s
