-- Purpose: the first fault of the event chain: an altered, missing or inserted row.
-- Parameters: none. Returns no row when the chain holds, else (seq, problem).
WITH chain AS (
    SELECT e.seq,
           e.hash,
           lag(e.seq, 1, 0::bigint) OVER w AS previous_seq,
           geodata.event_hash(lag(e.hash, 1, '\x'::bytea) OVER w, e.seq, e.id, e.occurred_at,
               e.kind, e.case_id, e.person_id, e.area_code, e.actor, e.payload) AS expected
    FROM geodata.events e
    WINDOW w AS (ORDER BY e.seq)
), faults AS (
    SELECT previous_seq + 1 AS seq, 'missing' AS problem FROM chain WHERE seq <> previous_seq + 1
    UNION ALL
    SELECT seq, 'altered or inserted' FROM chain
    WHERE seq = previous_seq + 1 AND hash <> expected
    UNION ALL
    SELECT h.seq, 'missing' FROM geodata.event_head h
    WHERE h.seq > (SELECT coalesce(max(seq), 0) FROM geodata.events)
    UNION ALL
    SELECT c.seq, 'inserted' FROM chain c, geodata.event_head h WHERE c.seq > h.seq
    UNION ALL
    SELECT h.seq, 'altered or inserted' FROM geodata.event_head h JOIN chain c USING (seq)
    WHERE h.hash <> c.hash
)
SELECT seq, problem FROM faults ORDER BY seq, problem LIMIT 1;
