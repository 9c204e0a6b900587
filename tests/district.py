"""The demo's ground and town as the tests know them: made once per run, in memory."""

from __future__ import annotations

from functools import cache

from geodata.demo.ground import Ground
from geodata.demo.make import make_ground
from geodata.demo.progress import NoProgress
from layers.demo.make import make_town
from layers.demo.town import Town
from tests.conftest import DEMO_AS_OF, DEMO_SEED


@cache
def ground() -> Ground:
    """Return the ground of the tests' demo district."""
    return make_ground(DEMO_SEED, DEMO_AS_OF, NoProgress())


@cache
def town() -> Town:
    """Return the town on it."""
    return make_town(ground(), NoProgress())
