"""Travel times of many responders to one place, each by their own mode of travel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.errors import DataFault
from geodata.road.graph import NONE, RoadGraph
from geodata.road.position import Positions
from geodata.road.profile import PROFILES, Mode
from geodata.road.snap import Snapper
from geodata.road.travel import Tree, search_to

Times = list[tuple[float | None, float | None]]

DETOUR = 1.6
"""A way along streets is rarely longer than this much of the straight line (1.2-1.4 is usual in
cities: Boscoe et al., Professional Geographer 64, 2012). Only a guess of how far to search: who is
not found is searched for as far as asked."""
MARGIN_S = 120.0
LOCAL_CLASS = 3
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Spot:
    """Where a responder is: last fix or home post; edge_id None where it was never snapped."""

    mode: str
    edge_id: int | None
    fraction: float | None
    lon: float
    lat: float


class Goal:
    """One place that people travel to; each mode's search is made once and kept.

    Parameters
    ----------
    lon, lat
        EPSG:4326.
    """

    def __init__(self, roads: Snapper, lon: float, lat: float) -> None:
        self._roads, self._lon, self._lat = roads, lon, lat
        self._trees: dict[Mode, Tree] = {}
        self.position = roads.snap_one(lon, lat)
        """The nearest street of any kind."""

    def times(self, spots: Sequence[Spot], limit_s: float = math.inf) -> Times:
        """Return travel time (s) and way (m) of each spot.

        None for who does not travel; inf where no road leads, or none within the limit. A spot's
        stored street is used if its mode may use it, else the nearest street of the mode stands
        in; so for the place itself.

        Parameters
        ----------
        limit_s
            Search no further; inf finds everybody.
        """
        result: Times = [(None, None)] * len(spots)
        for mode in sorted({spot.mode for spot in spots} - {"none"}):
            rows = [row for row, spot in enumerate(spots) if spot.mode == mode]
            travel_s, distance_m = self._measure([spots[row] for row in rows], Mode(mode), limit_s)
            for row, seconds, metres in zip(rows, travel_s, distance_m, strict=True):
                result[row] = (seconds, metres)
        return result

    def _measure(
        self, spots: Sequence[Spot], mode: Mode, limit_s: float
    ) -> tuple[list[float], list[float]]:
        sources = positions_of(self._roads, spots, mode)
        tree = self._tree(mode, min(self._guess_s(spots, mode), limit_s))
        travel_s, distance_m = tree.measure(sources)
        missing = np.flatnonzero(np.isinf(travel_s))
        if tree.limit_s < limit_s and len(missing):
            tree = self._tree(mode, limit_s)
            travel_s[missing], distance_m[missing] = tree.measure(sources.take(missing))
        return travel_s.tolist(), distance_m.tolist()

    def _guess_s(self, spots: Sequence[Spot], mode: Mode) -> float:
        """Return how long the farthest may take, by the straight line."""
        shrink = math.cos(math.radians(self._lat))
        farthest = max(
            math.hypot((spot.lon - self._lon) * shrink, spot.lat - self._lat) for spot in spots
        )
        speed_mps = PROFILES[mode].speed[LOCAL_CLASS - 1].mps
        return MARGIN_S + DETOUR * farthest * METRES_PER_DEGREE / speed_mps

    def _tree(self, mode: Mode, limit_s: float) -> Tree:
        tree = self._trees.get(mode)
        if tree is None or tree.limit_s < limit_s:
            target = self.position if tree is None else tree.root
            if not usable(self._roads.graph, mode, np.array([target.edge]))[0]:
                target = self._roads.snap_one(self._lon, self._lat, mode)
            tree = search_to(self._roads.graph, mode, target, limit_s)
            self._trees[mode] = tree
        return tree


def positions_of(roads: Snapper, spots: Sequence[Spot], mode: Mode) -> Positions:
    """Return the spots on streets that the mode may use."""
    edge, fraction, known = _stored(roads.graph, spots)
    known &= usable(roads.graph, mode, edge)
    rest = np.flatnonzero(~known).tolist()
    if rest:
        lon, lat = [spots[row].lon for row in rest], [spots[row].lat for row in rest]
        snapped = roads.snap(lon, lat, mode)
        edge[rest], fraction[rest] = snapped.edge, snapped.fraction
    return Positions(edge, fraction, np.zeros(len(spots)))


def _stored(
    graph: RoadGraph, spots: Sequence[Spot]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.bool_]]:
    """Return edges and fractions as stored, and which of them are known."""
    edge = np.zeros(len(spots), np.int32)
    fraction = np.array([spot.fraction or 0.0 for spot in spots], np.float64)
    known = np.array([spot.edge_id is not None for spot in spots], bool)
    try:
        edge[known] = graph.edge_index([spot.edge_id for spot in spots if spot.edge_id is not None])
    except DataFault:
        # Fixes of before the roads were replaced: their points are still true.
        known[:] = False
    return edge, fraction, known


def usable(
    graph: RoadGraph, mode: Mode, edge: NDArray[np.int32] | NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return on which edges a mode may travel one way or the other."""
    time_s = graph.networks[mode].edge_time_s
    twin = graph.edge_twin[edge]
    either: NDArray[np.bool_] = np.isfinite(time_s[edge])
    either |= (twin != NONE) & np.isfinite(time_s[twin])
    return either
