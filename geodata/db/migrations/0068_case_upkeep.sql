-- dispatch.find_cases plans its own statements each time. From the sixth call on PostgreSQL would
-- keep one plan for all areas: to find out whether a case lies beyond the district, where none
-- does, that plan reads every case (1.7 s of a million) instead of one entry of an index.
ALTER FUNCTION dispatch.find_cases(text[], text[], text[], boolean, text, text, text, text[],
    bigint[], timestamptz, timestamptz, timestamptz, bigint, integer)
    SET plan_cache_mode = force_custom_plan;

-- Statistics of dispatch.cases cost 4 s of a processor, for the words of 30,000 cases: a table of
-- ten thousand need not take them for every thousand that come in.
ALTER TABLE dispatch.cases SET (autovacuum_analyze_threshold = 5000);

-- cases_desk (0064) holds the open cases by due time; settled ones are not looked for by it.
DROP INDEX dispatch.cases_due;
