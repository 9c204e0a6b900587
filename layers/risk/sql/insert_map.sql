-- Purpose: save a map; row security refuses areas beyond the scope and another maker.
-- Parameters: name, query, trust (jsonb), made_by (subject), made_by_name, areas (text[]), made_at.
INSERT INTO layers.risk_maps (name, query, trust, made_by, made_by_name, areas, made_at)
VALUES (%(name)s, %(query)s, %(trust)s, %(made_by)s, %(made_by_name)s, %(areas)s, %(made_at)s)
RETURNING id, name, query, trust, made_by, made_by_name, areas, made_at
