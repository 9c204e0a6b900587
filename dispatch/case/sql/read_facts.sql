-- Purpose: what a decision about one case needs to know of it, and of who asks.
-- Parameters: case_id, person_id (of who asks, or null), subjects, into (a case to merge into, or
-- null). Row security decides whether there is a row, and whether there is a target.
SELECT c.id, c.number, t.family, c.type_code, t.parent_code, c.urgent, c.state, c.version,
       ARRAY(SELECT DISTINCT r.channel FROM dispatch.reports_of(c.id) r) AS channels, c.grid_code, c.holder_code, c.reported_at, c.state_since, c.held_since,
       c.closed_at, c.suspended_from, c.merged_into, c.hops, c.card, c.failed_mediations,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('role', a.role, 'state', a.state)
                                  ORDER BY a.id), '[]')
        FROM dispatch.assignments a
        WHERE a.case_id = c.id AND a.live AND a.person_id = %(person_id)s) AS my_parts,
       EXISTS (SELECT FROM dispatch.recusals x
               WHERE x.case_id = c.id AND x.person_id = %(person_id)s) AS recused,
       c.reported_by = ANY (%(subjects)s)
           OR EXISTS (SELECT FROM dispatch.reports_of(c.id) r
                      WHERE r.subject = ANY (%(subjects)s)) AS my_report,
       (SELECT count(*)::integer FROM dispatch.assignments a
        WHERE a.case_id = c.id AND a.live AND a.role = 'joint') AS open_joint,
       (SELECT e.asked_by FROM dispatch.extensions e
        WHERE e.case_id = c.id AND e.granted IS NULL) AS request_by,
       g.id AS target_id, g.number AS target_number, g.state AS target_state
FROM dispatch.cases c
JOIN dispatch.case_types t ON t.code = c.type_code
LEFT JOIN dispatch.cases g ON g.id = %(into)s::bigint
WHERE c.id = %(case_id)s
