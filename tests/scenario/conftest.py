"""Fixtures of the stories."""

from tests.db.world import world, world_roads, world_template
from tests.web.conftest import module_town, town_roads, town_template

__all__ = [
    "module_town",
    "town_roads",
    "town_template",
    "world",
    "world_roads",
    "world_template",
]
