"""A small town of square blocks, quick to load: for tests of layers and map products.

Two streets side by side, each of 2 x 2 communities of 2 x 2 grids of 1 x 2 micro-grids, turned by
20 degrees so that its edges cross those of tiles at an angle. Eight grids west to east, four south
to north; a grid is 400 m by 400 m. Roads run along every edge of a grid.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pyproj
import shapely
from psycopg.types.json import Jsonb
from shapely import LineString, Point, Polygon

from geodata.db.scope import Conn

DISTRICT = "210211"
STREETS = ("210211001", "210211002")
COLUMNS, ROWS = 8, 4
GRID_M = 400.0
ORIGIN_M = (630_000.0, 4_310_000.0)
"""South-west corner, EPSG:4549."""
TURN = math.radians(20)
AS_OF = datetime(2026, 2, 15, 0, 0, tzinfo=UTC)

CASE_TABLES = (
    "dispatch.assignments, dispatch.cases, dispatch.custody, dispatch.clocks, dispatch.extensions,"
    " dispatch.cards, dispatch.ratings, dispatch.remarks, dispatch.notices, dispatch.contacts,"
    " dispatch.documents, dispatch.purposes, dispatch.recusals, dispatch.offers,"
    " dispatch.proposals, dispatch.proposal_lines, dispatch.queue_modes,"
    " dispatch.participations, geodata.events, geodata.events_pending"
)
"""All that cases leave behind: emptied together, cheaper than a clone of the template."""

_TO_DEGREES = pyproj.Transformer.from_crs(4549, 4326, always_xy=True)


def place(column: float, row: float) -> tuple[float, float]:
    """Return (lon, lat) of a place counted in grids from the south-west corner."""
    x, y = column * GRID_M, row * GRID_M
    east = ORIGIN_M[0] + x * math.cos(TURN) - y * math.sin(TURN)
    north = ORIGIN_M[1] + x * math.sin(TURN) + y * math.cos(TURN)
    lon, lat = _TO_DEGREES.transform(east, north)
    return float(lon), float(lat)


def box(west: float, south: float, east: float, north: float) -> Polygon:
    """Return a block, in grids from the south-west corner, with a vertex at every half grid."""
    corners = [(west, south), (east, south), (east, north), (west, north)]
    ring = []
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        parts = round(2 * max(abs(x1 - x0), abs(y1 - y0)))
        ring += [
            place(x0 + (x1 - x0) * i / parts, y0 + (y1 - y0) * i / parts) for i in range(parts)
        ]
    return Polygon(ring)


def grid_code(column: int, row: int) -> str:
    """Return the code of the grid at a column 0..7 and row 0..3."""
    street = column // 4 + 1
    community = (column % 4) // 2 + 2 * (row // 2) + 1
    return f"{DISTRICT}{street:03}{community:03}{column % 2 + 2 * (row % 2) + 1:03}"


@dataclass(frozen=True)
class _Area:
    code: str
    level: str
    parent: str | None
    name: str
    geom: Polygon


def _areas() -> Iterator[_Area]:
    yield _Area(DISTRICT, "district", None, "小城区", box(0, 0, COLUMNS, ROWS))
    for s, street in enumerate(STREETS):
        yield _Area(street, "street", DISTRICT, f"第{s + 1}街道", box(4 * s, 0, 4 * s + 4, ROWS))
        for c in range(4):
            west, south = 4 * s + 2 * (c % 2), 2 * (c // 2)
            code = f"{street}{c + 1:03}"
            yield _Area(
                code, "community", street, f"{s + 1}-{c + 1}社区",
                box(west, south, west + 2, south + 2),
            )  # fmt: skip
    for column in range(COLUMNS):
        for row in range(ROWS):
            code = grid_code(column, row)
            yield _Area(
                code, "grid", code[:12], f"网格{code[-3:]}", box(column, row, column + 1, row + 1)
            )
            for m in range(2):
                half = column + m / 2
                yield _Area(
                    f"{code}{m + 1:02}", "micro_grid", code, f"微网格{m + 1}",
                    box(half, row, half + 0.5, row + 1),
                )  # fmt: skip


def load_small_town(conn: Conn) -> None:
    """Write the town as the owner of a migrated, empty database; nothing is committed."""
    _load_areas(conn)
    _load_roads(conn)
    _load_buildings(conn)
    _load_assets(conn)
    conn.execute(
        "INSERT INTO dispatch.case_types (code, family, parent_code, name, name_en, urgent,"
        " arrival_limit_s, source) VALUES"
        " ('D02', 'dispute', NULL, '邻里纠纷', 'Neighbours', false, 3600, 'test'),"
        " ('D0201', 'dispute', 'D02', '邻里纠纷', 'Neighbours', false, 3600, 'test'),"
        " ('H01', 'hazard', NULL, '燃气异味', 'Smell of gas', true, 600, 'test')"
        " ON CONFLICT DO NOTHING"
    )
    conn.execute("ANALYZE")


def _load_areas(conn: Conn) -> None:
    areas = list(_areas())
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO layers.areas (code, level, parent_code, name, geom, label) VALUES"
            " (%s, %s, %s, %s, ST_Multi(ST_GeomFromText(%s, 4326)), ST_GeomFromText(%s, 4326))",
            [
                (a.code, a.level, a.parent, a.name, shapely.to_wkt(a.geom, -1),
                 shapely.to_wkt(a.geom.centroid, -1))
                for a in areas
            ],
        )  # fmt: skip
        cursor.executemany(
            "INSERT INTO layers.area_neighbors (code, neighbor_code, shared_m) VALUES (%s, %s, %s)",
            [(a, b, GRID_M) for a, b in _neighbors()],
        )
    conn.execute(
        "INSERT INTO geodata.districts (code, name, name_en, synthetic, geom)"
        " SELECT code, name, 'Small Town', true, geom FROM layers.areas WHERE level = 'district'"
    )
    conn.execute(
        "INSERT INTO layers.populations SELECT code, %s, 400, 1000, 200, 100 FROM layers.areas"
        " WHERE level = 'grid'",
        (date(2026, 1, 1),),
    )
    conn.execute(
        "INSERT INTO layers.waters (id, kind, name, geom) VALUES"
        " (1, 'sea', '东海', ST_Multi(ST_GeomFromText(%s, 4326)))",
        (shapely.to_wkt(box(COLUMNS, 0, COLUMNS + 6, ROWS), -1),),
    )


def _neighbors() -> Iterator[tuple[str, str]]:
    for column in range(COLUMNS):
        for row in range(ROWS):
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                if 0 <= column + dx < COLUMNS and 0 <= row + dy < ROWS:
                    yield grid_code(column, row), grid_code(column + dx, row + dy)


def _load_roads(conn: Conn) -> None:
    node = {
        (c, r): number
        for number, (c, r) in enumerate(
            ((c, r) for c in range(COLUMNS + 1) for r in range(ROWS + 1)), 1
        )
    }
    edges: list[tuple[Any, ...]] = []
    for (c, r), start in node.items():
        for dx, dy in ((1, 0), (0, 1)):
            end = node.get((c + dx, r + dy))
            if end is not None:
                line = LineString([place(c, r), place(c + dx, r + dy)])
                name = f"横{r}路" if dx else f"纵{c}路"
                rank = 1 if (c if dy else r) % 4 == 0 else 3
                # The northmost road runs one way, to the east.
                back = 1 if dx and r == ROWS else 7
                number = len(edges) + 1
                edges.append((number, start, end, number + 1, rank, 7, name, line))
                edges.append((number + 1, end, start, number, rank, back, name, line.reverse()))
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO geodata.road_nodes VALUES (%s, ST_GeomFromText(%s, 4326))",
            [(number, shapely.to_wkt(Point(place(c, r)), -1)) for (c, r), number in node.items()],
        )
        cursor.executemany(
            "INSERT INTO geodata.road_edges (id, from_node, to_node, twin_id, length_m,"
            " speed_class, access, name, geom)"
            " VALUES (%s, %s, %s, %s, 400, %s, %s, %s, ST_GeomFromText(%s, 4326))",
            [(*edge[:7], shapely.to_wkt(edge[7], -1)) for edge in edges],
        )


def _load_buildings(conn: Conn) -> None:
    rows: list[tuple[Any, ...]] = []
    for column in range(COLUMNS):
        for row in range(ROWS):
            for i in range(4):
                for j in range(4):
                    west, south = column + 0.15 + i * 0.2, row + 0.15 + j * 0.2
                    geom = Polygon(
                        [place(west, south), place(west + 0.1, south),
                         place(west + 0.1, south + 0.05), place(west, south + 0.05)]
                    )  # fmt: skip
                    rows.append((len(rows) + 1, grid_code(column, row), shapely.to_wkt(geom, -1)))
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO layers.buildings (id, grid_code, name, estate, use, storeys, households,"
            " residents, geom) VALUES (%s, %s, NULL, '和平小区', 'residential', 6, 24, 60,"
            " ST_GeomFromText(%s, 4326))",
            rows,
        )


def _load_assets(conn: Conn) -> None:
    rows: list[tuple[Any, ...]] = []
    for column in range(COLUMNS):
        for row in range(ROWS):
            code = grid_code(column, row)
            for kind, dx in (("camera", 0.1), ("alarm_pillar", 0.5), ("fuel_station", 0.9)):
                point = Point(place(column + dx, row + 0.01))
                rows.append((len(rows) + 1, kind, f"{kind} {code}", code, Jsonb({}), point))
    area = box(1.5, 1.5, 2.5, 2.5)
    rows.append(
        (len(rows) + 1, "bungalow_area", "老平房", grid_code(1, 1), Jsonb({"households": 80}), area)
    )
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO layers.assets (id, kind, name, area_code, attributes, geom)"
            " VALUES (%s, %s, %s, %s, %s, ST_GeomFromText(%s, 4326))",
            [(*row[:5], shapely.to_wkt(row[5], -1)) for row in rows],
        )


def add_case(
    conn: Conn,
    column: float,
    row: float,
    *,
    type_code: str = "D0201",
    state: str = "pending",
    urgent: bool = False,
    reported_at: datetime = AS_OF,
    number: str | None = None,
) -> int:
    """Write a case at a place in grids from the south-west corner; return its id."""
    lon, lat = place(column, row)
    closed_at = reported_at if state == "closed" else None
    found = conn.execute(
        "INSERT INTO dispatch.cases (number, type_code, state, urgent, channel, description,"
        " grid_code, edge_m, source_lon, source_lat, source_datum, geom, reported_by, reported_at,"
        " state_since, closed_at) VALUES (coalesce(%s, gen_random_uuid()::text), %s, %s, %s,"
        " 'desk', 'x', %s, 10, %s, %s, 'WGS-84', ST_SetSRID(ST_MakePoint(%s, %s), 4326),"
        " 'system:test', %s, %s, %s) RETURNING id",
        (
            number, type_code, state, urgent, grid_code(int(column), int(row)), lon, lat, lon, lat,
            reported_at, reported_at, closed_at,
        ),
    ).fetchone()  # fmt: skip
    assert found is not None
    return int(found["id"])


def connect(dsn: str, role: str | None = None) -> Conn:
    """Open a connection with rows as dictionaries, acting as a role if one is named."""
    conn: Conn = psycopg.connect(dsn, row_factory=psycopg.rows.dict_row)
    if role is not None:
        conn.execute(psycopg.sql.SQL("SET ROLE {}").format(psycopg.sql.Identifier(role)))
        conn.commit()
    return conn
