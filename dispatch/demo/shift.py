"""The demo's shifts and leave: drawn so that the plan says of everybody the duty they have.

Assumptions, all of it: most of the front line and of the stationed bodies stand by round the clock,
a part of them and most of the offices work four shifts of twelve hours a week; the people of
mediation and the information officers, who live in their buildings, work by appointment. Starts are
spread, so that people come and go all day and not all at once, and at no hour is a street without.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from dispatch.demo.roster import Roster
from dispatch.roster.entry import Leave, Shift
from dispatch.roster.plan import AWAY, ON, Plan
from geodata.clock import LOCAL_ZONE, local_day, midnight
from geodata.db.scope import Conn

BY_APPOINTMENT = frozenset({"info_officer", "mediator", "judge", "lawyer"})
STARTS_H = (0, 2, 6, 7, 8, 9, 10, 12, 14, 18, 20, 22)
LENGTH_MIN = 12 * 60
DAYS_A_WEEK = 4
STANDBY = ((1, 2, 3, 4, 5, 6, 7), 0, 24 * 60)
BY_THE_WEEK = {"grid": 0.2, "stationed": 0.3}
"""Part of a team that works by the week; of the others it is :data:`OFFICE_SHARE`."""
OFFICE_SHARE = 0.6
SHARE_TO_COME, SHARE_PAST = 0.04, 0.03
"""Parts of the people with a leave in the next three weeks, and with one that is over."""
KINDS = ("annual", "annual", "annual", "personal", "training", "sick")
HISTORY = timedelta(weeks=8)
"""How long shifts have been as they are."""


def draw_plans(roster: Roster, as_of: datetime, rng: np.random.Generator) -> Iterator[Plan]:
    """Yield a plan for everybody who has a shift or a leave, by person; ids are 1..n."""
    for number, (person, duty) in enumerate(zip(roster.people, roster.duty, strict=True), 1):
        draw = _Draw(rng, as_of)
        share = BY_THE_WEEK.get(person.team, OFFICE_SHARE)
        shifts = () if person.role in BY_APPOINTMENT else (draw.shift(duty, share),)
        leaves = tuple(draw.leaves(duty, known=bool(shifts) or person.role != "info_officer"))
        if shifts or leaves:
            yield Plan(number, 1, shifts, leaves)


@dataclass(frozen=True)
class _Draw:
    """The dice of one person."""

    rng: np.random.Generator
    as_of: datetime

    def shift(self, duty: str, share: float) -> Shift:
        """Return a shift that who is on duty or away is in now, and who is off duty is not."""
        first, works = local_day(self.as_of) - HISTORY, duty in (ON, AWAY)
        most = timedelta(minutes=LENGTH_MIN - 60)
        start_h = int(self.rng.choice([hour for hour in STARTS_H if self._since(hour) < most]))
        present = local_day(self.as_of - self._since(start_h)).isoweekday()
        others = self.rng.permutation([day for day in range(1, 8) if day != present]).tolist()
        if self.rng.random() >= share and works:
            return Shift(*STANDBY, first)
        days = [present, *others][:DAYS_A_WEEK] if works else others[:DAYS_A_WEEK]
        return Shift(tuple(sorted(days)), start_h * 60, LENGTH_MIN, first)

    def _since(self, hour: int) -> timedelta:
        """Return how long ago a shift that starts at an hour last began."""
        local = self.as_of.astimezone(LOCAL_ZONE)
        return timedelta(hours=(local.hour - hour) % 24, minutes=local.minute, seconds=local.second)

    def leaves(self, duty: str, *, known: bool) -> Iterator[Leave]:
        """Yield the leave of somebody: the one that runs, one to come, one that is over."""
        today = local_day(self.as_of)
        back, ahead, past, to_come = (int(n) for n in self.rng.integers(1, (5, 10, 7, 18)))
        dice = self.rng.random(2)
        kind = KINDS[int(self.rng.integers(len(KINDS)))]
        days = timedelta(days=int(self.rng.integers(1, 6)))
        if duty == AWAY:
            yield _leave(today - timedelta(days=back), today + timedelta(days=ahead), kind)
        elif known and dice[0] < SHARE_PAST:
            until = today - timedelta(days=past)
            yield _leave(until - days, until, kind)
        if known and dice[1] < SHARE_TO_COME:
            first = today + timedelta(days=ahead + to_come)
            yield _leave(first, first + days, kind)


def _leave(first: date, until: date, kind: str) -> Leave:
    """Return a leave from one midnight to another."""
    return Leave(midnight(first), midnight(until), kind)


def load_plans(conn: Conn, plans: list[Plan], as_of: datetime) -> None:
    """Write shifts, leave and the next turn of everybody, as the owner, by COPY."""
    with conn.cursor() as cursor:
        with cursor.copy("COPY dispatch.rosters (person_id, version, turn_at) FROM STDIN") as copy:
            for plan in plans:
                copy.write_row((plan.person_id, plan.version, plan.next_turn(as_of)))
        with cursor.copy(
            "COPY dispatch.shifts (person_id, weekdays, starts_min, length_min, from_day, made_in)"
            " FROM STDIN"
        ) as copy:
            for plan in plans:
                for one in plan.shifts:
                    copy.write_row(
                        (plan.person_id, list(one.weekdays), one.starts_min, one.length_min,
                         one.from_day, plan.version)
                    )  # fmt: skip
        with cursor.copy(
            "COPY dispatch.leaves (person_id, from_at, until_at, kind, made_in) FROM STDIN"
        ) as copy:
            for plan in plans:
                for leave in plan.leaves:
                    copy.write_row(
                        (plan.person_id, leave.from_at, leave.until_at, leave.kind, plan.version)
                    )
    conn.execute("ANALYZE dispatch.rosters, dispatch.shifts, dispatch.leaves")
