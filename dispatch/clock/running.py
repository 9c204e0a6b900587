"""Clocks of one case: which run, which stand still, what is due next. Pure; no reading or writing.

A stage clock runs while a case is in one step at one level; when the step or the level changes it
stops, and its lateness is that level's. The clock of the whole matter (``settle``) runs from
registration to feedback; when another level takes the case over it goes on as that level's run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.clock.calendar import WorkCalendar
from dispatch.clock.due import due_at, extend, postpone, share_at
from dispatch.clock.limit import Limit, Unit

SETTLE = "settle"
SUSPENSION = "suspension"
YELLOW_SHARE = 0.8
"""Share of the time allowed after which a light turns yellow."""
LimitOf = Callable[[str], Limit | None]
"""The limit of a step for the case and level in question."""


@dataclass(frozen=True)
class Running:
    """One run of a clock, as a row of dispatch.clocks. ``id`` is None before it is written.

    Parameters
    ----------
    late_from
        When it last went on after a pause: lateness before is in ``late_s``.
    """

    step: str
    holder_code: str
    unit: Unit
    amount: int
    started_at: datetime
    first_due_at: datetime
    yellow_at: datetime
    due_at: datetime
    provisional: bool = False
    paused_at: datetime | None = None
    stopped_at: datetime | None = None
    late_from: datetime | None = None
    late_s: float = 0.0
    next_at: datetime | None = None
    next_mark: str | None = None
    id: int | None = None


@dataclass(frozen=True)
class Wanted:
    """Which clocks a case should have after a change.

    Parameters
    ----------
    step
        The step it is in, None if no stage clock runs.
    settle
        Whether the clock of the whole matter runs.
    paused
        Whether the case is suspended: its clocks stand still.
    end
        Whether its life has ended: all clocks stop.
    """

    step: str | None
    settle: bool
    paused: bool
    end: bool
    holder_code: str
    until: datetime | None = None


def start(
    calendar: WorkCalendar, step: str, holder_code: str, limit: Limit, at: datetime
) -> Running:
    """Return a clock that begins."""
    due = due_at(calendar, at, limit)
    yellow_at = share_at(calendar, at, due.at, limit.unit, YELLOW_SHARE)
    return Running(
        step, holder_code, limit.unit, limit.amount, at, due.at, yellow_at, due.at,
        due.provisional, next_at=yellow_at, next_mark="yellow",
    )  # fmt: skip


def wait_until(holder_code: str, at: datetime, until: datetime) -> Running:
    """Return the clock by whose end a suspended case goes on by itself."""
    return Running(
        SUSPENSION, holder_code, Unit.MINUTES, 1, at, until, until, until,
        next_at=until, next_mark="resume",
    )  # fmt: skip


def stop(clock: Running, at: datetime) -> Running:
    """Return a clock that has ended, with its lateness."""
    return replace(
        clock, stopped_at=at, late_s=clock.late_s + _late_s(clock, at), next_at=None, next_mark=None
    )


def _late_s(clock: Running, at: datetime) -> float:
    """Return seconds late since it last went on; a suspension clock is never late."""
    if clock.paused_at is not None or clock.step == SUSPENSION:
        return 0.0
    since = max(clock.due_at, clock.late_from or clock.due_at)
    return max(0.0, (at - since).total_seconds())


def lateness_s(clock: Running, now: datetime) -> float:
    """Return how late a clock is, or was when it stopped, in seconds."""
    return clock.late_s + (0.0 if clock.stopped_at is not None else _late_s(clock, now))


def hold(clock: Running, at: datetime) -> Running:
    """Return a clock that stands still. A mark nobody has told yet waits for it to go on."""
    return replace(clock, paused_at=at, late_s=clock.late_s + _late_s(clock, at))


def go_on(calendar: WorkCalendar, clock: Running, at: datetime) -> Running:
    """Return a clock that goes on: what was left when it stood still is left now."""
    held = clock.paused_at
    if held is None:
        return clock
    due = postpone(calendar, clock.unit, clock.due_at, held, at) if held < at else None
    moved = replace(clock, paused_at=None, late_from=at)
    if due is not None and held < clock.due_at:
        yellow = postpone(calendar, clock.unit, clock.yellow_at, held, at)
        moved = replace(
            moved, due_at=due.at, yellow_at=min(yellow.at, due.at), provisional=due.provisional
        )
    untold = clock.next_at is not None and clock.next_at <= held
    return moved if untold else mark(moved, held)


def pass_on(clock: Running, holder_code: str, at: datetime) -> Running:
    """Return the clock of the whole matter as another level takes it over: due when it was due."""
    return replace(clock, id=None, holder_code=holder_code, late_s=0.0, late_from=at)


def prolong(calendar: WorkCalendar, clock: Running, limit: Limit, at: datetime) -> Running:
    """Return a clock with a later due time; the first one stays on record.

    Its light turns yellow at four fifths of the time from its start, what stood still included.
    """
    due = extend(calendar, clock.unit, clock.due_at, limit)
    yellow_at = share_at(calendar, clock.started_at, due.at, clock.unit, YELLOW_SHARE)
    late_s = clock.late_s + _late_s(clock, at)
    moved = replace(
        clock, due_at=due.at, yellow_at=yellow_at, provisional=due.provisional, late_s=late_s,
        late_from=at,
    )  # fmt: skip
    if clock.paused_at is None:
        return mark(moved, at)
    return mark(moved, clock.paused_at) if moved.due_at > clock.paused_at else moved


def mark(clock: Running, after: datetime) -> Running:
    """Return a clock with what is to be done next: the first mark after a moment.

    With none ahead the last one stays, if nobody has told it yet.
    """
    if clock.yellow_at > after:
        return replace(clock, next_at=clock.yellow_at, next_mark="yellow")
    if clock.due_at > after:
        return replace(clock, next_at=clock.due_at, next_mark="red")
    if clock.next_mark is None:
        return clock
    return replace(clock, next_at=clock.due_at, next_mark="red")


def adjust(
    calendar: WorkCalendar,
    running: Sequence[Running],
    wanted: Wanted,
    limit_of: LimitOf,
    at: datetime,
) -> list[Running]:
    """Return all clocks of a case, those that stop and begin included, when it comes to be so."""
    after = list(_kept(calendar, running, wanted, at))
    live = {clock.step for clock in after if clock.stopped_at is None}
    return after + list(_begun(calendar, wanted, live, limit_of, at))


def _kept(
    calendar: WorkCalendar, running: Sequence[Running], wanted: Wanted, at: datetime
) -> Iterator[Running]:
    for clock in running:
        if _ends(clock, wanted):
            yield stop(clock, at)
        elif clock.step == SETTLE and clock.holder_code != wanted.holder_code:
            yield stop(clock, at)
            yield pass_on(clock, wanted.holder_code, at)
        elif clock.step == SUSPENSION:
            yield clock
        elif wanted.paused or (clock.step == SETTLE and not wanted.settle):
            yield clock if clock.paused_at is not None else hold(clock, at)
        else:
            yield go_on(calendar, clock, at)


def _ends(clock: Running, wanted: Wanted) -> bool:
    if wanted.end:
        return True
    if clock.step == SETTLE:
        return False
    if clock.step == SUSPENSION:
        return not wanted.paused
    if wanted.paused:
        return False
    return clock.step != wanted.step or clock.holder_code != wanted.holder_code


def _begun(
    calendar: WorkCalendar, wanted: Wanted, live: set[str], limit_of: LimitOf, at: datetime
) -> Iterator[Running]:
    if wanted.end:
        return
    if wanted.paused:
        if wanted.until is not None and SUSPENSION not in live:
            yield wait_until(wanted.holder_code, at, wanted.until)
        return
    steps = [wanted.step] if wanted.step is not None else []
    for step in steps + ([SETTLE] if wanted.settle else []):
        if step not in live and (limit := limit_of(step)) is not None:
            yield start(calendar, step, wanted.holder_code, limit, at)


def lights(running: Sequence[Running]) -> tuple[datetime | None, datetime | None]:
    """Return when the clock that is due first turns yellow, and when it is due.

    Clocks that stand still show no light.
    """
    lit = [
        clock
        for clock in running
        if clock.stopped_at is None and clock.paused_at is None and clock.step != SUSPENSION
    ]
    if not lit:
        return None, None
    first = min(lit, key=lambda clock: (clock.due_at, clock.step))
    return first.yellow_at, first.due_at


def after_mark(clock: Running) -> Running:
    """Return a clock whose mark has been told: yellow is followed by red, red by nothing."""
    if clock.next_mark == "yellow":
        return replace(clock, next_at=clock.due_at, next_mark="red")
    return replace(clock, next_at=None, next_mark=None)
