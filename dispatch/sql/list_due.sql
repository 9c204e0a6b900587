-- Purpose: clocks whose next mark has come due, oldest first. Parameters: now, limit.
SELECT k.id, k.case_id
FROM dispatch.clocks k
WHERE k.next_at <= %(now)s AND k.paused_at IS NULL
ORDER BY k.next_at, k.id
LIMIT %(limit)s
