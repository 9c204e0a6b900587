-- Purpose: key figures of the cases and people in scope, in one row.
-- Parameters: now, today and yesterday (begin of the local days), yesterday_now (a day before
--   now), dispatch_since; all timestamptz.
-- Units: seconds in _s; hours are of the local day, 0 to 23.
WITH seen AS MATERIALIZED (
    SELECT c.id, c.state, c.urgent, t.family, c.reported_at, c.closed_at
    FROM dispatch.cases c
    JOIN dispatch.case_types t ON t.code = c.type_code
    WHERE c.state <> ALL ('{void,merged}') AND c.reported_at <= %(now)s::timestamptz
), staff AS MATERIALIZED (
    SELECT p.role FROM dispatch.people p WHERE p.duty = 'on_duty'
), first_sent AS (
    SELECT min(a.assigned_at) AS at, s.reported_at
    FROM seen s
    JOIN dispatch.assignments a ON a.case_id = s.id AND a.role = 'lead'
    WHERE s.reported_at >= %(dispatch_since)s::timestamptz
    GROUP BY s.id, s.reported_at
), hours AS (
    SELECT h.hour,
           count(s.id) FILTER (WHERE s.reported_at >= %(today)s::timestamptz
               AND floor(extract(epoch FROM s.reported_at - %(today)s::timestamptz) / 3600) = h.hour
           )::integer AS reported,
           count(s.id) FILTER (WHERE s.closed_at >= %(today)s::timestamptz
               AND floor(extract(epoch FROM s.closed_at - %(today)s::timestamptz) / 3600) = h.hour
           )::integer AS closed
    FROM generate_series(0, 23) h (hour)
    LEFT JOIN (SELECT * FROM seen WHERE reported_at >= %(today)s::timestamptz
                                     OR closed_at >= %(today)s::timestamptz) s ON true
    GROUP BY h.hour
)
SELECT count(*)::integer AS reported,
       count(*) FILTER (WHERE s.state = 'closed')::integer AS closed,
       count(*) FILTER (WHERE s.state = 'pending')::integer AS pending,
       count(*) FILTER (WHERE s.state <> 'closed')::integer AS open,
       count(*) FILTER (WHERE s.state <> 'closed' AND s.urgent)::integer AS open_urgent,
       (SELECT count(*)::integer FROM staff) AS on_duty,
       (SELECT coalesce(jsonb_object_agg(r.role, r.n), '{}')
        FROM (SELECT role, count(*) AS n FROM staff GROUP BY role) r) AS on_duty_by_role,
       (SELECT round(avg(extract(epoch FROM f.at - f.reported_at)), 1)::float8
        FROM first_sent f) AS average_dispatch_s,
       (SELECT coalesce(jsonb_object_agg(b.state, b.n), '{}')
        FROM (SELECT state, count(*) AS n FROM seen GROUP BY state) b) AS by_state,
       (SELECT coalesce(jsonb_object_agg(b.family, b.n), '{}')
        FROM (SELECT family, count(*) AS n FROM seen GROUP BY family) b) AS by_family,
       (SELECT coalesce(jsonb_object_agg(b.family, b.n), '{}')
        FROM (SELECT family, count(*) AS n FROM seen WHERE state <> 'closed' GROUP BY family) b
       ) AS open_by_family,
       jsonb_build_object(
           'reported', count(*) FILTER (WHERE s.reported_at >= %(today)s::timestamptz),
           'closed', count(*) FILTER (WHERE s.closed_at BETWEEN %(today)s::timestamptz
                                                        AND %(now)s::timestamptz)) AS today,
       jsonb_build_object(
           'reported', count(*) FILTER (WHERE s.reported_at BETWEEN %(yesterday)s::timestamptz
                                                           AND %(yesterday_now)s::timestamptz),
           'closed', count(*) FILTER (WHERE s.closed_at BETWEEN %(yesterday)s::timestamptz
                                                       AND %(yesterday_now)s::timestamptz)
       ) AS yesterday,
       (SELECT jsonb_agg(jsonb_build_object('hour', h.hour, 'reported', h.reported,
                                            'closed', h.closed) ORDER BY h.hour)
        FROM hours h) AS hours,
       %(now)s::timestamptz AS as_of
FROM seen s
