-- Statistics of dispatch.cases cost 4 s of a processor, for the words of 30,000 cases: a table of
-- ten thousand need not take them for every thousand that come in.
ALTER TABLE dispatch.cases SET (autovacuum_analyze_threshold = 5000);

-- cases_desk (0064) holds the open cases by due time; settled ones are not looked for by it.
DROP INDEX dispatch.cases_due;
