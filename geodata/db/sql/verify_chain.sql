-- Purpose: the first fault of the event chain: an altered, a missing or an inserted row.
-- Parameters: none. Returns no row when the chain holds, else (seq, problem).
-- A row whose hash does not fit is altered, or inserted if the row behind it belongs in its place.
-- What this cannot see: somebody who rewrites every hash from the fault on and the head as well.
WITH chain AS (
    SELECT e.seq,
           e.hash,
           lag(e.seq, 1, 0::bigint) OVER w AS previous_seq,
           geodata.event_hash(lag(e.hash, 1, '\x'::bytea) OVER w, e.seq, e.id, e.occurred_at,
               e.kind, e.case_id, e.person_id, e.area_code, e.actor, e.payload) AS expected
    FROM geodata.events e
    WINDOW w AS (ORDER BY e.seq)
), faults AS (
    SELECT seq, 'inserted' AS problem FROM chain
    WHERE seq < 1 OR seq > (SELECT h.seq FROM geodata.event_head h)
    UNION ALL
    SELECT previous_seq + 1, 'missing' FROM chain
    WHERE seq > previous_seq + 1 AND seq > 1
      AND previous_seq < (SELECT h.seq FROM geodata.event_head h)
    UNION ALL
    SELECT seq, 'altered' FROM chain
    WHERE seq = previous_seq + 1 AND hash <> expected
      AND seq <= (SELECT h.seq FROM geodata.event_head h)
    UNION ALL
    SELECT last.seq + 1, 'missing'
    FROM geodata.event_head h, (SELECT coalesce(max(seq), 0) AS seq FROM geodata.events) last
    WHERE h.seq > last.seq
    UNION ALL
    SELECT h.seq, 'altered' FROM geodata.event_head h JOIN chain c USING (seq)
    WHERE h.hash <> c.hash
), first AS (
    SELECT seq, problem FROM faults ORDER BY seq, problem LIMIT 1
)
SELECT coalesce(one_more.seq, f.seq) AS seq, coalesce(one_more.problem, f.problem) AS problem
FROM first f
LEFT JOIN LATERAL (
    -- The row that fits one place further up, behind row p, shows that the one between was put in:
    -- found at the fault (its own hash is nonsense) or one before it (its own hash was computed).
    SELECT n.seq - 1 AS seq, 'inserted' AS problem
    FROM geodata.events n
    LEFT JOIN geodata.events p ON p.seq = n.seq - 2
    WHERE f.problem = 'altered' AND n.seq IN (f.seq, f.seq + 1)
      AND (p.seq IS NOT NULL OR n.seq = 2)
      AND n.hash = geodata.event_hash(coalesce(p.hash, '\x'), n.seq - 1, n.id, n.occurred_at,
          n.kind, n.case_id, n.person_id, n.area_code, n.actor, n.payload)
    ORDER BY n.seq LIMIT 1
) one_more ON true;
