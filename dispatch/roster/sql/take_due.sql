-- Purpose: lock people whose plan has come to a turn, those that nobody else works on, in the order
-- of their ids. Parameters: now, limit. A roster changed meanwhile is looked at again (FOR UPDATE
-- rechecks turn_at), so no turn is taken twice.
SELECT r.person_id, r.turn_at, p.duty, p.home_code, p.role
FROM dispatch.rosters r JOIN dispatch.people p ON p.id = r.person_id
WHERE r.turn_at <= %(now)s
ORDER BY r.person_id
LIMIT %(limit)s
FOR NO KEY UPDATE OF r, p SKIP LOCKED
