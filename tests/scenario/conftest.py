"""Fixtures of the stories."""

from tests.db.world import world, world_roads, world_template

__all__ = ["world", "world_roads", "world_template"]
