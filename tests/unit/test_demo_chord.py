"""Where to cut: areas, grain, shares and validity, worked by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.demo.chord import (
    End,
    Ring,
    Snap,
    area_of,
    bend,
    best_chord,
    chords_at,
    elongation_of,
    encloses,
    grain_of,
    inside,
    length_of,
    offset_for,
    pieces_of,
)

SQUARE: Ring = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
# A U, open to the north: two arms of 30 x 70 on a base of 100 x 30.
U: Ring = [
    (0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (70.0, 100.0), (70.0, 30.0), (30.0, 30.0),
    (30.0, 100.0), (0.0, 100.0),
]  # fmt: skip
NO_SNAP = Snap(0.0, 0.0)


def test_areas_and_lengths() -> None:
    assert area_of(SQUARE) == 10_000.0
    assert area_of(SQUARE[::-1]) == -10_000.0
    assert area_of(U) == 3000.0 + 2 * 2100.0
    assert length_of(SQUARE) == 400.0


def test_elongation_of_rectangles() -> None:
    assert elongation_of(SQUARE) == 0.0
    assert elongation_of([(0, 0), (2, 0), (2, 1), (0, 1)]) == pytest.approx(0.125)
    assert elongation_of([(0, 0), (4, 0), (4, 1), (0, 1)]) == pytest.approx(0.5625)


def test_grain_is_the_direction_modulo_a_right_angle() -> None:
    turn = math.radians(20)
    turned = [
        (x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))
        for x, y in SQUARE
    ]
    assert grain_of(turned) == pytest.approx(turn)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_offset_of_a_square_is_its_share(share: float) -> None:
    assert offset_for(SQUARE, (0.0, 1.0), share) == pytest.approx(100 * share, abs=0.5)


def test_offset_of_a_concave_ring_counts_both_arms() -> None:
    # Below 30 lie 3000 of 7200; each further metre adds 60: half is 3600, ten metres up.
    assert offset_for(U, (0.0, 1.0), 0.5) == pytest.approx(40.0, abs=0.5)


def test_line_through_the_arms_gives_two_chords() -> None:
    chords = sorted(sorted((a.point[0], b.point[0])) for a, b in chords_at(U, (0.0, 1.0), 60.0))
    assert chords == [[0.0, 30.0], [70.0, 100.0]]


@given(st.floats(1.0, 99.0), st.floats(1.0, 99.0))
def test_pieces_add_up(south: float, north: float) -> None:
    first, second = pieces_of(SQUARE, End(0, (south, 0.0)), End(2, (north, 100.0)))
    assert area_of(first) + area_of(second) == pytest.approx(10_000.0)
    assert area_of(first) == pytest.approx(100 * (100 - (south + north) / 2))


def test_pieces_from_corner_to_corner() -> None:
    first, second = pieces_of(SQUARE, End(0, (0.0, 0.0), 0), End(2, (100.0, 100.0), 2))
    assert first == [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)]
    assert second == [(100.0, 100.0), (0.0, 100.0), (0.0, 0.0)]


def test_best_chord_prefers_the_wanted_share() -> None:
    lines = [((1.0, 0.0), x) for x in (20.0, 50.0, 80.0)]
    chord = best_chord(SQUARE, [False] * 4, lines, lambda a, b: (0.5, 0.0), NO_SNAP)
    assert chord is not None
    assert {chord.start.point[0], chord.end.point[0]} == {50.0}


def test_end_near_a_junction_becomes_a_crossing() -> None:
    ring = [*SQUARE[:1], (46.0, 0.0), *SQUARE[1:]]
    junctions = [False, True, False, False, False]
    line = [((1.0, 0.0), 50.0)]
    chord = best_chord(ring, junctions, line, lambda a, b: (0.5, 0.0), Snap(10.0, 1.0))
    assert chord is not None
    assert (46.0, 0.0) in (chord.start.point, chord.end.point)


def test_refused_and_sharp_chords_are_not_taken() -> None:
    line = [((1.0, 0.0), 50.0)]
    assert best_chord(SQUARE, [False] * 4, line, lambda a, b: None, NO_SNAP) is None
    turn = math.radians(20)  # off the south side, which it meets at (60, 0)
    slanting = [((math.sin(turn), -math.cos(turn)), 60.0 * math.sin(turn))]
    assert best_chord(SQUARE, [False] * 4, slanting, lambda a, b: (0.5, 0.0), NO_SNAP) is None


def test_encloses_and_inside() -> None:
    assert encloses(U, (15.0, 60.0))
    assert not encloses(U, (50.0, 60.0))
    assert not inside(U, [(15.0, 100.0), (85.0, 100.0)], frozenset())
    assert inside(U, [(20.0, 0.0), (20.0, 15.0), (20.0, 30.0)], frozenset({U[0], U[1]}))


def test_bend_starts_and_ends_on_the_line() -> None:
    points = bend((0.0, 0.0), (400.0, 0.0), 4, [10.0, 0.0, 0.0])
    assert [round(x) for x, _ in points] == [100, 200, 300]
    assert [round(y, 2) for _, y in points] == [7.07, 10.0, 7.07]
