-- The live session behind a cookie, with its user.
-- Parameters: secret_hash (bytea, sha256 of the cookie). Times are the database's.
SELECT s.id, s.csrf_token, s.expires_at, u.id AS user_id, u.username, u.display_name, u.role,
       u.level, u.area_codes, u.person_id, u.locale
FROM web.sessions s
JOIN web.users u ON u.id = s.user_id
WHERE s.secret_hash = %(secret_hash)s
  AND s.ended_at IS NULL
  AND s.expires_at > now()
  AND u.active
