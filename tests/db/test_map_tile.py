"""Vector tiles: whole at every edge, the same bytes every time, cases within the scope only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import psycopg
import pytest
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from geodata.db.pool import make_pool
from geodata.db.scope import NOTHING, Conn, Pool, Scope, unscoped
from geodata.demo.progress import NoProgress
from geodata.errors import InvalidInput, NotFound
from mapsvc.generalise import generalise
from mapsvc.tile import CaseFilter, render_cases, render_tile
from mapsvc.tile_cache import TileCache
from tests.db.town_map import FIRST_STREET, WHOLE, look
from tests.mvt import BUFFER, EXTENT, Feature, decode, tile_at, to_units
from tests.small_town import (
    AS_OF,
    COLUMNS,
    ROWS,
    add_case,
    connect,
    grid_code,
    load_small_town,
    place,
)

ALL_CASES = CaseFilter(open_only=False)
EDGED = (
    ("basemap", "building"),
    ("basemap", "road"),
    ("basemap", "water"),
    ("areas", "area"),
    ("areas", "boundary"),
    ("assets", "asset_area"),
)


def town_tiles(z: int) -> list[tuple[int, int]]:
    """Return every tile that touches the town."""
    corners = [tile_at(*place(c, r), z) for c in (0, COLUMNS) for r in (0, ROWS)]
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    return [(x, y) for x in range(min(xs), max(xs) + 1) for y in range(min(ys), max(ys) + 1)]


def by_key(features: list[Feature]) -> dict[str, BaseGeometry]:
    """Return features by what tells them apart; those of one key are joined."""
    found: dict[str, BaseGeometry] = {}
    for f in features:
        key = str(f.id or f.properties.get("code") or f.properties["level"])
        found[key] = found[key].union(f.geom) if key in found else f.geom
    return found


@pytest.mark.parametrize(("layer", "mvt_layer"), EDGED, ids=[name for _, name in EDGED])
@pytest.mark.parametrize("z", [14, 15, 16])
def test_features_across_an_edge_are_whole_on_both_sides(
    town_conn: Conn, layer: str, mvt_layer: str, z: int
):
    tiles = {
        (x, y): by_key(decode(render_tile(town_conn, layer, z, x, y).body).get(mvt_layer, []))
        for x, y in town_tiles(z)
    }
    crossings = 0
    for (x, y), here in tiles.items():
        for dx, dy in ((1, 0), (0, 1)):
            there = tiles.get((x + dx, y + dy))
            if there is not None:
                crossings += compare_strip(here, there, dx, dy)
    assert crossings > 0


def compare_strip(
    here: dict[str, BaseGeometry], there: dict[str, BaseGeometry], dx: int, dy: int
) -> int:
    """Compare the strip round the common edge, which both tiles show; return features in it."""
    # Two units off the buffer's end, where clipping and rounding to whole units may differ.
    reach = BUFFER - 2
    strip = shapely.box(
        EXTENT * dx - reach if dx else 0, EXTENT * dy - reach if dy else 0,
        EXTENT + reach if dx else EXTENT, EXTENT + reach if dy else EXTENT,
    )  # fmt: skip
    shifted = {k: affinity.translate(g, EXTENT * dx, EXTENT * dy) for k, g in there.items()}
    seen = {k: part for k, g in here.items() if not (part := crop(g, strip)).is_empty}
    seen_there = {k: part for k, g in shifted.items() if not (part := crop(g, strip)).is_empty}
    assert large(seen) <= set(seen_there)
    assert large(seen_there) <= set(seen)
    for key in set(seen) & set(seen_there):
        assert seen[key].hausdorff_distance(seen_there[key]) <= 4, key
    return len(seen)


def crop(geom: BaseGeometry, box: BaseGeometry) -> BaseGeometry:
    """Return what of a geometry lies in a box."""
    return shapely.make_valid(geom).intersection(box)


def large(parts: dict[str, BaseGeometry]) -> set[str]:
    """Return the keys of parts that are more than a touch of the strip."""
    return {key for key, part in parts.items() if part.length > 8}


def test_points_near_an_edge_are_in_both_tiles(town_conn: Conn):
    seen: Counter[int] = Counter()
    for x, y in town_tiles(16):
        for f in decode(render_tile(town_conn, "assets", 16, x, y).body).get("asset", []):
            seen[f.id or 0] += 1
            assert -BUFFER <= f.geom.x <= EXTENT + BUFFER
    expected: Counter[int] = Counter()
    for row in town_conn.execute(
        "SELECT id, ST_X(ST_PointOnSurface(geom)) AS lon, ST_Y(ST_PointOnSurface(geom)) AS lat"
        " FROM layers.assets"
    ):
        ux, uy = to_units(row["lon"], row["lat"], 16)
        expected[row["id"]] = sum(
            -BUFFER <= ux - x * EXTENT <= EXTENT + BUFFER
            and -BUFFER <= uy - y * EXTENT <= EXTENT + BUFFER
            for x, y in town_tiles(16)
        )
    assert max(expected.values()) > 1
    assert seen == expected


def test_a_tile_tells_what_the_style_needs(town_conn: Conn):
    base = decode(render_tile(town_conn, "basemap", 15, *tile_at(*place(2, 3.9), 15)).body)
    assert {f.properties["class"] for f in base["road"]} == {1, 3}
    one_way = {f.properties["name"] for f in base["road"] if f.properties.get("one_way")}
    assert one_way == {f"横{ROWS}路"}
    assert base["building"][0].properties == {"use": "residential", "storeys": 6}
    places = decode(render_tile(town_conn, "basemap", 14, *tile_at(*place(2, 2), 14)).body)["place"]
    assert {"第1街道", "1-1社区"} <= {f.properties["name"] for f in places}


def test_areas_of_each_zoom(town_conn: Conn):
    def levels(z: int) -> set[str]:
        tile = render_tile(town_conn, "areas", z, *tile_at(*place(4.1, 2.1), z))
        return {f.properties["level"] for f in decode(tile.body)["area"]}

    assert levels(5) == {"street"}
    assert levels(10) == {"street", "community", "grid"}
    assert levels(13) == {"community", "grid"}
    assert levels(14) == {"grid"}
    assert levels(15) == {"grid", "micro_grid"}


def test_assets_are_counted_below_their_first_zoom(town_conn: Conn):
    tile = decode(render_tile(town_conn, "assets", 8, *tile_at(*place(4, 2), 8)).body)
    assert "asset" not in tile
    counts = Counter[str]()
    for f in tile["asset_cluster"]:
        counts[f.properties["kind"]] += f.properties["count"]
    assert counts == {"camera": 32, "alarm_pillar": 32, "fuel_station": 32, "bungalow_area": 1}


@pytest.mark.parametrize("layer", ["basemap", "areas", "assets"])
def test_the_same_ground_gives_the_same_bytes(
    clone: Callable[[str], str], empty_template: str, layer: str, town_conn: Conn
):
    with connect(clone(empty_template)) as conn:
        load_small_town(conn)
        generalise(conn, AS_OF, NoProgress())
        generalise(conn, AS_OF, NoProgress())
        for z in (8, 12, 14, 16):
            x, y = tile_at(*place(3.9, 2.1), z)
            assert render_tile(conn, layer, z, x, y) == render_tile(town_conn, layer, z, x, y)


def test_where_nothing_lies_the_tile_is_empty(town_conn: Conn):
    assert render_tile(town_conn, "basemap", 16, 0, 0).body == b""


@pytest.mark.parametrize(
    ("z", "x", "y", "field"), [(19, 0, 0, "z"), (3, 8, 0, "x"), (3, 0, -1, "y")]
)
def test_numbers_out_of_range_never_reach_the_database(
    town_map: str, z: int, x: int, y: int, field: str
):
    conn = connect(town_map, "ganxin_app")
    conn.close()
    for render in (partial(render_tile, conn, "areas"), partial(render_cases, conn)):
        with pytest.raises(InvalidInput) as caught:
            render(z, x, y)
        assert caught.value.field == field


def test_cases_are_no_public_layer(town_conn: Conn):
    with pytest.raises(NotFound):
        render_tile(town_conn, "cases", 14, *tile_at(*place(4, 2), 14))


# ---------------------------------------------------------------- cases, under scope


def cases_seen(conn: Conn, scope: Scope, z: int, chosen: CaseFilter = ALL_CASES) -> Counter[str]:
    """Return how often each case number (z 13 and above) or area counts in the town's tiles."""
    look(conn, scope)
    seen: Counter[str] = Counter()
    for x, y in town_tiles(z):
        for features in decode(render_cases(conn, z, x, y, chosen).body).values():
            for f in features:
                if 0 <= f.geom.x < EXTENT and 0 <= f.geom.y < EXTENT:
                    name = f.properties.get("number") or f.properties["code"]
                    seen[name] += f.properties.get("cases", 1)
    return seen


def test_points_of_cases_by_state_and_time(town_conn: Conn):
    assert cases_seen(town_conn, WHOLE, 14) == Counter(["C1", "C2", "C3", "C4", "C5", "C6"])
    assert cases_seen(town_conn, WHOLE, 14, CaseFilter()) == Counter(["C1", "C2", "C4", "C5"])
    day = CaseFilter(open_only=False, since=AS_OF - timedelta(hours=4), until=AS_OF)
    assert cases_seen(town_conn, WHOLE, 14, day) == Counter(["C2", "C3", "C5", "C6"])


def test_a_case_tells_its_state_and_no_words_of_anybody(town_conn: Conn):
    look(town_conn, WHOLE)
    tile = render_cases(town_conn, 14, *tile_at(*place(0.5, 0.5), 14))
    first = next(f for f in decode(tile.body)["case"] if f.properties["number"] == "C1")
    assert first.properties == {
        "number": "C1",
        "type": "H01",
        "family": "hazard",
        "state": "pending",
        "urgent": True,
        "version": 1,
        "reported_s": int(AS_OF.timestamp()),
    }


@pytest.mark.parametrize(("z", "digits"), [(8, 9), (10, 12), (12, 15)])
def test_below_z_13_cases_are_counted_whole_by_area(town_conn: Conn, z: int, digits: int):
    expected: Counter[str] = Counter()
    for column, row in ((0, 0), (0, 0), (1, 0), (3, 3), (4, 0), (7, 3)):
        expected[grid_code(column, row)[:digits]] += 1
    assert cases_seen(town_conn, WHOLE, z) == expected


def test_counts_by_state(town_conn: Conn):
    look(town_conn, WHOLE)
    tile = render_cases(town_conn, 8, *tile_at(*place(2, 2), 8), ALL_CASES)
    first = next(
        f for f in decode(tile.body)["case_cluster"] if f.properties["code"] == "210211001"
    )
    assert first.properties == {
        "code": "210211001",
        "level": "street",
        "name": "第1街道",
        "cases": 4,
        "open": 3,
        "urgent": 1,
        "waiting": 1,
    }


@pytest.mark.parametrize("z", [8, 10, 12, 13, 14, 16])
def test_a_street_sees_no_case_of_another(town_conn: Conn, z: int):
    whole = cases_seen(town_conn, WHOLE, z)
    mine = cases_seen(town_conn, FIRST_STREET, z)
    assert sum(whole.values()) == 6
    assert sum(mine.values()) == 4
    assert all(key.startswith("210211001") or key in "C1 C2 C3 C4" for key in mine)
    assert cases_seen(town_conn, NOTHING, z) == Counter()


def test_after_a_district_user_warmed_the_connection_the_street_sees_its_own(town_conn: Conn):
    x, y = tile_at(*place(4.5, 0.5), 16)
    for _ in range(8):  # past the point where a prepared statement gets its generic plan
        assert decode(render_cases(look(town_conn, WHOLE), 16, x, y).body)
    assert render_cases(look(town_conn, FIRST_STREET), 16, x, y).body == b""


def test_who_took_part_sees_the_case_beyond_the_scope(
    clone: Callable[[str], str], empty_template: str
):
    dsn = clone(empty_template)
    with connect(dsn) as conn:
        load_small_town(conn)
        generalise(conn, AS_OF, NoProgress())
        case_id = add_case(conn, 4.5, 0.5, number="C9")
        conn.execute("INSERT INTO dispatch.participations VALUES ('p:7', %s, %s)", (case_id, AS_OF))
    with connect(dsn, "ganxin_app") as conn:
        judge = Scope(("210211001001",), ("u:1", "p:7"))
        assert cases_seen(conn, judge, 15) == Counter(["C9"])
        assert cases_seen(conn, Scope(judge.areas, ("u:1",)), 15) == Counter()


def test_the_box_of_a_tile_is_looked_up_in_the_index(town_conn: Conn):
    look(town_conn, WHOLE)
    town_conn.execute("SET LOCAL enable_seqscan = off")
    plan = town_conn.execute(
        "EXPLAIN SELECT id FROM dispatch.cases WHERE geom && ST_Transform("
        "ST_TileEnvelope(16, %s, %s, margin => 0.0625), 4326)",
        tile_at(*place(0.5, 0.5), 16),
    ).fetchall()
    assert any("cases_geom" in row["QUERY PLAN"] for row in plan)


# ---------------------------------------------------------------- the cache


@pytest.fixture
def town_pool(town_map: str) -> Iterator[Pool]:
    """Lend a pool of the application."""
    pool = make_pool(town_map, "ganxin_app", name="tiles", max_size=2)
    yield pool
    pool.close()


class Ticker:
    """A clock that goes when told to."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_tile_is_rendered_once(town_pool: Pool):
    lent = Counter[str]()

    def borrow() -> object:
        lent["times"] += 1
        return unscoped(town_pool)

    cache = TileCache(borrow, monotonic=Ticker())  # type: ignore[arg-type] # counts on the way
    x, y = tile_at(*place(4, 2), 14)
    first = cache.get("basemap", 14, x, y)
    assert lent["times"] == 2  # ground_version, tile
    assert cache.get("basemap", 14, x, y) is first
    assert lent["times"] == 2


def test_the_etag_is_the_same_in_every_process_and_another_on_another_ground(
    clone: Callable[[str], str], empty_template: str
):
    dsn = clone(empty_template)
    with connect(dsn) as conn:
        load_small_town(conn)
        generalise(conn, AS_OF, NoProgress())
    pool = make_pool(dsn, "ganxin_app", name="tiles", max_size=2)
    ticker = Ticker()
    one, other = (TileCache(partial(unscoped, pool), monotonic=ticker) for _ in range(2))
    x, y = tile_at(*place(4, 2), 14)
    before = one.get("areas", 14, x, y)
    assert other.get("areas", 14, x, y) == before
    with connect(dsn) as conn:
        conn.execute("UPDATE layers.areas SET name = '新名' WHERE level = 'street'")
        generalise(conn, AS_OF, NoProgress())
    assert one.get("areas", 14, x, y) is before
    ticker.at = 2.1
    after = one.get("areas", 14, x, y)
    assert "新名".encode() in after.body
    assert after.etag != before.etag
    assert one.held_bytes < 2 * len(after.body)
    pool.close()


def test_backends_that_died_are_replaced(town_map: str):
    pool = make_pool(town_map, "ganxin_app", name="doomed", min_size=2, max_size=2, autocommit=True)
    pool.wait()
    ticker = Ticker()
    cache = TileCache(pool.connection, monotonic=ticker)
    x, y = tile_at(*place(4, 2), 14)
    before = cache.get("areas", 14, x, y)
    with connect(town_map) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'ganxin-doomed'"
        )
    ticker.at = 10
    assert cache.get("areas", 14, x, y) is before
    assert cache.get("basemap", 14, x, y).body
    pool.close()


def test_a_statement_that_fails_is_not_repeated(town_map: str):
    pool = make_pool(town_map, "ganxin_app", name="stuck", max_size=1, autocommit=True)
    with pool.connection() as conn:
        conn.execute("SET statement_timeout = 1")
    with connect(town_map) as holder:
        holder.execute("LOCK TABLE mapsvc.areas")
        cache = TileCache(pool.connection, monotonic=Ticker())
        with pytest.raises(psycopg.errors.QueryCanceled):
            cache.get("areas", 14, *tile_at(*place(4, 2), 14))
    pool.close()


def test_the_cache_keeps_to_its_bytes(town_pool: Pool):
    cache = TileCache(partial(unscoped, town_pool), max_bytes=20_000, monotonic=Ticker())
    for x, y in town_tiles(15):
        cache.get("areas", 15, x, y)
    assert 0 < cache.held_bytes <= 20_000


def test_cases_never_come_to_the_cache(town_pool: Pool):
    cache = TileCache(partial(unscoped, town_pool), monotonic=Ticker())
    with pytest.raises(NotFound):
        cache.get("cases", 14, *tile_at(*place(4, 2), 14))
