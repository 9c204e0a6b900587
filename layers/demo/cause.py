"""Where trouble has a reason: bungalows, old estates, industry, markets, night streets, sites.

Cases of the demo's history cluster round these, so that a risk map has something true to find.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geodata.code import Level
from geodata.demo.ground import FloatArray, Ground, Plan, stage_rng
from geodata.demo.name import short_name
from geodata.demo.projection import to_lonlat
from layers.demo.town import Cause, Grids

Draft = tuple[str, tuple[float, float], float]
"""Kind, centre (EPSG:4549) and standard deviation in metres."""
KIND_WEIGHT = {
    "bungalow": 0.26,
    "old_estate": 0.32,
    "works": 0.12,
    "market": 0.12,
    "night_street": 0.08,
    "construction": 0.10,
}
"""Part of all causes' strength by kind: an assumption; within a kind it varies by a half."""
KIND_LABEL = {
    "bungalow": "平房区",
    "old_estate": "老旧小区",
    "works": "工业区",
    "market": "市场",
    "night_street": "夜市街",
    "construction": "工地",
}
SPREAD = 0.55
"""Standard deviation of a cluster as a part of its patch's radius."""
VILLAGES, CONSTRUCTIONS = 4, 4


def make_causes(ground: Ground, grids: Grids) -> tuple[Cause, ...]:
    """Return the causes, by kind and then by centre; their weights sum to 1."""
    rng = stage_rng(ground.seed, "causes")
    drafts = [*_patches(ground.plan), *_villages(grids), *_sites(ground.plan, rng)]
    drafts.sort()
    strength = np.array([rng.uniform(0.5, 1.5) for _ in drafts])
    for kind, weight in KIND_WEIGHT.items():
        rows = [k for k, draft in enumerate(drafts) if draft[0] == kind]
        strength[rows] *= weight / strength[rows].sum()
    strength = strength / strength.sum()
    shapes = np.array([area.geom_m for area in ground.plan.at(Level.GRID)], dtype=object)
    tree = shapely.STRtree(shapes)
    return tuple(
        _cause(ground.plan, grids, tree, draft, float(weight))
        for draft, weight in zip(drafts, strength, strict=True)
    )


def _patches(plan: Plan) -> Iterator[Draft]:
    kinds = {"bungalow": "bungalow", "slab": "old_estate", "works": "works"}
    centres = [patch for patch in plan.patches if patch.kind == "centre"]
    for patch in plan.patches:
        if patch.kind in kinds:
            yield kinds[patch.kind], patch.xy_m, round(patch.radius_m * SPREAD, 1)
    for number, patch in enumerate(centres):
        kind = "night_street" if number % 2 else "market"
        yield kind, patch.xy_m, round(patch.radius_m * SPREAD, 1)


def _villages(grids: Grids) -> Iterator[Draft]:
    """Yield the most purely bungalow grids that lie apart from each other."""
    chosen: list[FloatArray] = []
    order = np.lexsort((grids.code.astype(str), -grids.bungalow_share))
    for k in order:
        here = grids.xy_m[k]
        if all(np.hypot(*(here - other)) > 2500.0 for other in chosen):
            chosen.append(here)
            x, y = np.round(here, 1).tolist()
            yield "bungalow", (x, y), round(float(np.sqrt(grids.area_m2[k])) * SPREAD, 1)
        if len(chosen) == VILLAGES:
            return


def _sites(plan: Plan, rng: np.random.Generator) -> Iterator[Draft]:
    """Yield building sites: among new towers."""
    blocks = [a for a in plan.at(Level.MICRO_GRID) if a.fabric == "tower"]
    for k in sorted(rng.choice(len(blocks), min(CONSTRUCTIONS, len(blocks)), replace=False)):
        centre = blocks[k].geom_m.representative_point()
        yield "construction", (round(centre.x, 1), round(centre.y, 1)), 160.0


def _cause(plan: Plan, grids: Grids, tree: shapely.STRtree, draft: Draft, weight: float) -> Cause:
    kind, xy_m, radius_m = draft
    near = tree.query(shapely.Point(xy_m), predicate="dwithin", distance=2 * radius_m)
    home = int(tree.nearest(shapely.Point(xy_m)))
    names = {area.code: short_name(area.name) for area in plan.at(Level.COMMUNITY)}
    lon, lat = to_lonlat(np.array([xy_m]))[0].tolist()
    return Cause(
        kind=kind,
        name=names[grids.code[home][:12]] + KIND_LABEL[kind],
        xy_m=xy_m,
        lonlat=(lon, lat),
        radius_m=radius_m,
        weight=weight,
        grid_codes=tuple(sorted(grids.code[k] for k in near)),
    )
