-- Purpose: ladders that stand still: nobody is asked now, or the case went another way. Oldest first.
-- Parameters: limit.
SELECT o.case_id
FROM dispatch.offers o
JOIN dispatch.cases c ON c.id = o.case_id
WHERE o.state = 'running' AND c.state <> 'assigned'
ORDER BY o.next_at NULLS FIRST, o.case_id
LIMIT %(limit)s
