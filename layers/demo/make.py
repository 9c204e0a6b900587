"""Make the town on the ground in one call."""

from __future__ import annotations

from geodata.demo.ground import Ground
from geodata.demo.progress import Progress
from layers.demo.building import make_buildings
from layers.demo.cause import make_causes
from layers.demo.population import make_grids, make_population
from layers.demo.town import Town


def make_town(ground: Ground, progress: Progress) -> Town:
    """Make buildings, population and causes of trouble; areas and waters are the ground's.

    Progress is told as stage 'town'.
    """
    progress.step("town", 0, 3)
    buildings = make_buildings(ground)
    progress.step("town", 1, 3)
    grids = make_grids(ground, buildings)
    population = make_population(ground, buildings)
    progress.step("town", 2, 3)
    causes = make_causes(ground, grids)
    progress.step("town", 3, 3)
    return Town(
        areas=ground.plan.areas,
        grids=grids,
        buildings=buildings,
        population=population,
        waters=ground.plan.waters,
        causes=causes,
    )
