"""Small towns for the tests of the replay, all in seconds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dispatch.replay.town import Case, People, Place, Span, Town, Ways

ALWAYS: tuple[Span, ...] = ((0.0, 1e7),)
NEAR_A, NEAR_B, STAFF = 0, 1, 2


def place(row: int, *standing: tuple[int, int], family: str = "hazard") -> Place:
    """Return a place with (person, rung) of who stands on its ladder."""
    person, rung = zip(*standing, strict=True) if standing else ((), ())
    return Place(row, family, (), np.array(person, np.int32), np.array(rung, np.int64))


def case(
    number: int,
    at_s: float,
    where: Place,
    limit_s: float = 900.0,
    stay_s: float = 600.0,
    open_s: float = 1200.0,
) -> Case:
    return Case(number, at_s, where, limit_s, False, stay_s, open_s)


def people(
    role: Sequence[str], capacity: Sequence[int], on: Sequence[Sequence[Span]] | None = None
) -> People:
    """Return people with ids from 11 on, all by the first mode."""
    count = len(role)
    return People(
        np.arange(11, 11 + count), role, np.zeros(count, np.int8),
        np.array(capacity, np.int64), on or [ALWAYS] * count,
    )  # fmt: skip


def ways(from_post: Sequence[Sequence[float]], between: Sequence[Sequence[float]]) -> Ways:
    """Return ways by place and person, and between places."""
    return Ways(np.array(from_post, np.float32), np.array([between], np.float32))


A = place(0, (NEAR_A, 2), (NEAR_B, 3), (STAFF, 4))
B = place(1, (NEAR_A, 3), (NEAR_B, 2), (STAFF, 4))


def crossroads() -> Town:
    """Return two places, 240 s apart, three people and four cases.

    One grid worker for each place, with one place and two, and a community worker with one, who
    lives next to A. The third case comes in at B, the others at A; the last one after a long time.
    """
    return Town(
        [case(1, 0.0, A), case(2, 60.0, A), case(3, 120.0, B, 600.0), case(4, 7200.0, A)],
        people(["grid_worker", "grid_worker", "community_worker"], [1, 2, 1]),
        ways([[300, 120, 60], [400, 200, 600]], [[0, 240], [240, 0]]),
        length_s=8000.0,
    )
