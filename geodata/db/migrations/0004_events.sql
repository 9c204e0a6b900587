-- Events. A writer's transaction inserts into events_pending; one sequencer seals pending rows:
-- a gapless seq, a hash chained to the row before, one NOTIFY per batch. See docs/decisions/0003.

CREATE TABLE geodata.events_pending (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    kind text NOT NULL,                  -- 'case.reported', 'assignment.assigned', ...
    case_id bigint,
    person_id bigint,
    area_code text NOT NULL,             -- whose matter it is: the scope of the readers
    actor text NOT NULL,                 -- 'u:12', 'p:345', 'system:demo'
    payload jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE geodata.events (
    seq bigint PRIMARY KEY,
    id bigint NOT NULL UNIQUE,
    occurred_at timestamptz NOT NULL,
    kind text NOT NULL,
    case_id bigint,
    person_id bigint,
    area_code text NOT NULL,
    actor text NOT NULL,
    payload jsonb NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX events_case ON geodata.events (case_id, seq) WHERE case_id IS NOT NULL;

-- The end of the chain, so that a missing last row is noticed too.
CREATE TABLE geodata.event_head (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    seq bigint NOT NULL,
    hash bytea NOT NULL
);
INSERT INTO geodata.event_head (seq, hash) VALUES (0, '\x');

CREATE FUNCTION geodata.event_hash(previous bytea, seq bigint, id bigint, occurred_at timestamptz,
    kind text, case_id bigint, person_id bigint, area_code text, actor text, payload jsonb)
    RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT sha256(previous || convert_to(jsonb_build_array(
        seq, id, extract(epoch FROM occurred_at), kind, case_id, person_id, area_code, actor,
        payload)::text, 'UTF8'))
$$;

-- Seal up to batch_size pending events. Returns the last sealed seq, NULL if nothing was pending.
-- One sealer at a time: whoever finds the lock taken returns NULL and loses nothing.
CREATE FUNCTION geodata.seal_events(batch_size integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, geodata AS
$$
DECLARE
    head_seq bigint;
    head_hash bytea;
    sealed integer := 0;
    pending record;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('ganxin.sequencer')) THEN
        RETURN NULL;
    END IF;
    SELECT h.seq, h.hash INTO STRICT head_seq, head_hash FROM geodata.event_head h;
    FOR pending IN
        WITH taken AS (
            DELETE FROM geodata.events_pending p
            WHERE p.id IN (SELECT q.id FROM geodata.events_pending q ORDER BY q.id LIMIT batch_size)
            RETURNING p.*)
        SELECT * FROM taken ORDER BY taken.id
    LOOP
        head_seq := head_seq + 1;
        head_hash := geodata.event_hash(head_hash, head_seq, pending.id, pending.occurred_at,
            pending.kind, pending.case_id, pending.person_id, pending.area_code, pending.actor,
            pending.payload);
        INSERT INTO geodata.events (seq, id, occurred_at, kind, case_id, person_id, area_code,
                                    actor, payload, hash)
        VALUES (head_seq, pending.id, pending.occurred_at, pending.kind, pending.case_id,
                pending.person_id, pending.area_code, pending.actor, pending.payload, head_hash);
        sealed := sealed + 1;
    END LOOP;
    IF sealed = 0 THEN
        RETURN NULL;
    END IF;
    UPDATE geodata.event_head SET seq = head_seq, hash = head_hash;
    PERFORM pg_notify('ganxin_events', head_seq::text);
    RETURN head_seq;
END
$$;
REVOKE ALL ON FUNCTION geodata.seal_events(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION geodata.seal_events(integer) TO ganxin_system;

GRANT INSERT ON geodata.events_pending TO ganxin_app, ganxin_system;
GRANT SELECT ON geodata.events, geodata.events_pending, geodata.event_head TO ganxin_system;
GRANT SELECT ON geodata.events TO ganxin_app;
