-- Purpose: population of areas, rolled up from the newest count of each grid not after a day.
-- Parameters: on (date), digits (length of the codes to sum by), within (code prefix or NULL).
-- Units: persons and households.
WITH newest AS (
    SELECT DISTINCT ON (grid_code) grid_code, as_of, households, residents, elders, children
    FROM layers.populations
    WHERE as_of <= %(on)s AND (%(within)s::text IS NULL OR grid_code ^@ %(within)s)
    ORDER BY grid_code, as_of DESC
)
SELECT left(grid_code, %(digits)s) AS code, min(as_of) AS as_of,
       sum(households)::int AS households, sum(residents)::int AS residents,
       sum(elders)::int AS elders, sum(children)::int AS children
FROM newest
GROUP BY 1
ORDER BY 1
