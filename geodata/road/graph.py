"""The road graph in memory: plain arrays that several processes can map from the same files.

Nodes and edges have a database id and an index (their row in the arrays). Inside ``geodata.road``
everything is an index; ``edge_id`` and :meth:`RoadGraph.edge_index` translate at the border.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geodata.crs import METRIC_EPSG, to_metric
from geodata.errors import DataFault
from geodata.road.network import Network, build_network
from geodata.road.profile import PROFILES, Mode

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int32]

NONE = -1
"""Index of no twin and of no name."""


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """A directed road graph; a street in two directions is two edges, twins of one another.

    Arrays over nodes have shape (n,), over edges (m,). ``shape_*`` holds the vertices of all edges
    one after the other; edge ``e`` owns ``shape_offset[e]:shape_offset[e + 1]``, in the direction
    of travel. A twin's shape is the same line backwards.
    """

    version: int
    """``districts.ground_version`` it was read at."""
    epsg: int
    """The plane of x and y, metres."""
    node_id: NDArray[np.int64]
    node_lon: FloatArray
    node_lat: FloatArray
    node_x_m: FloatArray
    node_y_m: FloatArray
    edge_id: NDArray[np.int64]
    edge_from: IndexArray
    """Index of the node it leaves."""
    edge_to: IndexArray
    """Index of the node it reaches."""
    edge_twin: IndexArray
    """Index of the same street the other way, or NONE."""
    length_m: FloatArray
    speed_class: NDArray[np.uint8]
    access: NDArray[np.uint8]
    """Bits of :class:`~geodata.road.profile.Profile`."""
    name_index: IndexArray
    """Index into ``names``, or NONE."""
    names: tuple[str, ...]
    shape_offset: NDArray[np.int64]
    shape_x_m: FloatArray
    shape_y_m: FloatArray
    shape_along_m: FloatArray
    """Length of all lines up to each vertex, in the plane: it never falls, so it can be searched.

    The length of one edge in the plane is the difference of its ends."""
    networks: dict[Mode, Network] = field(repr=False)
    """What each mode can use, ready to search."""
    lock: Any = field(default_factory=Lock, repr=False)
    """Held while a search has its target written into a network."""

    @classmethod
    def build(
        cls,
        *,
        node_id: ArrayLike,
        node_lon: ArrayLike,
        node_lat: ArrayLike,
        edge_id: ArrayLike,
        from_node: ArrayLike,
        to_node: ArrayLike,
        twin_id: Sequence[int | None],
        length_m: ArrayLike,
        speed_class: ArrayLike,
        access: ArrayLike,
        name: Sequence[str | None],
        geometry: ArrayLike,
        version: int = 0,
        epsg: int = METRIC_EPSG,
    ) -> RoadGraph:
        """Build the graph from rows as the database has them.

        Parameters
        ----------
        node_id, node_lon, node_lat
            Shape (n,); degrees, EPSG:4326.
        edge_id, from_node, to_node, twin_id
            Shape (m,); database ids; twin_id is None for a street without the other direction.
        length_m, speed_class, access, name
            Shape (m,); as in ``geodata.road_edges``.
        geometry
            Shape (m,); shapely LineStrings in EPSG:4326, in the direction of travel.
        version
            ``districts.ground_version``.
        epsg
            The plane to work in, metres.

        Raises
        ------
        DataFault
            Ids repeat or point nowhere, twins are not mutual, or a length or class is out of range.
        """
        nodes = np.asarray(node_id, np.int64).reshape(-1)
        edges = np.asarray(edge_id, np.int64).reshape(-1)
        lon, lat = np.asarray(node_lon, np.float64), np.asarray(node_lat, np.float64)
        x_m, y_m = to_metric(lon, lat, epsg)
        start = index_of(nodes, from_node, "from_node")
        end = index_of(nodes, to_node, "to_node")
        twin = _twin_index(edges, twin_id)
        names, name_index = _name_index(name)
        length = np.asarray(length_m, np.float64)
        classes, bits = np.asarray(speed_class, np.uint8), np.asarray(access, np.uint8)
        _check_edges(start, end, twin, length, classes)
        networks = {
            mode: build_network(profile, len(nodes), start, end, length, classes, bits)
            for mode, profile in PROFILES.items()
        }
        return cls(
            version,
            epsg,
            nodes,
            lon,
            lat,
            x_m,
            y_m,
            edges,
            start,
            end,
            twin,
            length,
            classes,
            bits,
            name_index,
            names,
            *_shape(geometry, epsg, len(edges)),
            networks,
        )

    def edge_time_s(self, mode: Mode) -> FloatArray:
        """Return the time along each edge, shape (m,), seconds; inf where the mode may not go."""
        return self.networks[mode].edge_time_s[:-1]

    def edge_index(self, edge_id: ArrayLike) -> IndexArray:
        """Return the indices of database edge ids, shape (n,).

        Raises
        ------
        DataFault
            An id that this graph does not hold: the position is of another ground version.
        """
        return self._edge_order.find(np.atleast_1d(np.asarray(edge_id, np.int64)), "edge_id")

    def name_of(self, edge: int) -> str | None:
        """Return the street name of an edge (index), or None."""
        index = int(self.name_index[edge])
        return None if index == NONE else self.names[index]

    @cached_property
    def _edge_order(self) -> _Order:
        return _Order(self.edge_id)


class _Order:
    """Ids sorted once, to find the index of many."""

    def __init__(self, ids: NDArray[np.int64]) -> None:
        self.rank = np.argsort(ids, kind="stable")
        self.sorted = ids[self.rank]

    def find(self, wanted: NDArray[np.int64], what: str) -> IndexArray:
        if not len(self.sorted):
            raise DataFault(f"the road graph is empty: {what} cannot be found")
        at = np.minimum(np.searchsorted(self.sorted, wanted), len(self.sorted) - 1)
        missing = self.sorted[at] != wanted
        if missing.any():
            raise DataFault(
                f"{what} {int(wanted[missing.argmax()])} is not in the road graph",
                missing=int(missing.sum()),
            )
        return self.rank[at].astype(np.int32)


def index_of(ids: NDArray[np.int64], wanted: ArrayLike, what: str) -> IndexArray:
    """Return the index of each wanted id in ``ids``, which must be unique.

    Raises
    ------
    DataFault
        Ids repeat, or one is not there.
    """
    order = _Order(ids)
    if (order.sorted[1:] == order.sorted[:-1]).any():
        raise DataFault(f"ids that {what} points to are not unique")
    chosen = np.asarray(wanted, np.int64).reshape(-1)
    return order.find(chosen, what) if len(chosen) else np.empty(0, np.int32)


def _twin_index(edges: NDArray[np.int64], twin_id: Sequence[int | None]) -> IndexArray:
    has = np.array([t is not None for t in twin_id], bool)
    twin = np.full(len(edges), NONE, np.int32)
    twin[has] = index_of(edges, [t for t in twin_id if t is not None], "twin_id")
    return twin


def _name_index(name: Sequence[str | None]) -> tuple[tuple[str, ...], IndexArray]:
    names = tuple(sorted({n for n in name if n is not None}))
    where: dict[str | None, int] = {n: i for i, n in enumerate(names)}
    where[None] = NONE
    return names, np.fromiter((where[n] for n in name), np.int32, len(name))


def _check_edges(
    start: IndexArray,
    end: IndexArray,
    twin: IndexArray,
    length_m: FloatArray,
    speed_class: NDArray[np.uint8],
) -> None:
    both = np.flatnonzero(twin != NONE)
    back = twin[both]
    mutual = (twin[back] == both) & (start[back] == end[both]) & (end[back] == start[both])
    if not mutual.all() or (back == both).any():
        raise DataFault("twins of the road graph do not name each other, end for end")
    if not ((length_m > 0) & np.isfinite(length_m)).all():
        raise DataFault("an edge of the road graph has no length")
    if not ((speed_class >= 1) & (speed_class <= 4)).all():
        raise DataFault("an edge of the road graph has no speed class from 1 to 4")


def _shape(
    geometry: ArrayLike, epsg: int, n_edges: int
) -> tuple[NDArray[np.int64], FloatArray, FloatArray, FloatArray]:
    """Return offsets, x, y and running length of all vertices, in the plane."""
    lines = np.asarray(geometry, object).reshape(-1)
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    count = np.bincount(owner, minlength=n_edges)
    if len(lines) != n_edges or (count < 2).any():
        raise DataFault("an edge of the road graph has no line")
    x_m, y_m = to_metric(xy[:, 0], xy[:, 1], epsg)
    offset = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    step = np.hypot(np.diff(x_m, prepend=0.0), np.diff(y_m, prepend=0.0))
    step[offset[:-1]] = 0.0
    return offset, x_m, y_m, np.cumsum(step)
