-- Purpose: which of these sessions and tokens still let their user in, and with what authority.
-- Parameters: sessions bigint[], tokens bigint[] (row ids). Returns one row per valid one:
-- credential ('sessions:12'), authority (text that changes whenever the user's reach does).
WITH held AS (
    SELECT 'sessions:' || s.id AS credential, s.user_id
    FROM web.sessions s
    WHERE s.id = ANY (%(sessions)s::bigint[]) AND s.ended_at IS NULL AND s.expires_at > now()
    UNION ALL
    SELECT 'tokens:' || t.id, t.user_id
    FROM web.tokens t
    WHERE t.id = ANY (%(tokens)s::bigint[]) AND t.ended_at IS NULL
      AND (t.expires_at IS NULL OR t.expires_at > now())
)
SELECT h.credential, concat_ws('|', u.role, u.level, u.area_codes::text, u.person_id) AS authority
FROM held h
JOIN web.users u ON u.id = h.user_id
WHERE u.active;
