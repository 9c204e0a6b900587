"""What one mode of travel can use, as sparse matrices that scipy searches without a copy.

scipy's Dijkstra starts at a node; a position lies somewhere on an edge. So each matrix has one row
more than there are nodes: a virtual node whose two entries are written before each search (see
travel.py). Parallel edges are reduced to the fastest, and self loops are left out, when the
matrix is built: neither can be on a fastest way between nodes in any other form.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from geodata.road.profile import Profile

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int32]
TAILS = 2
"""Entries of the virtual node: the two ends of the street a position lies on."""


@dataclass(frozen=True, eq=False)
class Matrix:
    """Rows of a compressed sparse graph with ``n + 1`` nodes; entries sorted within a row.

    ``weight_s`` and ``target`` end with the entries of the virtual node, and these are written to:
    each process needs its own copy of the last page (``mmap_mode="c"`` gives just that).
    """

    row_start: IndexArray
    target: IndexArray
    weight_s: FloatArray
    edge: IndexArray
    """Index of the edge behind each entry."""

    @cached_property
    def csr(self) -> sp.csr_matrix:
        """Return the scipy matrix over the very same memory."""
        n = len(self.row_start) - 1
        matrix = sp.csr_matrix((n, n))
        matrix.indptr, matrix.indices, matrix.data = (
            np.asarray(self.row_start),
            np.asarray(self.target),
            np.asarray(self.weight_s),
        )
        return matrix

    @cached_property
    def key(self) -> NDArray[np.int64]:
        """Return ``row * n + target`` of every real entry, ascending, to find an entry fast."""
        n = len(self.row_start) - 1
        row = np.repeat(np.arange(n, dtype=np.int64), np.diff(self.row_start))
        return (row * n + self.target)[:-TAILS]

    def edge_between(self, row: NDArray[np.int64], target: NDArray[np.int64]) -> IndexArray:
        """Return the edge behind the entries (row, target), which must exist; shape (k,)."""
        n = len(self.row_start) - 1
        found: IndexArray = self.edge[np.searchsorted(self.key, row * n + target)]
        return found


@dataclass(frozen=True, eq=False)
class Network:
    """The edges of one mode: times, and the matrices along and against travel."""

    edge_time_s: FloatArray
    """Shape (m + 1,): inf where the mode may not go; the last entry is the twin of no twin."""
    forward: Matrix
    reverse: Matrix


def build_network(
    profile: Profile,
    n_nodes: int,
    start: IndexArray,
    end: IndexArray,
    length_m: FloatArray,
    speed_class: NDArray[np.uint8],
    access: NDArray[np.uint8],
) -> Network:
    """Build the network of a mode from arrays over edges, shape (m,)."""
    allowed = (access & profile.access_bit) != 0
    time_s = np.where(allowed, length_m / profile.speed_mps[speed_class], np.inf)
    usable = np.flatnonzero(allowed & (start != end)).astype(np.int32)
    usable = _fastest(usable, start, end, time_s, n_nodes)
    return Network(
        np.append(time_s, np.inf),
        _matrix(usable, start[usable], end[usable], time_s, n_nodes),
        _matrix(usable, end[usable], start[usable], time_s, n_nodes),
    )


def _fastest(
    edges: IndexArray, start: IndexArray, end: IndexArray, time_s: FloatArray, n_nodes: int
) -> IndexArray:
    """Keep one edge per pair of nodes: the fastest, and of equals the first."""
    pair = start[edges].astype(np.int64) * n_nodes + end[edges]
    order = np.lexsort((edges, time_s[edges], pair))
    pair = pair[order]
    first = np.ones(len(pair), bool)
    first[1:] = pair[1:] != pair[:-1]
    kept: IndexArray = edges[order[first]]
    return kept


def _matrix(
    edges: IndexArray, row: IndexArray, target: IndexArray, time_s: FloatArray, n_nodes: int
) -> Matrix:
    order = np.lexsort((target, row))
    count = np.bincount(row, minlength=n_nodes)
    row_start = np.concatenate([[0], np.cumsum(count), [len(edges) + TAILS]])
    idle = np.full(TAILS, n_nodes, np.int32)  # a virtual node that leads to itself leads nowhere
    return Matrix(
        row_start.astype(np.int32),
        np.concatenate([target[order], idle]).astype(np.int32),
        np.concatenate([time_s[edges[order]], np.zeros(TAILS)]),
        edges[order],
    )
