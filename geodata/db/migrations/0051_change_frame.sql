-- The frame of a change in one round trip: the scope is bound, the credential confirmed, and the
-- reply looked up that an Idempotency-Key has already had. Requests with one key wait for each other
-- on its lock, so whoever gets here first works and the others find the reply: the row is written
-- once, with the reply, instead of claimed and completed. The primary key remains the last word.

CREATE FUNCTION web.begin_change(areas text, subjects text, credential text,
    credential_id bigint, for_user bigint, as_role text, with_areas text[], with_key text)
    RETURNS TABLE (live boolean, request_hash bytea, status smallint, body text)
    LANGUAGE plpgsql VOLATILE ROWS 1 AS
$$
#variable_conflict use_column
BEGIN
    PERFORM set_config('ganxin.areas', areas, true), set_config('ganxin.subjects', subjects, true);
    IF with_key IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(for_user || ' ' || with_key, 0));
    END IF;
    -- Statements of their own: they see what was committed while the lock was waited for.
    live := EXISTS (SELECT FROM web.users u
                    WHERE u.id = for_user AND u.active AND u.role = as_role
                      AND u.area_codes = with_areas)
        AND CASE credential
            WHEN 'sessions' THEN EXISTS (SELECT FROM web.sessions s
                                         WHERE s.id = credential_id AND s.ended_at IS NULL
                                           AND s.expires_at > now())
            ELSE EXISTS (SELECT FROM web.tokens t
                         WHERE t.id = credential_id AND t.ended_at IS NULL
                           AND (t.expires_at IS NULL OR t.expires_at > now()))
            END;
    IF live AND with_key IS NOT NULL THEN
        SELECT k.request_hash, k.status, k.body INTO request_hash, status, body
        FROM web.idempotency_keys k WHERE k.user_id = for_user AND k.key = with_key;
    END IF;
    RETURN NEXT;
END
$$;
