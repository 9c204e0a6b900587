-- Purpose: move one assignment of a case (or all live ones) and the case with it.
-- Parameters: case_id, version, from_states, to_state (null: the case's state stays), role (null:
-- all live assignments end, or there is none), assignment_from, assignment_to, person_id (null:
-- anybody's), at, text (return reason or closing note). No row: it was not in a state for it.
WITH held AS MATERIALIZED (
    SELECT c.id FROM dispatch.cases c
    WHERE c.id = %(case_id)s AND c.version = %(version)s AND c.state = ANY (%(from_states)s)
      AND (%(person_id)s::bigint IS NULL OR EXISTS (
           SELECT FROM dispatch.assignments a
           WHERE a.case_id = c.id AND a.live AND a.role = coalesce(%(role)s, 'lead')
             AND a.person_id = %(person_id)s))
    FOR NO KEY UPDATE
), locked AS MATERIALIZED (
    -- People before their assignments (migration 0021): the order of next_journey.
    SELECT h.id, dispatch.lock_assignees(h.id, %(role)s::text) AS people FROM held h
), stepped AS (
    UPDATE dispatch.assignments a
    SET state = %(assignment_to)s,
        travelling = a.travelling AND %(assignment_to)s = 'acknowledged',
        acknowledged_at = CASE WHEN %(assignment_to)s = 'acknowledged' THEN %(at)s
                               ELSE a.acknowledged_at END,
        arrived_at = CASE WHEN %(assignment_to)s = 'arrived' THEN %(at)s ELSE a.arrived_at END,
        ended_at = CASE WHEN %(assignment_to)s IN ('done', 'returned', 'undone') THEN %(at)s END,
        return_reason = CASE WHEN %(assignment_to)s = 'returned' THEN %(text)s END
    FROM locked l
    WHERE a.case_id = l.id AND a.live AND l.people >= 0
      AND (%(role)s::text IS NULL
           OR (a.role = %(role)s AND a.state = ANY (%(assignment_from)s)))
    RETURNING a.person_id
), moved AS (
    UPDATE dispatch.cases c
    SET version = c.version + 1,
        state = coalesce(%(to_state)s, c.state),
        state_since = CASE WHEN %(to_state)s IS NULL THEN c.state_since ELSE %(at)s END,
        closed_at = CASE WHEN %(to_state)s = 'closed' THEN %(at)s END,
        closing_note = CASE WHEN %(to_state)s IN ('closed', 'void') THEN %(text)s END
    FROM held h
    WHERE c.id = h.id AND (%(role)s::text IS NULL OR EXISTS (SELECT FROM stepped))
    RETURNING c.version
)
SELECT (SELECT m.version FROM moved m) AS version,
       (SELECT array_agg(s.person_id) FROM stepped s) AS people
FROM held
