"""Fixtures of the fault tests."""

from tests.db.world import world, world_roads, world_template

__all__ = ["world", "world_roads", "world_template"]
