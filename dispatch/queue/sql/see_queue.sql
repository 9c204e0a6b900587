-- Purpose: whether a case of an automatic type waits, and numbers that change with whatever may
-- change what is proposed: waiting cases, people, parts, and what is set for types.
-- No parameters.
SELECT coalesce(w.automatic, 0) AS automatic, w.waiting, w.versions,
       (SELECT sum(p.version) FROM dispatch.people p WHERE w.automatic > 0) AS people,
       (SELECT array[max(a.id), count(*) FILTER (WHERE a.live)] FROM dispatch.assignments a
        WHERE w.automatic > 0) AS parts,
       (SELECT array_agg(m.id || m.mode ORDER BY m.id) FROM dispatch.queue_modes m) AS modes
FROM (
    SELECT count(*) FILTER (WHERE q.mode = 'automatic') AS automatic, count(*) AS waiting,
           sum(c.version) AS versions
    FROM dispatch.cases c
    JOIN dispatch.case_types t ON t.code = c.type_code
    CROSS JOIN LATERAL dispatch.queue_mode(t.code, t.parent_code, t.family) q (mode)
    WHERE c.state = 'pending'
      AND EXISTS (SELECT FROM dispatch.queue_modes WHERE mode = 'automatic')
      AND NOT EXISTS (SELECT FROM dispatch.offers o
                      WHERE o.case_id = c.id AND o.state = 'running')
) w
