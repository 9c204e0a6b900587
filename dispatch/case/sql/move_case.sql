-- Purpose: change a case that is as it was seen, and count its version on.
-- Parameters: case_id, version, changes (JSON: columns of dispatch.cases with their new values;
-- what it does not name stays). No row: it has moved on.
UPDATE dispatch.cases c
SET version = c.version + 1, state = n.state, state_since = n.state_since,
    holder_code = n.holder_code, held_since = n.held_since, suspended_from = n.suspended_from,
    merged_into = n.merged_into, closed_at = n.closed_at, closing_note = n.closing_note,
    closing_kind = n.closing_kind, hops = n.hops, card = n.card, yellow_at = n.yellow_at,
    due_at = n.due_at, level = n.level, scale = n.scale,
    failed_mediations = n.failed_mediations
FROM (SELECT r.* FROM dispatch.cases o
      CROSS JOIN LATERAL jsonb_populate_record(o, %(changes)s) r
      WHERE o.id = %(case_id)s) n
WHERE c.id = n.id AND c.version = %(version)s
RETURNING c.version
