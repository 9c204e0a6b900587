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
-- Points, of which one comes with every case and request, are projected by the Krueger series to
-- the sixth order (Karney 2011, doi 10.1007/s00190-011-0445-3, eq. 11 and 35): ST_Transform builds
-- its pipeline anew in every statement, 1.5 ms against 10 us. A test holds both to 1e-6 m.
CREATE FUNCTION geodata.to_metric(geom geometry) RETURNS geometry
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$
DECLARE
    -- CGCS2000: a = 6378137 m, 1/f = 298.257222101; central meridian 120 E, false easting 500 km.
    e constant double precision := 0.08181919104281579;
    radius_m constant double precision := 6367449.145771048;
    alpha constant double precision[] := ARRAY[8.3773182472855127e-04, 7.6085278481494758e-07, 1.1976455209422675e-09,
        2.4291706548410134e-12, 5.7117578179020346e-15, 1.4911177751870803e-17];
    lat_rad double precision;
    lon_rad double precision;
    tau double precision;
    sigma double precision;
    xi double precision;
    eta double precision;
    north double precision;
    east double precision;
BEGIN
    IF public.GeometryType(geom) <> 'POINT' OR public.ST_IsEmpty(geom)
       OR abs(public.ST_X(geom) - 120) > 20 THEN
        RETURN public.ST_Transform(geom, geodata.metric_epsg());
    END IF;
    lat_rad := radians(public.ST_Y(geom));
    lon_rad := radians(public.ST_X(geom) - 120);
    tau := tan(lat_rad);
    sigma := sinh(e * atanh(e * sin(lat_rad)));
    tau := tau * sqrt(1 + sigma * sigma) - sigma * sqrt(1 + tau * tau);
    xi := atan2(tau, cos(lon_rad));
    eta := asinh(sin(lon_rad) / sqrt(tau * tau + cos(lon_rad) ^ 2));
    north := xi;
    east := eta;
    FOR j IN 1..6 LOOP
        north := north + alpha[j] * sin(2 * j * xi) * cosh(2 * j * eta);
        east := east + alpha[j] * cos(2 * j * xi) * sinh(2 * j * eta);
    END LOOP;
    RETURN public.ST_SetSRID(public.ST_MakePoint(500000 + radius_m * east, radius_m * north),
                             geodata.metric_epsg());
END
$$;

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
