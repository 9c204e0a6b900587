-- Purpose: who has taken part in each of these cases (system role).
-- Parameters: case_ids bigint[]. Returns (case_id, subjects text[]).
SELECT case_id, array_agg(subject) AS subjects
FROM dispatch.participations
WHERE case_id = ANY (%(case_ids)s::bigint[])
GROUP BY case_id;
