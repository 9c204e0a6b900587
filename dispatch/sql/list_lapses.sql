-- Purpose: ladders on which whoever is asked has had time enough. Oldest first.
-- Parameters: now timestamptz, limit.
SELECT o.case_id
FROM dispatch.offers o
JOIN dispatch.cases c ON c.id = o.case_id
WHERE o.state = 'running' AND c.state = 'assigned' AND o.next_at <= %(now)s
ORDER BY o.next_at, o.case_id
LIMIT %(limit)s
