-- Purpose: assign one person to a case if case, person and role are free: all or nothing.
-- Parameters: case_id, version, from_states, to_state (null: the case's state stays), role,
-- person_id, rung, reasons, rank, travel_s (seconds), distance_m (metres), assigned_by,
-- assigned_at.
-- One row always; nulls tell what stood in the way. The case is locked first, then the person
-- (dispatch.take_slot); a unique index that another transaction filled yields no assignment.
WITH held AS MATERIALIZED (
    SELECT c.id, c.grid_code FROM dispatch.cases c
    WHERE c.id = %(case_id)s AND c.version = %(version)s AND c.state = ANY (%(from_states)s)
    FOR NO KEY UPDATE
), slot AS MATERIALIZED (
    SELECT h.id AS case_id, p.id AS person_id, s.*
    FROM held h
    JOIN dispatch.people p ON p.id = %(person_id)s
    CROSS JOIN LATERAL dispatch.take_slot(p.id, h.id) s
), made AS (
    INSERT INTO dispatch.assignments (case_id, person_id, person_role, role, slot, state,
        travelling, rung, reasons, rank, travel_s, distance_m, assigned_by, assigned_at)
    SELECT s.case_id, s.person_id, s.role, %(role)s, s.slot, 'assigned', s.sets_out, %(rung)s,
           %(reasons)s, %(rank)s, %(travel_s)s, %(distance_m)s, %(assigned_by)s, %(assigned_at)s
    FROM slot s
    WHERE s.slot IS NOT NULL AND s.duty = 'on_duty' AND NOT s.recused
    ON CONFLICT DO NOTHING
    RETURNING id, case_id, person_id, slot, travelling
), moved AS (
    UPDATE dispatch.cases c
    SET version = c.version + 1,
        state = coalesce(%(to_state)s, c.state),
        state_since = CASE WHEN %(to_state)s IS NULL THEN c.state_since ELSE %(assigned_at)s END
    FROM made WHERE c.id = made.case_id
), told AS (
    INSERT INTO dispatch.participations (subject, case_id, since)
    SELECT u.subject, m.case_id, %(assigned_at)s
    FROM made m CROSS JOIN LATERAL unnest(ARRAY['p:' || m.person_id, %(assigned_by)s]) u (subject)
    ON CONFLICT DO NOTHING
)
SELECT h.id AS held_id, h.grid_code, s.duty, s.recused, s.slot, s.role AS person_role,
       m.id AS assignment_id, m.travelling
FROM (VALUES (1)) one (row)
LEFT JOIN held h ON true LEFT JOIN slot s ON true LEFT JOIN made m ON true
