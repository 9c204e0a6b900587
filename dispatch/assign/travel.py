"""Travel times of many responders to one place, each by their own mode of travel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.errors import DataFault
from geodata.road.graph import NONE, RoadGraph
from geodata.road.position import Position, Positions
from geodata.road.profile import Mode
from geodata.road.snap import Snapper
from geodata.road.travel import times_to

STAGES_S = (480.0, 1800.0, math.inf)
"""Searches grow only as far as somebody is still missing: most responders live near their posts,
and a search of 8 minutes costs a tenth of one of the whole district."""


@dataclass(frozen=True)
class Spot:
    """Where a responder is: last fix or home post; edge_id None where it was never snapped."""

    mode: str
    edge_id: int | None
    fraction: float | None
    lon: float
    lat: float


def travel_to(
    roads: Snapper, lon: float, lat: float, spots: Sequence[Spot]
) -> list[tuple[float | None, float | None]]:
    """Return travel time (s) and way (m) of each spot to a point.

    None for who does not travel; inf where no road leads. A spot's stored street is used if its
    mode may use it, else the nearest street of the mode stands in; so for the point.

    Parameters
    ----------
    lon, lat
        The incident, EPSG:4326.
    """
    result: list[tuple[float | None, float | None]] = [(None, None)] * len(spots)
    for mode in sorted({spot.mode for spot in spots} - {"none"}):
        rows = [row for row, spot in enumerate(spots) if spot.mode == mode]
        times = _by_mode(roads, lon, lat, [spots[row] for row in rows], Mode(mode))
        for row, pair in zip(rows, times, strict=True):
            result[row] = pair
    return result


def _by_mode(
    roads: Snapper, lon: float, lat: float, spots: Sequence[Spot], mode: Mode
) -> list[tuple[float, float]]:
    sources = positions_of(roads, spots, mode)
    target = roads.snap_one(lon, lat, mode)
    travel_s, distance_m = _search(roads.graph, mode, target, sources)
    return list(zip(travel_s.tolist(), distance_m.tolist(), strict=True))


def _search(
    graph: RoadGraph, mode: Mode, target: Position, sources: Positions
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    travel_s = np.full(len(sources), np.inf)
    distance_m = np.full(len(sources), np.inf)
    missing = np.arange(len(sources))
    for limit_s in STAGES_S:
        found_s, found_m = times_to(graph, mode, target, sources.take(missing), limit_s)
        travel_s[missing], distance_m[missing] = found_s, found_m
        missing = missing[np.isinf(found_s)]
        if not len(missing):
            break
    return travel_s, distance_m


def positions_of(roads: Snapper, spots: Sequence[Spot], mode: Mode) -> Positions:
    """Return the spots on streets that the mode may use."""
    graph = roads.graph
    edge, fraction, usable = _stored(graph, spots, mode)
    rest = np.flatnonzero(~usable)
    if len(rest):
        snapped = roads.snap(
            [spots[row].lon for row in rest.tolist()],
            [spots[row].lat for row in rest.tolist()],
            mode,
        )
        edge[rest], fraction[rest] = snapped.edge, snapped.fraction
    return Positions(edge, fraction, np.zeros(len(spots)))


def _stored(
    graph: RoadGraph, spots: Sequence[Spot], mode: Mode
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.bool_]]:
    """Return edges and fractions as stored, and which of them the mode may use."""
    edge = np.zeros(len(spots), np.int32)
    fraction = np.array([spot.fraction or 0.0 for spot in spots], np.float64)
    usable = np.array([spot.edge_id is not None for spot in spots], bool)
    try:
        edge[usable] = graph.edge_index(
            [spot.edge_id for spot in spots if spot.edge_id is not None]
        )
    except DataFault:
        # Fixes of before the roads were replaced: their points are still true.
        usable[:] = False
        return edge, fraction, usable
    time_s = graph.networks[mode].edge_time_s
    twin = graph.edge_twin[edge]
    back_s = np.where(twin == NONE, np.inf, time_s[twin])
    usable &= np.isfinite(time_s[edge]) | np.isfinite(back_s)
    return edge, fraction, usable
