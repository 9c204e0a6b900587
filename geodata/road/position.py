"""Positions on the road: an edge and how far along it. Nothing public is ever a node.

So turn restrictions can come later without a change of interface. A position at fraction 0 or 1
is the crossing itself, and one may leave it by any street that meets there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import DataFault
from geodata.road.graph import FloatArray, IndexArray, RoadGraph


@dataclass(frozen=True)
class Position:
    """One position: index of an edge and fraction (0 to 1) along it in its direction.

    It stands for the place on the street, not for a heading: where the edge has a twin, one may
    set off either way.
    """

    edge: int
    fraction: float
    snap_m: float = 0.0
    """Distance of the point that was snapped to here."""


@dataclass(frozen=True, eq=False)
class Positions:
    """Many positions; arrays of shape (n,)."""

    edge: IndexArray
    fraction: FloatArray
    snap_m: FloatArray

    def __len__(self) -> int:
        return len(self.edge)

    def __getitem__(self, row: int) -> Position:
        return Position(int(self.edge[row]), float(self.fraction[row]), float(self.snap_m[row]))

    def __iter__(self) -> Iterator[Position]:
        return (self[row] for row in range(len(self)))

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Positions:
        """Return the chosen rows."""
        return Positions(self.edge[rows], self.fraction[rows], self.snap_m[rows])

    @classmethod
    def of(cls, positions: Sequence[Position]) -> Positions:
        """Gather single positions."""
        return cls(
            np.array([p.edge for p in positions], np.int32),
            np.array([p.fraction for p in positions], np.float64),
            np.array([p.snap_m for p in positions], np.float64),
        )

    @classmethod
    def from_ids(cls, graph: RoadGraph, edge_id: ArrayLike, fraction: ArrayLike) -> Positions:
        """Return positions stored as database edge ids and fractions.

        Raises
        ------
        DataFault
            An edge is not in the graph, or a fraction is not from 0 to 1.
        """
        share = np.atleast_1d(np.asarray(fraction, np.float64))
        if not ((share >= 0.0) & (share <= 1.0)).all():
            raise DataFault("a stored position has a fraction that is not from 0 to 1")
        return cls(graph.edge_index(edge_id), share, np.zeros(len(share)))
