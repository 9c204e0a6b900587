-- Purpose: cases reported on every local day of a period, days without any included.
-- Parameters: since, until (timestamptz, half-open), families (text[]) and within (code prefix) or
--   NULL for all. Row-level security of dispatch.cases decides which cases count.
SELECT to_char(d.day, 'YYYY-MM-DD') AS day, count(c.id) AS count
FROM generate_series(date_trunc('day', %(since)s::timestamptz AT TIME ZONE 'Asia/Shanghai'),
                     (%(until)s::timestamptz - interval '1 microsecond')
                         AT TIME ZONE 'Asia/Shanghai',
                     interval '1 day') AS d (day)
LEFT JOIN (
    SELECT c.id, date_trunc('day', c.reported_at AT TIME ZONE 'Asia/Shanghai') AS day
    FROM dispatch.cases c
    JOIN dispatch.case_types t ON t.code = c.type_code
    WHERE c.state <> 'void' AND c.reported_at >= %(since)s AND c.reported_at < %(until)s
      AND (%(families)s::text[] IS NULL OR t.family = ANY (%(families)s))
      AND (%(within)s::text IS NULL OR c.grid_code ^@ %(within)s)
) c ON c.day = d.day
GROUP BY d.day
ORDER BY d.day
