"""The mesh stays exact: neighbours share vertices, areas add up."""

from __future__ import annotations

from geodata.demo.chord import area_of
from geodata.demo.mesh import Mesh

SQUARE = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]


def _halved() -> tuple[Mesh, int, int]:
    """Cut a square from the middle of its south side to the middle of its north side."""
    mesh = Mesh.of_outline(SQUARE)
    north = mesh.vertex_on(0, 2, (50.0, 100.0))
    south = mesh.vertex_on(0, 0, (50.0, 0.0))
    return mesh, *mesh.cut(0, south, north)


def test_cut_gives_the_right_side_first() -> None:
    mesh, right, left = _halved()
    assert all(x >= 50.0 for x, _ in mesh.ring(right))
    assert all(x <= 50.0 for x, _ in mesh.ring(left))
    assert area_of(mesh.ring(right)) == area_of(mesh.ring(left)) == 5000.0


def test_vertex_on_a_shared_edge_enters_both_faces() -> None:
    mesh, right, left = _halved()
    ring = mesh.ring(right)
    shared = next(k for k in range(len(ring)) if ring[k][0] == 50.0 == ring[(k + 1) % len(ring)][0])
    made = mesh.vertex_on(right, shared, (50.0, 30.0))
    assert made in mesh.faces[right]
    assert made in mesh.faces[left]
    assert area_of(mesh.ring(left)) == 5000.0


def test_vertex_on_a_corner_is_the_corner() -> None:
    mesh = Mesh.of_outline(SQUARE)
    assert mesh.vertex_on(0, 0, (100.0, 0.0001)) == 1
    assert len(mesh.vertices) == 4


def test_degrees_count_what_meets() -> None:
    mesh, *_ = _halved()
    assert sorted(mesh.degrees) == [2, 2, 2, 2, 3, 3]


def test_old_rings_and_chains_get_later_vertices() -> None:
    mesh, right, _ = _halved()
    chain = list(mesh.last_chain)
    ring = mesh.faces[right]
    edge = next(k for k in range(len(ring)) if {ring[k], ring[(k + 1) % len(ring)]} == set(chain))
    first = mesh.vertex_on(right, edge, (50.0, 40.0))
    ring = mesh.faces[right]
    edge = next(k for k in range(len(ring)) if {ring[k], ring[k - len(ring) + 1]} == {4, first})
    second = mesh.vertex_on(right, edge, (50.0, 70.0))
    assert mesh.whole_chain(chain) == [chain[0], first, second, chain[1]]
    assert set(mesh.whole_ring(range(4))) == {0, 1, 2, 3, *chain}
    assert mesh.whole_chain(chain[::-1]) == mesh.whole_chain(chain)[::-1]


def test_bent_cut_puts_its_points_into_both_faces() -> None:
    mesh = Mesh.of_outline(SQUARE)
    first, second = mesh.cut(0, 0, 2, [(60.0, 40.0)])
    assert (60.0, 40.0) in mesh.ring(first)
    assert (60.0, 40.0) in mesh.ring(second)
    assert area_of(mesh.ring(first)) + area_of(mesh.ring(second)) == 10_000.0
