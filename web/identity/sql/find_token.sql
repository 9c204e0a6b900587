-- The live bearer token, with its owner.
-- Parameters: secret_hash (bytea, sha256 of the token). Times are the database's.
SELECT t.id, NULL::text AS csrf_token, t.expires_at, u.id AS user_id, u.username, u.display_name,
       u.role, u.level, u.area_codes, u.person_id, u.locale
FROM web.tokens t
JOIN web.users u ON u.id = t.user_id
WHERE t.secret_hash = %(secret_hash)s
  AND t.ended_at IS NULL
  AND (t.expires_at IS NULL OR t.expires_at > now())
  AND u.active
