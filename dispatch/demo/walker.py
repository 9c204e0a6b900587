"""People on their rounds: vectorised movement along road edges, one step for everybody at once.

Pure arithmetic over arrays; who is under way to a case follows a given path instead
(:mod:`dispatch.demo.life`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.demo.place import FloatArray, IntArray

MODE_BIT = {"walk": 1, "ebike": 2, "car": 4}
ROUND_MPS = {"walk": 1.2, "ebike": 3.5, "car": 6.0}
"""Pace of a round, slower than the way to a case: an assumption."""
REACH_M = 400.0
"""On their rounds people stay about this far from their posts: an assumption."""


@dataclass(frozen=True)
class Streets:
    """The road network as a walker sees it; edge arrays of equal length n.

    ``start_m`` and ``end_m`` have shape (n, 2), metres in the district's CRS.
    """

    from_node: IntArray
    to_node: IntArray
    twin: IntArray
    """Index of the same street the other way, -1 where there is none."""
    length_m: FloatArray
    access: IntArray
    start_m: FloatArray
    end_m: FloatArray
    out_start: IntArray
    """Shape (nodes + 1,): edges leaving node k are ``out_edge[out_start[k]:out_start[k + 1]]``."""
    out_edge: IntArray

    @classmethod
    def build(
        cls,
        from_node: IntArray,
        to_node: IntArray,
        twin: IntArray,
        length_m: FloatArray,
        access: IntArray,
        node_m: FloatArray,
    ) -> Streets:
        """Index the edges by the node they leave."""
        order = np.argsort(from_node, kind="stable")
        out_start = np.searchsorted(from_node[order], np.arange(len(node_m) + 1))
        return cls(
            from_node,
            to_node,
            twin,
            length_m,
            access,
            node_m[from_node],
            node_m[to_node],
            out_start,
            order,
        )


@dataclass
class Walkers:
    """Where everybody is; arrays of equal length m, changed in place by :meth:`step`."""

    edge: IntArray
    fraction: FloatArray
    mode_bit: IntArray
    speed_mps: FloatArray
    post_m: FloatArray
    """Shape (m, 2): the post they stay around."""

    def step(self, streets: Streets, seconds: float, rng: np.random.Generator) -> None:
        """Move everybody ``seconds`` on; at a corner, choose a way that stays near the post."""
        length_m = streets.length_m[self.edge]
        self.fraction += self.speed_mps * seconds / length_m
        over = np.flatnonzero(self.fraction >= 1.0)
        while len(over):
            beyond_m = (self.fraction[over] - 1.0) * streets.length_m[self.edge[over]]
            self.edge[over] = self._turn(streets, over, rng)
            self.fraction[over] = beyond_m / streets.length_m[self.edge[over]]
            over = over[self.fraction[over] >= 1.0]

    def _turn(
        self, streets: Streets, who: IntArray, rng: np.random.Generator, draws: int = 3
    ) -> IntArray:
        """Draw a few ways out of the corner and keep the one that ends nearest to the post.

        Beyond ``REACH_M`` the nearest wins, within it the first drawn; a dead end turns back.
        """
        node = streets.to_node[self.edge[who]]
        low, high = streets.out_start[node], streets.out_start[node + 1]
        best = self.edge[who].copy()
        back = streets.twin[self.edge[who]]
        best = np.where(back >= 0, back, best)
        best_m = np.full(len(who), np.inf)
        for _ in range(draws):
            pick = low + (rng.random(len(who)) * (high - low)).astype(np.int64)
            way = streets.out_edge[np.minimum(pick, high - 1)]
            ends_m = np.hypot(*(streets.end_m[way] - self.post_m[who]).T)
            cost_m = np.where(ends_m < REACH_M, rng.random(len(who)), ends_m)
            open_way = (streets.access[way] & self.mode_bit[who]) > 0
            better = open_way & (way != back) & (cost_m < best_m)
            best = np.where(better, way, best)
            best_m = np.where(better, cost_m, best_m)
        return best

    def heading_deg(self, streets: Streets) -> FloatArray:
        """Return the headings, degrees clockwise from grid north, in [0, 360)."""
        delta = streets.end_m[self.edge] - streets.start_m[self.edge]
        heading: FloatArray = np.degrees(np.arctan2(delta[:, 0], delta[:, 1])) % 360.0
        return heading


def modes(names: list[str]) -> tuple[IntArray, FloatArray, NDArray[np.bool_]]:
    """Return mode bits, paces and who moves at all, for the travel modes of people."""
    moving = np.array([name in MODE_BIT for name in names])
    bits = np.array([MODE_BIT.get(name, 1) for name in names], dtype=np.int64)
    pace = np.array([ROUND_MPS.get(name, 0.0) for name in names])
    return bits, pace, moving
