import psycopg


def test_points_are_projected_as_postgis_does(empty_db: str) -> None:
    """The fast series for points and ST_Transform agree to a micrometre over the whole zone."""
    with psycopg.connect(empty_db) as conn:
        row = conn.execute(
            "SELECT max(ST_Distance(geodata.to_metric(p),"
            "                       ST_Transform(p, geodata.metric_epsg()))), count(*)"
            " FROM (SELECT ST_SetSRID(ST_MakePoint(118 + x * 0.1, 30 + y * 0.25), 4326) AS p"
            "       FROM generate_series(0, 40) x, generate_series(0, 60) y) s"
        ).fetchone()
    assert row is not None
    assert row[1] == 41 * 61
    assert row[0] < 1e-6


def test_other_shapes_and_far_points_go_through_postgis(empty_db: str) -> None:
    with psycopg.connect(empty_db) as conn:
        row = conn.execute(
            "SELECT ST_SRID(geodata.to_metric('SRID=4326;LINESTRING(121 39, 122 39)')),"
            " ST_SRID(geodata.to_metric('SRID=4326;POINT(60 39)')),"
            " geodata.to_metric(NULL) IS NULL"
        ).fetchone()
    assert row == (4549, 4549, True)
