"""Fixtures of the database tests."""

from tests.db.town_map import town_conn, town_map
from tests.db.world import world, world_roads, world_template

__all__ = ["town_conn", "town_map", "world", "world_roads", "world_template"]
