-- Purpose: bring the shipped days up to date; what the district has set stays, and so does all of
-- a year that the district itself has declared published.
-- Parameters: days (date[]), working (boolean[]), names (text[]), source, district (text).
WITH shipped AS (
    SELECT s.day, s.working, s.name
    FROM unnest(%(days)s::date[], %(working)s::boolean[], %(names)s::text[])
        AS s (day, working, name)
    LEFT JOIN dispatch.work_years y ON y.year = extract(year FROM s.day)
    WHERE y.published_from IS DISTINCT FROM %(district)s
), gone AS (
    DELETE FROM dispatch.work_days d
    WHERE d.source = %(source)s AND NOT d.day = ANY (%(days)s::date[])
)
INSERT INTO dispatch.work_days AS d (day, working, name, source)
SELECT s.day, s.working, s.name, %(source)s FROM shipped s
ON CONFLICT (day) DO UPDATE SET working = excluded.working, name = excluded.name
WHERE d.source = %(source)s
  AND (d.working, d.name) IS DISTINCT FROM (excluded.working, excluded.name)
