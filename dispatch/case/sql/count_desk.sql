-- Purpose: open cases by what is to be done with them, in all (holder_code NULL) and by who holds them.
-- Parameters: page (composed in), a query for rows of dispatch.cases; at (now), stuck_after_h (hours).
-- Row security limits cases.
SELECT c.holder_code,
       count(*)::integer AS open,
       count(*) FILTER (WHERE c.state = 'reported')::integer AS accept,
       count(*) FILTER (WHERE c.state = 'pending')::integer AS dispatch,
       count(*) FILTER (WHERE c.state IN ('assigned', 'acknowledged', 'arrived'))::integer AS in_hand,
       count(*) FILTER (WHERE c.state = 'suspended')::integer AS suspended,
       count(*) FILTER (WHERE c.state = 'handled')::integer AS verify,
       count(*) FILTER (WHERE c.state = 'verified')::integer AS close,
       count(*) FILTER (WHERE c.due_at <= %(at)s)::integer AS late,
       count(*) FILTER (WHERE c.card IS NOT NULL)::integer AS carded,
       count(*) FILTER (WHERE c.hops > 0)::integer AS returned,
       count(*) FILTER (WHERE c.state_since <= %(at)s - %(stuck_after_h)s * interval '1 hour')::integer AS stuck
FROM ({page}) c
GROUP BY GROUPING SETS ((), (c.holder_code))
