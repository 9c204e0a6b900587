-- Purpose: ids of one page of cases in scope, newest first, to be joined with what row security
-- shows of dispatch.cases. Parameters: see dispatch.find_cases (migration 0072); null is no condition.
SELECT found.id
FROM dispatch.find_cases(%(states)s::text[], %(families)s::text[], %(type_codes)s::text[],
    %(urgent)s::boolean, %(area)s::text, %(part)s::text, %(pattern)s::text, %(mine)s::text[],
    %(takers)s::bigint[], %(since)s::timestamptz, %(until)s::timestamptz,
    %(after_at)s::timestamptz, %(after_id)s::bigint, %(amount)s::integer) found
