-- Purpose: write the clocks of a case that changed, and those that begin.
-- Parameters: case_id, clocks (JSON: rows of dispatch.clocks; without id they begin).
-- Stopped ones are written first (the sub-select waits for them): one run of a step lives at a time.
WITH given AS MATERIALIZED (
    SELECT g.* FROM jsonb_populate_recordset(NULL::dispatch.clocks, %(clocks)s) g
), changed AS (
    UPDATE dispatch.clocks c
    SET yellow_at = g.yellow_at, due_at = g.due_at, provisional = g.provisional,
        paused_at = g.paused_at, stopped_at = g.stopped_at, late_from = g.late_from,
        late_s = g.late_s, next_at = g.next_at, next_mark = g.next_mark
    FROM given g WHERE c.id = g.id AND c.case_id = %(case_id)s
    RETURNING 1
)
INSERT INTO dispatch.clocks (case_id, step, holder_code, unit, amount, started_at, first_due_at,
    yellow_at, due_at, provisional, late_from, next_at, next_mark)
SELECT %(case_id)s, g.step, g.holder_code, g.unit, g.amount, g.started_at, g.first_due_at,
       g.yellow_at, g.due_at, g.provisional, g.late_from, g.next_at, g.next_mark
FROM given g WHERE g.id IS NULL AND (SELECT count(*) FROM changed) >= 0
