"""Travel times that are kept from one question about the queue to the next, by one process.

What takes long is the search from a case's place; it is made once per case and mode, and again only
if the case moves or the roads are replaced. Where people are is never kept: each time is looked up
in the field of the case for the spot of the moment, two look-ups a pair.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.assign.matrix import MODES, TravelMatrix, goals
from dispatch.assign.travel import Spot, positions_of
from geodata.road.graph import RoadGraph
from geodata.road.position import Positions
from geodata.road.profile import Mode
from geodata.road.snap import Snapper

AT_ONCE = 100
"""Cases searched for between two pauses."""

Pause = Callable[[], None]
"""Lets others have their turn in the midst of a long work."""


def no_pause() -> None:
    """Go on at once."""


class Place(NamedTuple):
    """Where a case is, EPSG:4326."""

    lon: float
    lat: float


class Pairing(NamedTuple):
    """Which people are asked about for which cases: one case and one person each, shape (k,)."""

    case_id: Sequence[int]
    person_id: Sequence[int]


class TravelMemory:
    """The fields of cases that were asked about last.

    Safe to share between threads and greenlets: who asks while another is answered waits.

    Parameters
    ----------
    limit_s
        Who needs longer is out of reach.
    most
        Cases that are kept beside those of the present question; who was not asked about for the
        longest goes first. 2,000 cases within 30 minutes take some 200 MB.
    """

    def __init__(self, limit_s: float, most: int) -> None:
        self._limit_s, self._most = limit_s, most
        self._lock = Lock()
        self._matrix: TravelMatrix | None = None
        self._graph: RoadGraph | None = None
        self._places: dict[int, Place] = {}
        """Those that have a field, in the order in which they were last asked about."""

    def between(
        self,
        roads: Snapper,
        places: Mapping[int, Place],
        spots: Mapping[int, Spot],
        pairs: Pairing,
        pause: Pause = no_pause,
    ) -> NDArray[np.float64]:
        """Return the travel time of each pair, shape (k,), seconds.

        inf where out of reach; NaN for who does not travel.

        Parameters
        ----------
        places, spots
            Of the cases and people that are asked about, by id.
        pause
            Called every tenth of a second or so while there is something to search for.
        """
        with self._lock:
            matrix = self._learn(roads, places, pause)
            times = _look_up(matrix, roads, spots, pairs)
            self._forget(matrix)
        return times

    def _learn(self, roads: Snapper, places: Mapping[int, Place], pause: Pause) -> TravelMatrix:
        """Search for the cases that are new or have moved."""
        if self._matrix is None or self._graph is not roads.graph:
            self._matrix, self._graph = TravelMatrix(roads.graph, self._limit_s), roads.graph
            self._places = {}
        new = [one for one, place in places.items() if self._places.get(one) != place]
        for start in range(0, len(new), AT_ONCE):
            part = new[start : start + AT_ONCE]
            lon, lat = [places[one].lon for one in part], [places[one].lat for one in part]
            self._matrix.place(part, goals(roads, lon, lat))
            self._places.update((one, places[one]) for one in part)
            pause()
        for one in places:  # asked about last: goes last
            self._places[one] = self._places.pop(one)
        return self._matrix

    def _forget(self, matrix: TravelMatrix) -> None:
        gone = list(self._places)[: max(0, len(self._places) - self._most)]
        matrix.close(gone)
        for one in gone:
            del self._places[one]


def _look_up(
    matrix: TravelMatrix, roads: Snapper, spots: Mapping[int, Spot], pairs: Pairing
) -> NDArray[np.float64]:
    """Look the pairs up, mode by mode."""
    case_id, person_id = np.asarray(pairs.case_id, np.int64), np.asarray(pairs.person_id, np.int64)
    times = np.full(len(case_id), math.nan)
    for mode in MODES:
        ids = [one for one, spot in spots.items() if spot.mode == mode]
        if ids:
            at = positions_of(roads, [spots[one] for one in ids], Mode(mode))
            some, column = _columns(ids, person_id)
            times[some] = matrix.between(case_id[some].tolist(), mode, _at(at, column))
    return times


def _columns(
    ids: Sequence[int], person_id: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of some people, and whose place among them each has."""
    order = np.argsort(ids)
    known = np.asarray(ids, np.int64)[order]
    at = np.minimum(np.searchsorted(known, person_id), len(known) - 1)
    some = np.flatnonzero(known[at] == person_id)
    return some, order[at[some]]


def _at(positions: Positions, column: NDArray[np.int64]) -> Positions:
    return Positions(positions.edge[column], positions.fraction[column], np.zeros(len(column)))
