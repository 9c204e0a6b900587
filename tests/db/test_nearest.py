"""The ten nearest on duty in the demo district: the same people as PostGIS finds by its index."""

from __future__ import annotations

import random

import psycopg
import pytest
from psycopg.rows import dict_row

from dispatch.people.nearest import Near, read_places
from geodata.crs import from_metric
from geodata.db.pool import make_pool
from geodata.db.scope import Scope, scoped
from tests.db import world as w
from tests.db.world import World, commander, dispatcher

QUESTIONS, COUNT = 200, 10
AT = "geodata.to_metric(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326))"
KNN = f"""
SELECT person_id, distance_m FROM (
    SELECT id AS person_id, geom <-> {AT} AS distance_m FROM on_duty
    ORDER BY geom <-> {AT} FETCH FIRST (%(count)s) ROWS WITH TIES) near
ORDER BY distance_m, person_id LIMIT %(count)s
"""  # noqa: S608 - a fixed expression


def peer(dsn: str) -> psycopg.Connection[dict[str, object]]:
    """Connect as the owner; people on duty are in a table with a GiST index."""
    conn = psycopg.connect(dsn, row_factory=dict_row)
    conn.execute(
        "CREATE TEMP TABLE on_duty AS SELECT p.id, geodata.to_metric(coalesce(ST_SetSRID("
        "ST_MakePoint(f.lon, f.lat), 4326), p.home)) AS geom FROM dispatch.people p"
        " LEFT JOIN dispatch.positions f ON f.person_id = p.id WHERE p.duty = 'on_duty'"
    )
    conn.execute("CREATE INDEX ON on_duty USING gist (geom)")
    return conn


def asked_of_peer(
    conn: psycopg.Connection[dict[str, object]], lon: float, lat: float, count: int = COUNT
) -> list[Near]:
    rows = conn.execute(KNN, {"lon": lon, "lat": lat, "count": count}).fetchall()
    return [Near(**row) for row in rows]  # type: ignore[arg-type]


def test_the_same_ten_as_postgis_over_the_demo(demo_dsn: str):
    dice = random.Random(7)  # noqa: S311 - dice, not secrets
    pool = make_pool(demo_dsn, "ganxin_app", name="test", max_size=1)
    with scoped(pool, commander().scope) as conn, peer(demo_dsn) as other:
        places = read_places(conn)
        homes = other.execute("SELECT ST_X(geom) AS x, ST_Y(geom) AS y FROM on_duty").fetchall()
        assert len(places) == len(homes) > 15_000
        for number, home in enumerate(dice.sample(homes, QUESTIONS)):
            # Every other question is asked at somebody's own place, where ties are.
            off_m = [0.0, 0.0] if number % 2 else [dice.uniform(-3000, 3000) for _ in range(2)]
            x_m, y_m = float(home["x"]) + off_m[0], float(home["y"]) + off_m[1]  # type: ignore[arg-type]
            (lon,), (lat,) = from_metric(x_m, y_m)
            ours = places.nearest(float(lon), float(lat), COUNT)
            theirs = asked_of_peer(other, float(lon), float(lat))
            assert [one.distance_m for one in ours] == pytest.approx(
                [one.distance_m for one in theirs], abs=1e-4
            )
            assert [one.person_id for one in ours] == [one.person_id for one in theirs]
    pool.close()


def test_equally_near_ones_come_by_id_as_in_postgis(world: World):
    lon, lat = w.place(4, 1)
    with scoped(world.app, commander().scope) as conn, peer(world.dsn) as other:
        places = read_places(conn)
        ours = places.nearest(lon, lat, 1)
        assert [one.person_id for one in ours] == [w.ACROSS], "with the border's at one crossing"
        assert ours[0].distance_m == pytest.approx(0.0, abs=1e-4)
        ranked = [one.person_id for one in places.nearest(lon, lat, 16)]
        assert ranked[:2] == [w.ACROSS, w.BORDER]
        assert set(ranked) == {one.person_id for one in asked_of_peer(other, lon, lat, 16)}


def test_who_is_off_duty_or_beyond_the_scope_is_nowhere(world: World):
    with scoped(world.app, dispatcher().scope) as conn:
        conn.execute("UPDATE dispatch.people SET duty = 'off_duty' WHERE id = %s", (w.WORKER,))
        near = read_places(conn).nearest(*w.place(1, 1), 16)
    found = {one.person_id for one in near}
    assert w.WORKER not in found
    assert {w.OFFICER, w.NEXT_DOOR} <= found
    assert not found & {w.GAS, w.OTHER_POLICE}, "of the other street"
    with scoped(world.app, Scope((), ())) as conn:
        assert len(read_places(conn)) == 0
