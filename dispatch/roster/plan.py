"""The plan of a person: what shifts and leave together say of the duty at any moment.

Who has no shifts works by appointment: on duty unless away. The switch on the phone is not part of
the plan: it holds until the plan next turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.roster.entry import LEFT, Leave, Shift, Terms
from geodata.clock import local_day

ON, OFF, AWAY = "on_duty", "off_duty", "on_leave"
WEEK_AHEAD = timedelta(days=8)
LOOK_AHEAD = timedelta(days=60)
"""How far a next turn is looked for; later ones are found when the time comes nearer."""

Span = tuple[datetime, datetime]
"""Half-open: from a moment until, without it, another."""


@dataclass(frozen=True)
class Plan:
    """The entries that hold, and the version of the roster they are of."""

    person_id: int
    version: int
    shifts: tuple[Shift, ...] = ()
    leaves: tuple[Leave, ...] = ()
    terms: tuple[Terms, ...] = ()
    """By their moment; the first is what held before anybody changed anything."""

    @property
    def by_appointment(self) -> bool:
        """Whether no shift says when this person works."""
        return not self.shifts

    def duty_at(self, at: datetime) -> str:
        """Return the planned duty at a moment."""
        leave = next((one for one in self.leaves if one.covers(at)), None)
        if leave is not None:
            return OFF if leave.kind == LEFT else AWAY
        if self.by_appointment:
            return ON
        today = local_day(at)
        days = (today - timedelta(days=1), today)
        covered = any(
            start <= at < end for shift in self.shifts for start, end in shift.spans(*days)
        )
        return ON if covered else OFF

    def terms_at(self, at: datetime) -> Terms | None:
        """Return the terms at a moment; None where nobody ever changed any."""
        past = [one for one in self.terms if one.from_at is None or one.from_at <= at]
        return past[-1] if past else None

    def on_spans(self, since: datetime, until: datetime) -> list[Span]:
        """Return when the person is on duty by the plan within a period, in order."""
        work = [(since, until)] if self.by_appointment else self.work_spans(since, until)
        away = [(one.from_at, one.until_at or until) for one in self.leaves]
        return subtract(work, clip(away, since, until))

    def work_spans(self, since: datetime, until: datetime) -> list[Span]:
        """Return the shifts within a period, leave not looked at."""
        first = local_day(since) - timedelta(days=1)
        last = local_day(until)
        found = [span for shift in self.shifts for span in shift.spans(first, last)]
        return union(clip(found, since, until))

    def next_turn(self, after: datetime) -> datetime | None:
        """Return when the planned duty next becomes another or terms begin; None: never."""
        return min(
            (at for at in (self._next_duty(after), self._next_terms(after)) if at is not None),
            default=None,
        )

    def _next_terms(self, after: datetime) -> datetime | None:
        later = [one.from_at for one in self.terms if one.from_at and one.from_at > after]
        return min(later, default=None)

    def _next_duty(self, after: datetime) -> datetime | None:
        """Look a week ahead first: whoever works by the week turns within it."""
        now = self.duty_at(after)
        for reach in (WEEK_AHEAD, LOOK_AHEAD):
            for at in self._edges(after, after + reach):
                if self.duty_at(at) != now:
                    return at
        # Nothing turns for long: look again when that is over.
        return after + LOOK_AHEAD if self._may_turn_later(after + LOOK_AHEAD) else None

    def _may_turn_later(self, at: datetime) -> bool:
        return any(one.from_at > at or (one.until_at or at) > at for one in self.leaves) or any(
            one.until_day is None or one.until_day >= local_day(at) for one in self.shifts
        )

    def _edges(self, after: datetime, until: datetime) -> list[datetime]:
        """Return the moments at which work or a leave begins or ends, in order."""
        spans: list[tuple[datetime, datetime | None]] = [*self.work_spans(after, until)]
        spans += [(one.from_at, one.until_at) for one in self.leaves]
        edges = {at for span in spans for at in span if at is not None}
        return sorted(at for at in edges if after < at < until)


def union(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that touch made one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif start < end:
            found.append((start, end))
    return found


def clip(spans: Iterable[Span], since: datetime, until: datetime) -> list[Span]:
    """Return the parts of spans within a period."""
    cut = ((max(start, since), min(end, until)) for start, end in spans)
    return [span for span in cut if span[0] < span[1]]


def subtract(spans: Sequence[Span], holes: Iterable[Span]) -> list[Span]:
    """Return what is left of spans without others, in order."""
    left = union(spans)
    for start, end in holes:
        kept: list[Span] = []
        for a, b in left:
            kept += [part for part in ((a, min(b, start)), (max(a, end), b)) if part[0] < part[1]]
        left = kept
    return left
