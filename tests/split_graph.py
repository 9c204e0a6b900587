"""Travel times by yet another way: every point becomes a node of a graph that is really split.

Shares no code with ``geodata.road``: streets are read by plain SQL, points are brought to the
nearest street with shapely, speeds are those of docs/algorithms/travel-time.md and the law.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import psycopg
import shapely
from pyproj import Transformer
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

BIT = {"walk": 1, "ebike": 2, "car": 4}
SPEED_MPS = {
    "walk": (1.3, 1.3, 1.3, 1.3),
    "ebike": (15 / 3.6, 15 / 3.6, 15 / 3.6, 10 / 3.6),
    "car": (35 / 3.6, 28 / 3.6, 20 / 3.6, 10 / 3.6),
}
"""Metres a second on arterials, secondary roads, local roads and lanes."""
AT_CROSSING_M = 0.01
Place = tuple[Any, ...]
"""A node of the split graph: ('node', id) or ('on', street, fraction)."""


@dataclass(frozen=True)
class Street:
    """One street: its edge of the lower id, as drawn, and the time each way (None: not allowed)."""

    id: int
    start: int
    end: int
    there_s: float | None
    back_s: float | None
    line: shapely.LineString


def to_plane(lonlat: np.ndarray) -> np.ndarray:
    """Return EPSG:4549 metres of degrees, shape (n, 2)."""
    return np.column_stack(_PLANE.transform(lonlat[:, 0], lonlat[:, 1]))


_PLANE = Transformer.from_crs(4326, 4549, always_xy=True)


def read_streets(dsn: str, mode: str) -> list[Street]:
    """Return the streets that a mode may use at least one way."""
    with psycopg.connect(dsn) as conn:
        rows = conn.execute(
            "SELECT e.id, e.from_node, e.to_node, e.twin_id, e.length_m, e.speed_class, e.access,"
            " t.access, ST_AsBinary(e.geom) FROM geodata.road_edges e"
            " LEFT JOIN geodata.road_edges t ON t.id = e.twin_id"
            " WHERE e.id < coalesce(e.twin_id, e.id + 1) ORDER BY e.id"
        ).fetchall()
    found = []
    for number, start, end, _, length_m, speed_class, access, back, wkb in rows:
        time_s = length_m / SPEED_MPS[mode][speed_class - 1]
        there_s = time_s if access & BIT[mode] else None
        back_s = time_s if (back or 0) & BIT[mode] else None
        if there_s is not None or back_s is not None:
            line = shapely.transform(shapely.from_wkb(wkb), to_plane)
            found.append(Street(number, start, end, there_s, back_s, line))
    return found


def snap(streets: list[Street], lonlat: np.ndarray) -> list[Place]:
    """Return the place on the nearest street of each point; of several the lowest id."""
    points = shapely.points(to_plane(lonlat))
    tree = shapely.STRtree([street.line for street in streets])
    nearest: dict[int, int] = {}
    for row, index in tree.query_nearest(points, all_matches=True).T.tolist():
        nearest[row] = min(index, nearest.get(row, index))
    return [_place(streets[nearest[row]], point) for row, point in enumerate(points)]


def _place(street: Street, point: shapely.Point) -> Place:
    along_m = street.line.project(point)
    if along_m < AT_CROSSING_M:
        return "node", street.start
    if street.line.length - along_m < AT_CROSSING_M:
        return "node", street.end
    return "on", street.id, round(along_m / street.line.length, 9)


class SplitGraph:
    """The streets of one mode, split at every place in question."""

    def __init__(self, streets: list[Street], places: list[Place]) -> None:
        self.index: dict[Place, int] = {}
        cuts: dict[int, set[float]] = defaultdict(set)
        for place in places:
            if place[0] == "on":
                cuts[place[1]].add(place[2])
        least_s: dict[tuple[int, int], float] = {}
        for street in streets:
            for a, b, time_s in _pieces(street, sorted(cuts[street.id])):
                arc = self._of(a), self._of(b)
                least_s[arc] = min(time_s, least_s.get(arc, np.inf))
        ends = np.array(list(least_s))
        size = len(self.index)
        # From the end to the start: a search from a place finds the ways to it.
        self.against = csr_matrix(
            (list(least_s.values()), (ends[:, 1], ends[:, 0])), shape=(size, size)
        )

    def _of(self, place: Place) -> int:
        return self.index.setdefault(place, len(self.index))

    def times_to_s(self, place: Place) -> np.ndarray:
        """Return the seconds from every place to one, by ``index``; inf where no way leads."""
        return dijkstra(self.against, indices=self.index[place])


def _pieces(street: Street, cuts: list[float]) -> list[tuple[Place, Place, float]]:
    stops: list[tuple[float, Place]] = [
        (0.0, ("node", street.start)),
        *((share, ("on", street.id, share)) for share in cuts),
        (1.0, ("node", street.end)),
    ]
    found = []
    for (low, a), (high, b) in pairwise(stops):
        if street.there_s is not None:
            found.append((a, b, (high - low) * street.there_s))
        if street.back_s is not None:
            found.append((b, a, (high - low) * street.back_s))
    return found
