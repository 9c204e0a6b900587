-- Purpose: every incident in scope as columns, one value after the other in network byte order: what
--   numpy reads at once. One row; row-level security of dispatch.cases decides which cases count.
-- Parameters: none. Recommendations follow from risk maps and are no incidents; void and merged ones neither.
-- Units: x_m, y_m in metres of the district's metric CRS; at_s seconds since 1970; local_s the same
--   of the local wall clock (Asia/Shanghai).
SELECT count(*)::int AS n,
       string_agg(int8send(c.id), ''::bytea) AS id,
       string_agg(float8send(ST_X(c.geom_m)), ''::bytea) AS x_m,
       string_agg(float8send(ST_Y(c.geom_m)), ''::bytea) AS y_m,
       string_agg(float8send(extract(epoch FROM c.reported_at)::float8), ''::bytea) AS at_s,
       string_agg(float8send(extract(epoch FROM c.reported_at AT TIME ZONE 'Asia/Shanghai')::float8),
                  ''::bytea) AS local_s,
       string_agg(convert_to(rpad(c.type_code, 8), 'UTF8'), ''::bytea) AS type_code,
       string_agg(convert_to(rpad(coalesce(t.parent_code, c.type_code), 8), 'UTF8'), ''::bytea)
           AS class_code,
       string_agg(convert_to(rpad(t.family, 16), 'UTF8'), ''::bytea) AS family,
       string_agg(convert_to(c.grid_code, 'UTF8'), ''::bytea) AS grid_code,
       string_agg(convert_to(CASE WHEN c.urgent THEN '1' ELSE '0' END, 'UTF8'), ''::bytea) AS urgent,
       string_agg(convert_to(CASE WHEN c.channel IN ('grid_worker', 'patrol') THEN '1' ELSE '0' END,
                             'UTF8'), ''::bytea) AS found
FROM dispatch.cases c
JOIN dispatch.case_types t ON t.code = c.type_code
WHERE c.state <> ALL ('{void,merged}') AND t.family <> 'recommendation'
