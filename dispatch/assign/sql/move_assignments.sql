-- Purpose: move one assignment of a case, or end all live ones. The case is locked already.
-- Parameters: case_id, role (null: all live ones), person_id (null: anybody's), from_states,
-- to_state, at, reason (of a return), result (what was fed back). People before their assignments
-- (migration 0021): the order of next_journey.
WITH locked AS MATERIALIZED (
    SELECT dispatch.lock_assignees(%(case_id)s, %(role)s::text) AS people
)
UPDATE dispatch.assignments a
SET state = %(to_state)s,
    travelling = a.travelling AND %(to_state)s = 'acknowledged',
    acknowledged_at = CASE WHEN %(to_state)s = 'acknowledged' THEN %(at)s
                           ELSE a.acknowledged_at END,
    arrived_at = CASE WHEN %(to_state)s = 'arrived' THEN %(at)s ELSE a.arrived_at END,
    ended_at = CASE WHEN %(to_state)s IN ('done', 'returned', 'undone', 'lapsed')
                    THEN %(at)s END,
    return_reason = CASE WHEN %(to_state)s = 'returned' THEN %(reason)s END,
    result = coalesce(%(result)s, a.result)
FROM locked l
WHERE a.case_id = %(case_id)s AND a.live AND l.people >= 0
  AND (%(role)s::text IS NULL OR (a.role = %(role)s AND a.state = ANY (%(from_states)s)))
  AND (%(person_id)s::bigint IS NULL OR a.person_id = %(person_id)s)
RETURNING a.person_id
