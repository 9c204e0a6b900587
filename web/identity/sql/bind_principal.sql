-- Bind the scope of a principal to the transaction and confirm the credential, in one round trip.
-- Parameters: areas, subjects (texts with commas); credential ('sessions' or 'tokens'),
--   credential_id, user_id; role and area_codes as they were when the verdict was made.
SELECT set_config('ganxin.areas', %(areas)s, true), set_config('ganxin.subjects', %(subjects)s, true),
       EXISTS (SELECT FROM web.users u
               WHERE u.id = %(user_id)s AND u.active AND u.role = %(role)s
                 AND u.area_codes = %(area_codes)s::text[])
       AND CASE %(credential)s
           WHEN 'sessions' THEN EXISTS (SELECT FROM web.sessions s
                                        WHERE s.id = %(credential_id)s AND s.ended_at IS NULL
                                          AND s.expires_at > now())
           ELSE EXISTS (SELECT FROM web.tokens t
                        WHERE t.id = %(credential_id)s AND t.ended_at IS NULL
                          AND (t.expires_at IS NULL OR t.expires_at > now()))
       END AS live
