"""A plane subdivision that is cut further and further, exact by construction.

Faces are rings of shared vertex numbers. A cut that ends on an edge puts its vertex into the faces
on both sides, so neighbours share identical vertices: no gap, no overlap, no snapping afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

XY = tuple[float, float]
PRECISION_DIGITS = 3
"""Vertices stand on whole millimetres, so that the last bits of sin and cos do not matter."""


@dataclass
class Mesh:
    """Vertices in metres, counter-clockwise faces and the chains that cut them apart."""

    vertices: list[XY] = field(default_factory=list)
    faces: dict[int, list[int]] = field(default_factory=dict)
    degrees: list[int] = field(default_factory=list)
    """Number of cuts (or of outline edges) that meet at each vertex."""
    _left: dict[tuple[int, int], int] = field(default_factory=dict)
    _inserted: dict[tuple[int, int], int] = field(default_factory=dict)

    @classmethod
    def of_outline(cls, ring: Sequence[XY]) -> Mesh:
        """Start with one face: number 0, the ring without its closing point, counter-clockwise."""
        mesh = cls()
        mesh._add_face([mesh._add_vertex(point, degree=2) for point in ring])
        return mesh

    def ring(self, face: int) -> list[XY]:
        """Return the corner points of a face, in metres, not closed."""
        return [self.vertices[v] for v in self.faces[face]]

    def vertex_on(self, face: int, edge: int, point: XY) -> int:
        """Return the vertex at a point of a face's edge, made there if there is none.

        Parameters
        ----------
        edge
            Position in the ring of the edge's first corner.
        """
        ring = self.faces[face]
        u, v = ring[edge], ring[(edge + 1) % len(ring)]
        rounded = _rounded(point)
        if rounded in (self.vertices[u], self.vertices[v]):
            return u if rounded == self.vertices[u] else v
        w = self._add_vertex(rounded, degree=2)
        self._inserted[min(u, v), max(u, v)] = w
        for start, end in ((u, v), (v, u)):
            self._insert_into_face(start, w, end)
        return w

    def cut(self, face: int, start: int, end: int, between: Iterable[XY] = ()) -> tuple[int, int]:
        """Cut a face from one of its vertices to another; return the two new faces.

        The first lies to the right of the chain, the second to its left.
        """
        chain = [start, *(self._add_vertex(_rounded(p), degree=2) for p in between), end]
        ring = self.faces.pop(face)
        at = ring.index(start)
        ring = ring[at:] + ring[:at]
        to = ring.index(end)
        self.degrees[start] += 1
        self.degrees[end] += 1
        self.last_chain = chain
        return (
            self._add_face(ring[: to + 1] + chain[-2:0:-1]),
            self._add_face([*ring[to:], *chain[:-1]]),
        )

    def whole_ring(self, ring: Sequence[int]) -> list[int]:
        """Return a closed ring with every vertex that was put on its edges later."""
        closed = [*ring, ring[0]]
        return self.whole_chain(closed)[:-1]

    def whole_chain(self, chain: Sequence[int]) -> list[int]:
        """Return an open chain with every vertex that was put on its edges later."""
        whole = [chain[0]]
        for u, v in pairwise(chain):
            self._expand(u, v, whole)
            whole.append(v)
        return whole

    def _expand(self, u: int, v: int, into: list[int]) -> None:
        w = self._inserted.get((min(u, v), max(u, v)))
        if w is not None:
            self._expand(u, w, into)
            into.append(w)
            self._expand(w, v, into)

    def _add_vertex(self, point: XY, *, degree: int) -> int:
        self.vertices.append(_rounded(point))
        self.degrees.append(degree)
        return len(self.vertices) - 1

    def _add_face(self, ring: list[int]) -> int:
        number = len(self._face_numbers)
        self._face_numbers.append(number)
        self.faces[number] = ring
        for u, v in zip(ring, ring[1:] + ring[:1], strict=True):
            self._left[u, v] = number
        return number

    def _insert_into_face(self, u: int, w: int, v: int) -> None:
        face = self._left.pop((u, v), None)
        if face is not None:
            ring = self.faces[face]
            ring.insert(ring.index(u) + 1, w)
            self._left[u, w] = self._left[w, v] = face

    last_chain: list[int] = field(default_factory=list)
    """Vertices of the cut made last, from end to end."""
    _face_numbers: list[int] = field(default_factory=list)


def _rounded(point: XY) -> XY:
    return round(point[0], PRECISION_DIGITS), round(point[1], PRECISION_DIGITS)
