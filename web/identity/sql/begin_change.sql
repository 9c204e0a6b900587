-- Purpose: begin a change (migration 0051): scope, credential and stored reply in one round trip.
-- Parameters: areas, subjects (texts with commas); credential ('sessions' or 'tokens'),
-- credential_id, user_id; role and area_codes as they were when the verdict was made; key (null:
-- none).
SELECT live, request_hash, status, body
FROM web.begin_change(%(areas)s, %(subjects)s, %(credential)s, %(credential_id)s, %(user_id)s,
                      %(role)s, %(area_codes)s::text[], %(key)s::text)
