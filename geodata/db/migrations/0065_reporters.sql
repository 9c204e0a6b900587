-- How to reach who reported a case, if they said so. In clear it is read by one function only, which
-- takes a purpose and writes who read it and why (dispatch.read_reporter); everybody else who sees the
-- case sees the masks. The last four digits and the whole number can be searched for.

CREATE TABLE dispatch.reporters (
    case_id bigint PRIMARY KEY REFERENCES dispatch.cases,
    name text CHECK (char_length(name) BETWEEN 1 AND 60),
    phone text CHECK (phone ~ '^\+?[0-9]{5,20}$'),
    name_masked text GENERATED ALWAYS AS (left(name, 1) || '*') STORED,
    phone_masked text GENERATED ALWAYS AS (
        CASE WHEN char_length(phone) >= 11 THEN left(phone, 3) || '****' || right(phone, 4)
             ELSE '****' || right(phone, 2) END) STORED,
    phone_tail text GENERATED ALWAYS AS (right(phone, 4)) STORED,
    CHECK (name IS NOT NULL OR phone IS NOT NULL)
);
CREATE INDEX reporters_phone ON dispatch.reporters (phone);
CREATE INDEX reporters_tail ON dispatch.reporters (phone_tail);

ALTER TABLE dispatch.reporters ENABLE ROW LEVEL SECURITY;
ALTER TABLE dispatch.reporters FORCE ROW LEVEL SECURITY;
CREATE POLICY reporters_scope ON dispatch.reporters TO ganxin_app USING (EXISTS (
    SELECT FROM dispatch.cases c WHERE c.id = case_id OFFSET 0)) WITH CHECK (true);
CREATE POLICY system_all ON dispatch.reporters TO ganxin_system USING (true) WITH CHECK (true);
DO $$
BEGIN
    EXECUTE format('CREATE POLICY owner_all ON dispatch.reporters TO %I USING (true) '
                   'WITH CHECK (true)', current_user);
END
$$;
-- The clear columns can be written and not read.
GRANT SELECT (case_id, name_masked, phone_masked), INSERT (case_id, name, phone)
    ON dispatch.reporters TO ganxin_app, ganxin_system;

-- Why somebody read what is masked, or took rows away. Their own purposes and, for an auditor, all.
CREATE TABLE dispatch.purposes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    what text NOT NULL,                      -- event kind: 'case.reporter_read'
    case_id bigint,
    words text NOT NULL CHECK (char_length(words) BETWEEN 1 AND 500),
    stated_at timestamptz NOT NULL
);
CREATE INDEX purposes_case ON dispatch.purposes (case_id) WHERE case_id IS NOT NULL;

ALTER TABLE dispatch.purposes ENABLE ROW LEVEL SECURITY;
ALTER TABLE dispatch.purposes FORCE ROW LEVEL SECURITY;
-- Whoever sees a case may know who looked behind its masks, and why.
CREATE POLICY purposes_scope ON dispatch.purposes TO ganxin_app USING (
    subject = ANY ((SELECT geodata.scope_subjects())::text[])
    OR EXISTS (SELECT FROM dispatch.cases c WHERE c.id = case_id OFFSET 0)) WITH CHECK (true);
CREATE POLICY system_all ON dispatch.purposes TO ganxin_system USING (true) WITH CHECK (true);
DO $$
BEGIN
    EXECUTE format('CREATE POLICY owner_all ON dispatch.purposes TO %I USING (true) '
                   'WITH CHECK (true)', current_user);
END
$$;
GRANT SELECT, INSERT ON dispatch.purposes TO ganxin_app, ganxin_system;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA dispatch TO ganxin_app, ganxin_system;

-- The name and phone of who reported a case in sight. No row: none in sight, or nothing is known.
-- The reading is written down before it can be had: the purpose, and an event in the chain.
CREATE FUNCTION dispatch.read_reporter(of_case bigint, who text, purpose text, at timestamptz)
    RETURNS TABLE (name text, phone text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, dispatch, geodata AS
$$
#variable_conflict use_column
DECLARE
    matter dispatch.cases;
BEGIN
    IF purpose IS NULL OR btrim(purpose) = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a purpose is needed';
    END IF;
    SELECT c.* INTO matter FROM dispatch.cases c
    WHERE c.id = of_case
      AND (geodata.in_scope(c.grid_code) OR c.id = ANY (dispatch.scope_cases()));
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO dispatch.purposes (subject, what, case_id, words, stated_at)
    VALUES (who, 'case.reporter_read', of_case, purpose, at);
    INSERT INTO geodata.events_pending (occurred_at, kind, case_id, area_code, actor, payload)
    VALUES (at, 'case.reporter_read', of_case, matter.grid_code, who,
            jsonb_build_object('number', matter.number));
    RETURN QUERY SELECT r.name, r.phone FROM dispatch.reporters r WHERE r.case_id = of_case;
END
$$;

-- Cases whose reporter has a phone number, or one that ends in four digits.
CREATE FUNCTION dispatch.cases_of_phone(digits text) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 5 SET search_path = pg_catalog, dispatch AS
$$
    SELECT r.case_id FROM dispatch.reporters r
    WHERE CASE WHEN char_length(digits) = 4 THEN r.phone_tail = digits ELSE r.phone = digits END
$$;
REVOKE ALL ON FUNCTION dispatch.read_reporter(bigint, text, text, timestamptz),
    dispatch.cases_of_phone(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dispatch.read_reporter(bigint, text, text, timestamptz),
    dispatch.cases_of_phone(text) TO ganxin_app, ganxin_system;
