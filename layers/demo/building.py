"""What each plot became: its use, storeys, households, residents and name."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.code import Level
from geodata.demo.ground import FloatArray, Ground, IntArray, ObjectArray, Plan, Plots, stage_rng
from geodata.demo.name import chinese_number, short_name, stem_of
from layers.demo.share import apportion_within
from layers.demo.town import Buildings

RESIDENTS = 1_500_000
"""Residents of the district, all in all."""
DENSE_HOUSEHOLDS = (300, 500)
"""Households of a densely built grid, least and most (DOMAIN.md)."""
DENSE_PER_KM2 = 3000.0
"""A grid with room for more households per km² than this is densely built."""
LOOSE_MOST = 290
"""Households of a loosely built grid, at most."""
USES = ("residential", "old_estate", "bungalow", "commercial", "industrial", "public")
HOMES = ("residential", "old_estate", "bungalow")
# Shares of USES by fabric, along the road and inside the block. Assumptions, chosen by eye.
FRONT_SHARES = {
    "tower": (0.55, 0.0, 0.0, 0.39, 0.01, 0.05),
    "slab": (0.05, 0.72, 0.0, 0.18, 0.0, 0.05),
    "bungalow": (0.03, 0.0, 0.9, 0.05, 0.01, 0.01),
    "works": (0.04, 0.02, 0.03, 0.13, 0.75, 0.03),
    "centre": (0.13, 0.04, 0.0, 0.72, 0.01, 0.10),
    "mixed": (0.46, 0.14, 0.04, 0.26, 0.05, 0.05),
    "open": (0.12, 0.0, 0.62, 0.1, 0.13, 0.03),
}
INNER_SHARES = {
    "tower": (0.95, 0.0, 0.0, 0.01, 0.0, 0.04),
    "slab": (0.02, 0.94, 0.0, 0.01, 0.0, 0.03),
    "bungalow": (0.0, 0.0, 0.98, 0.01, 0.0, 0.01),
    "works": (0.02, 0.0, 0.0, 0.03, 0.92, 0.03),
    "centre": (0.25, 0.0, 0.0, 0.6, 0.0, 0.15),
    "mixed": (0.6, 0.2, 0.02, 0.08, 0.04, 0.06),
    "open": (0.1, 0.0, 0.7, 0.05, 0.1, 0.05),
}
STOREYS = {
    "residential": (6, 18),
    "old_estate": (5, 7),
    "bungalow": (1, 1),
    "commercial": (1, 5),
    "industrial": (1, 3),
    "public": (2, 6),
}
HIGH_RISE = {"tower": (0.3, 34), "centre": (0.5, 38)}
"""Fabric -> part of its residential houses that are high-rises, and their most storeys."""
FLAT_M2 = {"residential": 105.0, "old_estate": 68.0, "bungalow": 62.0}
"""Use -> floor area of one flat with its part of the stairs."""
GARDENS = (
    "花园", "家园", "名苑", "新城", "华庭", "雅居", "佳园", "馨苑",
    "御景", "丽都", "金岸", "翠庭",
)  # fmt: skip
PUBLIC_KINDS = (
    "小学", "幼儿园", "卫生服务站", "文化活动中心", "中学", "养老院",
    "图书室", "体育馆", "便民服务中心",
)  # fmt: skip


def make_buildings(ground: Ground) -> Buildings:
    """Decide what every plot became; residents sum to :data:`RESIDENTS`."""
    plots = ground.plots
    rng = stage_rng(ground.seed, "buildings")
    use = _uses(plots, rng)
    storeys = _storeys(plots, use, rng)
    grid = np.array([code[:15] for code in plots.micro_code], dtype=object)
    households = _households(ground.plan, plots, use, storeys, grid, rng)
    storeys = _fewest(plots, use, storeys, households)
    crowd = households * rng.uniform(0.9, 1.1, len(households))
    residents = apportion_within(crowd, np.zeros(len(crowd), dtype=np.int64), [RESIDENTS])
    estate, name = _names(ground.plan, plots, use)
    return Buildings(
        id=plots.id,
        grid_code=grid,
        micro_code=plots.micro_code,
        name=name,
        estate=estate,
        use=use,
        storeys=storeys,
        households=households,
        residents=residents,
        geom=plots.geom,
        lonlat=plots.lonlat,
        xy_m=plots.xy_m,
    )


def _uses(plots: Plots, rng: np.random.Generator) -> ObjectArray:
    draw = rng.random(len(plots.id))
    use = np.empty(len(plots.id), dtype=object)
    for shares, frontage in ((FRONT_SHARES, True), (INNER_SHARES, False)):
        for fabric, parts in shares.items():
            rows = (plots.fabric == fabric) & (plots.frontage == frontage)
            place = np.searchsorted(np.cumsum(parts), draw[rows], side="right")
            use[rows] = np.array(USES, dtype=object)[np.minimum(place, len(USES) - 1)]
    return use


def _storeys(plots: Plots, use: ObjectArray, rng: np.random.Generator) -> IntArray:
    """Return the storeys a house could have; :func:`_fewest` lowers those hardly lived in."""
    low, high = np.array([STOREYS[u] for u in use]).T
    storeys: IntArray = rng.integers(low, high + 1)
    for fabric, (share, most) in HIGH_RISE.items():
        rows = (plots.fabric == fabric) & np.isin(use, ("residential", "commercial"))
        rows &= rng.random(len(use)) < share
        storeys[rows] = rng.integers(16, most + 1, int(rows.sum()))
    rural = (plots.fabric == "open") | (plots.fabric == "works")
    storeys[rural & (use == "residential")] = 3
    return storeys


def _households(
    plan: Plan,
    plots: Plots,
    use: ObjectArray,
    storeys: IntArray,
    grid: ObjectArray,
    rng: np.random.Generator,
) -> IntArray:
    """Share each grid's households out among its houses by the room they have."""
    room: FloatArray = np.zeros(len(use))
    for kind, flat_m2 in FLAT_M2.items():
        rows = use == kind
        room[rows] = plots.area_m2[rows] * storeys[rows] / flat_m2
    areas = plan.at(Level.GRID)
    number = {area.code: k for k, area in enumerate(areas)}
    group = np.array([number[code] for code in grid])
    total_room = sum_by(group, room, len(areas))
    area_km2 = np.array([area.geom_m.area / 1e6 for area in areas])
    wanted = _wanted(total_room, is_dense(total_room, area_km2), rng)
    return apportion_within(room, group, wanted.tolist())


def is_dense(room: FloatArray, area_km2: FloatArray) -> NDArray[np.bool_]:
    """Tell which grids are densely built: much room for households on little ground."""
    dense: NDArray[np.bool_] = (room / area_km2 > DENSE_PER_KM2) & (room > DENSE_HOUSEHOLDS[0])
    return dense


def _wanted(room: FloatArray, dense: NDArray[np.bool_], rng: np.random.Generator) -> IntArray:
    low, high = DENSE_HOUSEHOLDS
    packed = np.clip(rng.normal(425.0, 50.0, len(room)), low, high)
    loose = np.minimum(room * rng.uniform(0.8, 1.3, len(room)), LOOSE_MOST)
    return np.floor(np.where(dense, packed, loose)).astype(np.int64)


def _fewest(plots: Plots, use: ObjectArray, storeys: IntArray, households: IntArray) -> IntArray:
    """Lower a house to the storeys that its households fill, though not below its kind's least."""
    fitted = storeys.copy()
    for kind in ("residential", "old_estate"):
        rows = use == kind
        filled = np.ceil(households[rows] * FLAT_M2[kind] * 1.15 / plots.area_m2[rows])
        least = np.minimum(STOREYS[kind][0], storeys[rows])
        fitted[rows] = np.clip(filled.astype(np.int64), least, storeys[rows])
    return fitted


def _names(plan: Plan, plots: Plots, use: ObjectArray) -> tuple[ObjectArray, ObjectArray]:
    """Return the estate and the name of each building, None where it has neither."""
    estates = name_estates(plan)
    stems = {area.code: stem_of(short_name(area.name)) for area in plan.at(Level.COMMUNITY)}
    estate = np.full(len(use), None, dtype=object)
    name = np.full(len(use), None, dtype=object)
    counts: dict[str, int] = {}
    publics: dict[str, int] = {}
    for k, (code, kind) in enumerate(zip(plots.micro_code, use, strict=True)):
        if kind in HOMES:
            estate[k] = estates.get(code)
        if estate[k] is not None and kind != "bungalow":
            counts[estate[k]] = counts.get(estate[k], 0) + 1
            name[k] = f"{estate[k]}{counts[estate[k]]}号楼"
        if kind == "public":
            nth = publics[code[:12]] = publics.get(code[:12], -1) + 1
            if nth < len(PUBLIC_KINDS):
                name[k] = stems[code[:12]] + PUBLIC_KINDS[nth]
    return estate, name


def name_estates(plan: Plan) -> dict[str, str]:
    """Return for each micro-grid with homes the name of its estate, unique in the district.

    Old estates are numbered zones of their street, one to a grid (泡崖七区); towers are gardens of
    their community; bungalow areas and villages bear the community's name.
    """
    street = {area.code: stem_of(area.name) for area in plan.at(Level.STREET)}
    community = {area.code: short_name(area.name) for area in plan.at(Level.COMMUNITY)}
    zones: dict[str, dict[str, int]] = {}
    gardens: dict[str, int] = {}
    names: dict[str, str] = {}
    for area in plan.at(Level.MICRO_GRID):
        stem = stem_of(community[area.code[:12]])
        if area.fabric == "slab":
            grids = zones.setdefault(area.code[:9], {})
            zone = grids.setdefault(area.code[:15], len(grids) + 1)
            names[area.code] = f"{street[area.code[:9]]}{chinese_number(zone)}区"
        elif area.fabric in ("tower", "mixed", "centre"):
            nth = gardens[stem] = gardens.get(stem, -1) + 1
            names[area.code] = stem + _garden(nth)
        elif area.fabric == "bungalow":
            names[area.code] = stem + ("村" if area.rural else "平房区")
    return names


def _garden(nth: int) -> str:
    phase, kind = divmod(nth, len(GARDENS))
    return GARDENS[kind] + (f"{chinese_number(phase + 1)}期" if phase else "")


def shares_of(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return part / whole, 0 where there is nothing."""
    shares: FloatArray = np.divide(
        part, whole, out=np.zeros(len(part), dtype=np.float64), where=whole > 0
    )
    return shares


def sum_by(group: IntArray, values: ArrayLike, count: int) -> FloatArray:
    """Return the sum of values in each of ``count`` groups."""
    sums = np.bincount(group, weights=np.asarray(values, dtype=np.float64), minlength=count)
    return np.asarray(sums, dtype=np.float64)
