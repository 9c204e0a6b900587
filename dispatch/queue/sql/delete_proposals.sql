-- Purpose: take old proposals away, and soon those of which nobody decided a line.
-- Parameters: before, untouched_before (moments).
DELETE FROM dispatch.proposals p
WHERE p.made_at < %(before)s
   OR (p.made_at < %(untouched_before)s
       AND NOT EXISTS (SELECT FROM dispatch.proposal_lines l
                       WHERE l.proposal_id = p.id AND l.decided_at IS NOT NULL))
