-- Sealing in sets: the rows are taken through the key (an array of ids; a semi-join would read the
-- whole queue once statistics have seen it full), the chain is walked over an array in memory, and
-- the batch is written by one INSERT. Same order, same hashes, same lock as before.

CREATE OR REPLACE FUNCTION geodata.seal_events(batch_size integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, geodata AS
$$
DECLARE
    head_seq bigint;
    head_hash bytea;
    ids bigint[];
    batch geodata.events_pending[];
    hashes bytea[] := '{}';
    pending geodata.events_pending;
    sealed integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('ganxin.sequencer')) THEN
        RETURN NULL;
    END IF;
    ids := ARRAY(SELECT q.id FROM geodata.events_pending q ORDER BY q.id LIMIT batch_size);
    IF cardinality(ids) = 0 THEN
        RETURN NULL;
    END IF;
    WITH taken AS (
        DELETE FROM geodata.events_pending p WHERE p.id = ANY (ids) RETURNING p)
    SELECT array_agg(taken.p ORDER BY (taken.p).id) INTO STRICT batch FROM taken;
    SELECT h.seq, h.hash INTO STRICT head_seq, head_hash FROM geodata.event_head h;
    FOREACH pending IN ARRAY batch LOOP
        sealed := sealed + 1;
        head_hash := geodata.event_hash(head_hash, head_seq + sealed, pending.id,
            pending.occurred_at, pending.kind, pending.case_id, pending.person_id,
            pending.area_code, pending.actor, pending.payload);
        hashes[sealed] := head_hash;
    END LOOP;
    INSERT INTO geodata.events (seq, id, occurred_at, kind, case_id, person_id, area_code, actor,
                                payload, hash)
    SELECT head_seq + b.place, b.id, b.occurred_at, b.kind, b.case_id, b.person_id, b.area_code,
           b.actor, b.payload, b.hash
    FROM ROWS FROM (unnest(batch), unnest(hashes)) WITH ORDINALITY
        AS b (id, occurred_at, kind, case_id, person_id, area_code, actor, payload, hash, place);
    UPDATE geodata.event_head SET seq = head_seq + sealed, hash = head_hash;
    PERFORM pg_notify('ganxin_events', (head_seq + sealed)::text);
    RETURN head_seq + sealed;
END
$$;
