-- Purpose: open cases without any clock, locked; those somebody works on are left out.
-- Parameters: after (an id: only those behind it), limit.
SELECT c.id
FROM dispatch.cases c
WHERE c.id > %(after)s AND c.state <> ALL ('{closed,void,merged,suspended}') AND c.due_at IS NULL
  AND NOT EXISTS (SELECT FROM dispatch.clocks k WHERE k.case_id = c.id)
ORDER BY c.id
LIMIT %(limit)s
FOR NO KEY UPDATE OF c SKIP LOCKED
