"""A report of a made-up town of 8 by 8 grids, in memory: for tests of what is made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import shapely

from dispatch.case.type import known_types
from geodata.crs import from_metric
from layers.risk.foresight.trial import judge
from layers.risk.ground import Areas, Ground
from layers.risk.incident import DAY_S, Incidents
from layers.risk.question import Kind, Period, Question, Weight
from mapsvc.report.base import Base, Street
from mapsvc.report.proof import trial_of, try_judging
from mapsvc.report.subject import Subject
from mapsvc.report.words import Locale, Words
from mapsvc.risk_shape import to_geojson

DISTRICT = "210211"
STREET = f"{DISTRICT}001"
SIDE, GRID_M = 8, 400.0
WEST_M, SOUTH_M = 630_000.0, 4_310_000.0
UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 400
CASES = 2400


def make_subject(
    locale: Locale = "zh",
    *,
    within: tuple[str, ...] = (DISTRICT,),
    kind: Kind | None = None,
    weight: Weight | None = None,
    days: int = 180,
    grid_names: dict[int, str] | None = None,
    synthetic: bool = True,
    bandwidth_m: float = 300.0,
) -> Subject:
    """Return a report; ``grid_names`` gives some grids names of their own, by number."""
    ground = make_ground(grid_names or {})
    incidents = make_incidents()
    question = Question(
        period=Period(UNTIL - timedelta(days=days), UNTIL),
        within=within,
        kind=kind or Kind(),
        weight=weight or Weight(),
        bandwidth_m=bandwidth_m,
    )
    verdict = try_judging(trial_of(question), lambda trial: judge(trial, incidents, ground))
    base = replace(make_base(), synthetic=synthetic)
    return Subject(question, incidents, ground, base, Words(locale), UNTIL, verdict)


def grid_code(column: int, row: int) -> str:
    """Return the code of a grid: streets are halves, communities blocks of 2 by 2."""
    street = column // 4 + 1
    community = (column % 4) // 2 + 2 * (row // 2) + 1
    return f"{DISTRICT}{street:03}{community:03}{column % 2 + 2 * (row % 2) + 1:03}"


def make_ground(names: dict[int, str]) -> Ground:
    """Return the town; people live in the middle of each grid, most of them in the west."""
    places = sorted(
        (grid_code(column, row), column, row) for column in range(SIDE) for row in range(SIDE)
    )
    codes = np.array([code for code, _, _ in places])
    shapes = np.array([_square(column, row) for _, column, row in places], dtype=object)
    residents = np.array([900.0 if column < 4 else 500.0 for _, column, _ in places])
    titles = tuple(names.get(k, f"网格{k}") for k in range(len(codes)))
    grids = _areas(codes, titles, shapes, residents)
    blocks = sorted({str(code)[:12] for code in codes})
    member = [np.char.startswith(codes, block) for block in blocks]
    communities = _areas(
        np.array(blocks),
        tuple(f"社区{k}" for k in range(len(blocks))),
        np.array([shapely.union_all(shapes[m]) for m in member], dtype=object),
        np.array([residents[m].sum() for m in member]),
    )
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    return Ground(grids, communities, middle[:, 0], middle[:, 1], residents)


def make_incidents() -> Incidents:
    """Return cases all over the town, with one cluster in the south-west, seeded."""
    rng = np.random.default_rng(7)
    spread = rng.uniform(0, SIDE * GRID_M, (CASES, 2))
    spot = rng.normal((1.2 * GRID_M, 1.4 * GRID_M), 90.0, (CASES // 4, 2))
    x, y = np.clip(np.vstack([spread, spot]), 1.0, SIDE * GRID_M - 1.0).T
    n = len(x)
    at_s = UNTIL.timestamp() - np.floor(rng.uniform(0, DAYS, n)) * DAY_S - 3600.0
    types = np.array([b"D0201", b"H02", b"P01"])[rng.integers(0, 3, n)]
    family = {b"D": b"dispute", b"H": b"hazard", b"P": b"police"}
    codes = [grid_code(int(a // GRID_M), int(b // GRID_M)) for a, b in zip(x, y, strict=True)]
    return Incidents(
        id=np.arange(n),
        x_m=WEST_M + x,
        y_m=SOUTH_M + y,
        at_s=at_s,
        local_s=at_s + 8 * 3600,
        type_code=types,
        class_code=types.astype("S3"),
        family=np.array([family[code[:1]] for code in types.tolist()]),
        grid_code=np.array(codes).astype("S15"),
        urgent=rng.random(n) < 0.2,
        found=rng.random(n) < 0.3,
        read_at=UNTIL,
    )


def make_base() -> Base:
    """Return the ground that the town is drawn on."""
    whole = shapely.box(WEST_M, SOUTH_M, WEST_M + SIDE * GRID_M, SOUTH_M + SIDE * GRID_M)
    road = shapely.LineString(
        [(WEST_M, SOUTH_M + 4 * GRID_M), (WEST_M + SIDE * GRID_M, SOUTH_M + 4 * GRID_M)]
    )
    lon, lat = from_metric(
        WEST_M + np.array([2.0, 6.0]) * GRID_M, SOUTH_M + np.array([4.0, 4.0]) * GRID_M
    )
    halves = [
        shapely.union_all([_square(c, r) for c in range(4 * k, 4 * k + 4) for r in range(SIDE)])
        for k in range(2)
    ]
    streets = tuple(
        Street(f"{DISTRICT}00{k + 1}", f"第{k + 1}街道", f"Street {k + 1}", float(lon[k]),
               float(lat[k]), to_geojson(halves[k]))
        for k in range(2)
    )  # fmt: skip
    return Base(
        code=DISTRICT, name="小城区", name_en="Small Town", synthetic=True,
        land=to_geojson(whole), water=None, roads={1: to_geojson(road)}, streets=streets,
        types=known_types(),
    )  # fmt: skip


def _square(column: int, row: int) -> shapely.Polygon:
    west, south = WEST_M + column * GRID_M, SOUTH_M + row * GRID_M
    return shapely.box(west, south, west + GRID_M, south + GRID_M)


def _areas(codes, names, shapes, residents) -> Areas:
    pairs = [
        (one, other)
        for one in range(len(shapes))
        for other in range(len(shapes))
        if one != other and shapely.intersection(shapes[one], shapes[other]).length > 1.0
    ]
    return Areas(
        codes, names, tuple(f"{name} en" for name in names), shapes, shapely.area(shapes) / 1e6,
        residents, np.array(pairs, dtype=np.intp),
    )  # fmt: skip
