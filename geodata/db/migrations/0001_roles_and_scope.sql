-- Roles, schemas and the scope functions that row-level security reads.
-- ganxin_app serves people and owns nothing; ganxin_system does background work by name.
-- Forward only. Runs as the owner of the database.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ganxin_app') THEN
        CREATE ROLE ganxin_app LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ganxin_system') THEN
        CREATE ROLE ganxin_system LOGIN;
    END IF;
    EXECUTE format('GRANT ganxin_app, ganxin_system TO %I', current_user);
EXCEPTION
    -- Two databases of one cluster may be migrated at the same moment; roles are cluster-wide.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE SCHEMA geodata;
CREATE SCHEMA layers;
CREATE SCHEMA dispatch;
CREATE SCHEMA web;
GRANT USAGE ON SCHEMA geodata, layers, dispatch, web TO ganxin_app, ganxin_system;

-- The district's metric CRS stands in this one place: CGCS2000 / 3-degree Gauss-Kruger CM 120E.
CREATE FUNCTION geodata.metric_epsg() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 4549';

-- EPSG:4326 -> the metric CRS, in metres. IMMUTABLE so that columns can be generated from it.
CREATE FUNCTION geodata.to_metric(geom geometry) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS 'SELECT public.ST_Transform(geom, geodata.metric_epsg())';

-- The code prefixes the present transaction may see; NULL (no row passes) when none were set.
CREATE FUNCTION geodata.scope_areas() RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT string_to_array(nullif(current_setting('ganxin.areas', true), ''), ',') $$;

-- Who is asking: 'u:<user id>' and, for staff, 'p:<person id>'; participation is kept by subject.
CREATE FUNCTION geodata.scope_subjects() RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT string_to_array(nullif(current_setting('ganxin.subjects', true), ''), ',') $$;

CREATE FUNCTION geodata.in_scope(code text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT code ^@ ANY (geodata.scope_areas()) $$;
