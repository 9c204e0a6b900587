-- Purpose: where people live, as columns: the middle and the residents of every lived-in building.
-- Parameters: none. Public ground: head counts, never persons.
-- Units: x_m, y_m in metres of the district's metric CRS.
SELECT string_agg(float8send(ST_X(middle)), ''::bytea) AS x_m,
       string_agg(float8send(ST_Y(middle)), ''::bytea) AS y_m,
       string_agg(float8send(residents), ''::bytea) AS residents
FROM (SELECT geodata.to_metric(ST_Centroid(geom)) AS middle, residents
      FROM layers.buildings WHERE residents > 0) b
