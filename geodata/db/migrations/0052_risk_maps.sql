-- Saved maps of risk: the question as an address, and what the map said of itself when it was
-- saved. A map tells numbers of the areas it was made in, so whoever may not see all of these areas
-- does not see it either; nobody takes away a map of somebody else. A deleted map is seen by its
-- maker only, who may bring it back as it was.

CREATE TABLE layers.risk_maps (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    query text NOT NULL CHECK (char_length(query) BETWEEN 1 AND 2000),  -- of /risk?<query>
    trust jsonb NOT NULL,                -- facts of the finding, and its backtest or null
    made_by text NOT NULL,               -- subject: 'u:12'
    made_by_name text NOT NULL,
    areas text[] NOT NULL CHECK (cardinality(areas) >= 1),  -- the scope it was made in
    made_at timestamptz NOT NULL,
    deleted_at timestamptz               -- NULL: it is there
);

ALTER TABLE layers.risk_maps ENABLE ROW LEVEL SECURITY;
ALTER TABLE layers.risk_maps FORCE ROW LEVEL SECURITY;

-- Without a scope scope_areas() is NULL, no area begins with it, and no map passes.
CREATE POLICY risk_maps_scope ON layers.risk_maps FOR SELECT TO ganxin_app
    USING ((SELECT geodata.scope_areas()) IS NOT NULL
        AND NOT EXISTS (SELECT FROM unnest(areas) a (code)
                        WHERE NOT a.code ^@ ANY ((SELECT geodata.scope_areas())::text[]))
        AND (deleted_at IS NULL
             OR made_by = ANY ((SELECT geodata.scope_subjects())::text[])));
CREATE POLICY risk_maps_write ON layers.risk_maps FOR INSERT TO ganxin_app
    WITH CHECK (made_by = ANY ((SELECT geodata.scope_subjects())::text[])
        AND NOT EXISTS (SELECT FROM unnest(areas) a (code)
                        WHERE NOT a.code ^@ ANY ((SELECT geodata.scope_areas())::text[])));
CREATE POLICY risk_maps_mark ON layers.risk_maps FOR UPDATE TO ganxin_app
    USING (made_by = ANY ((SELECT geodata.scope_subjects())::text[]));
CREATE POLICY risk_maps_own ON layers.risk_maps FOR DELETE TO ganxin_app
    USING (made_by = ANY ((SELECT geodata.scope_subjects())::text[]));
CREATE POLICY system_all ON layers.risk_maps TO ganxin_system USING (true) WITH CHECK (true);
-- FORCE binds the owner as well; dumps and repairs run as the owner.
DO $$
BEGIN
    EXECUTE format('CREATE POLICY owner_all ON layers.risk_maps TO %I USING (true) '
                   'WITH CHECK (true)', current_user);
END
$$;

GRANT SELECT, INSERT, UPDATE (deleted_at), DELETE ON layers.risk_maps
    TO ganxin_app, ganxin_system;
