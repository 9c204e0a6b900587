-- Purpose: write the lines of a proposal, all at once.
-- Parameters: proposal_id, lines (a JSON array of dispatch.queue_plan.Line with turn);
-- travel_s seconds.
INSERT INTO dispatch.proposal_lines (proposal_id, case_id, turn, case_version, person_id,
    person_role, rung, travel_s, cost, reasons, instead_id, left_why, state)
SELECT %(proposal_id)s, l.case_id, l.turn, l.case_version, l.person_id, l.person_role, l.rung,
       l.travel_s, l.cost, l.reasons, l.instead_id, l.left_why,
       CASE WHEN l.person_id IS NULL THEN 'left' ELSE 'open' END
FROM jsonb_to_recordset(%(lines)s::jsonb) AS l (case_id bigint, turn integer,
    case_version integer, person_id bigint, person_role text, rung text,
    travel_s double precision, cost double precision, reasons jsonb, instead_id bigint,
    left_why text)
