-- dispatch.find_cases plans its own statements each time. From the sixth call on PostgreSQL would
-- keep one plan for all areas: to find out whether a case lies beyond the district, where none
-- does, that plan reads every case (1.7 s of a million) instead of one entry of an index.
ALTER FUNCTION dispatch.find_cases(text[], text[], text[], boolean, text, text, text, text[],
    bigint[], timestamptz, timestamptz, timestamptz, bigint, integer)
    SET plan_cache_mode = force_custom_plan;
