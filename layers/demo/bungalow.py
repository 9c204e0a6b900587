"""The demo's bungalow areas: connected patches of micro-grids built up with bungalows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import shapely

from geodata.code import Level
from geodata.demo.ground import IntArray, stage_rng
from layers.demo.civic import short
from layers.demo.site import NewAsset, Sites
from layers.demo.town import Area

LEAST_BUILDINGS = 12
"""Fewer bungalows than this are not called an area."""
NUMBERS = "一二三四五六七八九"


def make_bungalow_areas(sites: Sites) -> Iterator[NewAsset]:
    """Yield one polygon per connected patch within a community."""
    rng = stage_rng(sites.seed, "asset:bungalow")
    for community, patches in _patches_by_community(sites).items():
        place = short(sites.area_name[community]).removesuffix("社区")
        for number, (shape, rows) in enumerate(patches):
            ordinal = NUMBERS[number % 9] + "号" if len(patches) > 1 else ""
            households = int(sites.town.buildings.households[rows].sum())
            yield NewAsset(
                "bungalow_area",
                f"{place}{ordinal}平房区",
                _main_grid(sites, rows),
                {
                    "buildings": len(rows),
                    "households": households,
                    "residents": int(sites.town.buildings.residents[rows].sum()),
                    "heating": str(rng.choice(["coal", "electric", "mixed"], p=(0.5, 0.2, 0.3))),
                    "risk_level": "considerable" if households >= 300 else "general",
                },
                shape,
            )


def _patches_by_community(sites: Sites) -> dict[str, list[tuple[shapely.Polygon, IntArray]]]:
    built: dict[str, list[Area]] = defaultdict(list)
    for area in sites.areas(Level.MICRO_GRID):
        if area.fabric == "bungalow":
            built[area.code[:12]].append(area)
    patches = {}
    for community, areas in sorted(built.items()):
        found = [(shape, _bungalows(sites, shape, areas)) for shape in _join(areas)]
        kept = [(shape, rows) for shape, rows in found if len(rows) >= LEAST_BUILDINGS]
        if kept:
            patches[community] = kept
    return patches


def _join(areas: list[Area]) -> list[shapely.Polygon]:
    """Return connected patches without holes, west to east."""
    parts = shapely.get_parts(shapely.union_all([area.geom for area in areas]))
    shapes = [shapely.Polygon(part.exterior) for part in parts]
    return sorted(shapes, key=lambda shape: shape.bounds)


def _bungalows(sites: Sites, shape: shapely.Polygon, areas: list[Area]) -> IntArray:
    """Return rows of the bungalows in a patch of these micro-grids."""
    rows = np.concatenate(
        [sites.buildings_in.get(area.code, np.empty(0, dtype=np.int64)) for area in areas]
    )
    rows = rows[sites.town.buildings.use[rows] == "bungalow"]
    lonlat = sites.town.buildings.lonlat[rows]
    inside: IntArray = rows[shapely.contains_xy(shape, lonlat[:, 0], lonlat[:, 1])]
    return inside


def _main_grid(sites: Sites, rows: IntArray) -> str:
    grids, counts = np.unique(sites.town.buildings.grid_code[rows].astype(str), return_counts=True)
    return str(grids[int(counts.argmax())])
