-- Purpose: end the ladders of cases that somebody acknowledged, or that went another way.
-- Parameters: now timestamptz.
UPDATE dispatch.offers o
SET state = CASE WHEN c.state IN ('acknowledged', 'arrived', 'handled', 'verified', 'closed')
                 THEN 'accepted' ELSE 'stopped' END,
    next_at = NULL,
    ended_at = %(now)s
FROM dispatch.cases c
WHERE c.id = o.case_id AND o.state = 'running' AND c.state <> ALL ('{pending,assigned}')
