"""The ways of a replay: travel times between all posts and places, on the product's road graph.

Times are those of :class:`dispatch.assign.travel.Goal`, as single precision: to a thousandth of a
second within two hours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dispatch.assign.matrix import MODES, goals
from dispatch.assign.travel import Spot, positions_of
from dispatch.replay.town import Ways
from geodata.road.profile import Mode
from geodata.road.snap import Snapper
from geodata.road.travel import search_to

Tick = Callable[[int, int], None]
NO_TRAVEL = "none"


def measure_ways(
    roads: Snapper,
    places: Sequence[tuple[float, float]],
    posts: Sequence[Spot],
    tick: Tick | None = None,
) -> Ways:
    """Return the travel times to places from posts and from each other: one search each and mode.

    Parameters
    ----------
    places
        (lon, lat), EPSG:4326.
    posts
        Where people start from, each by their own mode of travel.
    tick
        Hears how many places of how many are done.
    """
    count = len(places)
    lonlat = np.array(places, float).reshape(-1, 2)
    at = goals(roads, lonlat[:, 0], lonlat[:, 1])
    from_post = np.full((count, len(posts)), np.nan, np.float32)
    between = np.full((len(MODES), count, count), np.inf, np.float32)
    for number, mode in enumerate(MODES):
        rows = [row for row, post in enumerate(posts) if post.mode == mode]
        if not rows:
            continue
        homes = positions_of(roads, [posts[row] for row in rows], Mode(mode))
        for place in range(count):
            tree = search_to(roads.graph, mode, at[mode][place], np.inf)
            from_post[place, rows] = tree.travel_s(homes)
            between[number, place] = tree.travel_s(at[mode])
            if tick is not None:
                tick(number * count + place + 1, len(MODES) * count)
    return Ways(from_post, between)


def row_of(mode: str) -> int:
    """Return the row of a mode in the ways between places; 0 for who does not travel."""
    return 0 if mode == NO_TRAVEL else MODES.index(Mode(mode))
