-- Purpose: what happened where in the 90 days before the newest case of the demo's past.
-- Parameters: none.
SELECT c.building_id, c.type_code
FROM dispatch.cases c
WHERE c.building_id IS NOT NULL
  AND c.reported_at > (SELECT max(reported_at) FROM dispatch.cases) - interval '90 days'
ORDER BY c.id;
