-- The work calendar, by which clocks of cases run: editable by the district, seeded from a library.
-- Only days that somebody said something about have a row: all others are Monday to Friday. A year
-- without a row in work_years is not published, and a due time that rests on it is provisional.

CREATE TABLE dispatch.work_days (
    day date PRIMARY KEY,
    working boolean NOT NULL,
    name text NOT NULL CHECK (char_length(name) <= 60),  -- '国庆节', '国庆节调休', may be empty
    source text NOT NULL                 -- 'chinesecalendar', or 'district': never overwritten
);

CREATE TABLE dispatch.work_years (
    year smallint PRIMARY KEY CHECK (year BETWEEN 1992 AND 2200),
    published_from text NOT NULL         -- 'chinesecalendar 1.11.0', or 'district'
);

-- Local time, whole minutes. The exclusion counts minutes: there is no range of times of day.
CREATE TABLE dispatch.work_hours (
    opens time PRIMARY KEY CHECK (extract(second FROM opens) = 0),
    closes time NOT NULL CHECK (extract(second FROM closes) = 0 AND closes < '24:00'),
    CHECK (opens < closes),
    EXCLUDE USING gist (int4range((extract(epoch FROM opens) / 60)::integer,
                                  (extract(epoch FROM closes) / 60)::integer) WITH &&)
);

-- Goes up with every transaction that changes anything above: processes keep the calendar for as
-- long as it stands.
CREATE TABLE dispatch.work_calendar_version (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    version bigint NOT NULL
);
INSERT INTO dispatch.work_calendar_version (version) VALUES (1);

CREATE FUNCTION dispatch.work_calendar_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS
$$
BEGIN
    IF EXISTS (SELECT FROM changed) THEN
        UPDATE dispatch.work_calendar_version SET version = version + 1;
    END IF;
    RETURN NULL;
END
$$;

DO $$
DECLARE
    target text;
    change text;
BEGIN
    FOREACH target IN ARRAY ARRAY['work_days', 'work_years', 'work_hours'] LOOP
        FOREACH change IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE'] LOOP
            EXECUTE format('CREATE TRIGGER %I AFTER %s ON dispatch.%I REFERENCING %s TABLE AS '
                           'changed FOR EACH STATEMENT '
                           'EXECUTE FUNCTION dispatch.work_calendar_changed()',
                           target || '_' || lower(change), change, target,
                           CASE change WHEN 'DELETE' THEN 'OLD' ELSE 'NEW' END);
        END LOOP;
    END LOOP;
END
$$;

GRANT SELECT ON dispatch.work_days, dispatch.work_years, dispatch.work_hours,
    dispatch.work_calendar_version TO ganxin_app, ganxin_system;
GRANT INSERT, UPDATE, DELETE ON dispatch.work_days, dispatch.work_years, dispatch.work_hours
    TO ganxin_system;
-- Whoever edits locks the version first, so that two edits follow one another.
GRANT UPDATE ON dispatch.work_calendar_version TO ganxin_system;
