-- Purpose: the clocks of one case as they began. Parameters: case_id, live (not stopped ones only).
SELECT id, step, holder_code, unit, amount, started_at, first_due_at, yellow_at, due_at,
       provisional, paused_at, stopped_at, late_from, late_s, next_at, next_mark
FROM dispatch.clocks
WHERE case_id = %(case_id)s AND (stopped_at IS NULL OR NOT %(live)s)
ORDER BY started_at, id
