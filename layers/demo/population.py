"""Head counts by grid, summed from the buildings, and facts about each grid."""

from __future__ import annotations

import numpy as np
import shapely

from geodata.clock import LOCAL_ZONE
from geodata.code import Level
from geodata.demo.ground import FloatArray, Ground, IntArray, stage_rng
from layers.demo.building import DENSE_HOUSEHOLDS, shares_of, sum_by
from layers.demo.town import Buildings, Grids, Population

ELDER_SHARE = {"residential": 0.22, "old_estate": 0.34, "bungalow": 0.36}
CHILD_SHARE = {"residential": 0.135, "old_estate": 0.085, "bungalow": 0.08}
"""Use -> part of its residents aged 60 and over, and under 14: assumptions."""


def make_population(ground: Ground, buildings: Buildings) -> Population:
    """Count households, residents, elders and children of every grid."""
    grids = ground.plan.at(Level.GRID)
    group = _groups(ground, buildings)
    rng = stage_rng(ground.seed, "population")
    residents = sum_by(group, buildings.residents, len(grids))
    parts = []
    for shares in (ELDER_SHARE, CHILD_SHARE):
        share = np.array([shares.get(use, 0.0) for use in buildings.use])
        expected = sum_by(group, buildings.residents * share, len(grids))
        parts.append(np.floor(expected * rng.uniform(0.85, 1.15, len(grids))))
    return Population(
        as_of=ground.as_of.astimezone(LOCAL_ZONE).date(),
        grid_code=np.array([grid.code for grid in grids], dtype=object),
        households=_whole(sum_by(group, buildings.households, len(grids))),
        residents=_whole(residents),
        elders=_whole(parts[0]),
        children=_whole(parts[1]),
    )


def make_grids(ground: Ground, buildings: Buildings) -> Grids:
    """Describe every grid by how it is built."""
    grids = ground.plan.at(Level.GRID)
    group = _groups(ground, buildings)
    count = len(grids)
    residents = sum_by(group, buildings.residents, count)
    labels = shapely.get_coordinates([grid.label for grid in grids])
    inside_m = shapely.get_coordinates(shapely.point_on_surface([g.geom_m for g in grids]))
    return Grids(
        code=np.array([grid.code for grid in grids], dtype=object),
        xy_m=inside_m,
        lonlat=labels,
        area_m2=np.array([grid.geom_m.area for grid in grids]),
        dense=sum_by(group, buildings.households, count) >= DENSE_HOUSEHOLDS[0],
        bungalow_share=shares_of(
            sum_by(group, buildings.residents * (buildings.use == "bungalow"), count), residents
        ),
        old_estate_share=shares_of(
            sum_by(group, buildings.residents * (buildings.use == "old_estate"), count), residents
        ),
        works_share=shares_of(
            sum_by(group, buildings.use == "industrial", count),
            sum_by(group, np.ones(len(group)), count),
        ),
    )


def _groups(ground: Ground, buildings: Buildings) -> IntArray:
    number = {grid.code: k for k, grid in enumerate(ground.plan.at(Level.GRID))}
    return np.array([number[code] for code in buildings.grid_code])


def _whole(values: FloatArray) -> IntArray:
    return np.rint(values).astype(np.int64)
