"""What a change of a roster does: open cases it touches, areas left without anybody on duty.

Pure functions over plans; ``roster_desk`` reads what they need. Looked at are the next
:data:`HORIZON`: nobody can say who is ill in spring.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.roster.change import Edit
from dispatch.roster.plan import Plan, Span, clip, subtract, union
from geodata.code import contains

HORIZON = timedelta(days=28)
MOST_CASES = 50
SHORTEST = timedelta(minutes=1)


@dataclass(frozen=True)
class Task:
    """A live assignment of the person, with what of its case matters here."""

    case_id: int
    number: str
    type_code: str
    state: str
    role: str
    grid_code: str
    due_at: datetime | None
    assigned_at: datetime
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Touched:
    """An open case that a change touches, and why.

    ``why``: ``absent`` (away before it is due), ``over_capacity``, ``skill``, ``area``,
    ``recused``. ``what``: the skill, or None.
    """

    task: Task
    why: str
    what: str | None = None


@dataclass(frozen=True)
class Gap:
    """An area in which nobody of a role is on duty where somebody would have been."""

    area_code: str
    role: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Consequence:
    """What comes of a change.

    Parameters
    ----------
    duty
        Duty that is switched at once when it is saved: before and after; None: none.
    away
        When the person would have been on duty and is not.
    """

    at: datetime
    duty: tuple[str, str] | None
    away: tuple[Span, ...]
    cases: tuple[Touched, ...]
    gaps: tuple[Gap, ...]


def foresee(
    before: Plan,
    edit: Edit,
    role: str,
    tasks: Sequence[Task],
    posts: Iterable[str],
    cover: Mapping[str, Sequence[Span]],
    now: datetime,
) -> Consequence:
    """Return what comes of a change.

    Parameters
    ----------
    tasks
        Live assignments of the person, any order.
    posts
        Grids of the buildings the person answers for: no terms take them away.
    cover
        By area: when colleagues of the same role are on duty there.
    """
    after, until = edit.after, now + HORIZON
    away = subtract(before.on_spans(now, until), after.on_spans(now, until))
    was, is_ = before.duty_at(now), after.duty_at(now)
    return Consequence(
        at=edit.at,
        duty=None if was == is_ else (was, is_),
        away=tuple(away),
        cases=tuple(touched(before, edit, tasks, away, now))[:MOST_CASES],
        gaps=tuple(gaps(before, after, role, posts, cover, (now, until))),
    )


def touched(
    before: Plan, edit: Edit, tasks: Sequence[Task], away: Sequence[Span], now: datetime
) -> list[Touched]:
    """Return the open cases a change touches, each once, by its first reason."""
    found: dict[int, Touched] = {}
    for task, why, what in _reasons(before, edit, tasks, away, now):
        found.setdefault(task.case_id, Touched(task, why, what))
    return sorted(found.values(), key=lambda one: (one.task.due_at is None, one.task.due_at or now))


def _reasons(
    before: Plan, edit: Edit, tasks: Sequence[Task], away: Sequence[Span], now: datetime
) -> Iterable[tuple[Task, str, str | None]]:
    old, new = before.terms_at(edit.at), edit.after.terms_at(edit.at)
    for task in tasks:
        if edit.recuses is not None and task.case_id == edit.recuses.case_id:
            yield task, "recused", None
        if away and not _done_before(task, away[0][0], now):
            yield task, "absent", None
    if old is None or new is None:
        return
    lost_skills = set(old.skills) - set(new.skills)
    lost_areas = [code for code in old.area_codes if code not in new.area_codes]
    for task in tasks:
        for skill in sorted(lost_skills & set(task.skills)):
            yield task, "skill", skill
        left = any(contains(code, task.grid_code) for code in new.area_codes)
        if not left and any(contains(code, task.grid_code) for code in lost_areas):
            yield task, "area", None
    if new.capacity < old.capacity:
        newest = sorted(tasks, key=lambda task: (task.assigned_at, task.case_id))
        for task in newest[new.capacity :]:
            yield task, "over_capacity", None


def _done_before(task: Task, from_at: datetime, now: datetime) -> bool:
    """Tell whether a case is due, and not late yet, before the person goes."""
    return task.due_at is not None and now < task.due_at <= from_at


def gaps(
    before: Plan,
    after: Plan,
    role: str,
    posts: Iterable[str],
    cover: Mapping[str, Sequence[Span]],
    period: Span,
) -> list[Gap]:
    """Return where and when a change leaves nobody of the role on duty who was there before."""
    fixed = frozenset(posts)
    areas = sorted(fixed.union(*(one.area_codes for plan in (before, after) for one in plan.terms)))
    found = []
    for area in areas:
        lost = subtract(
            answering(before, area, fixed, period), answering(after, area, fixed, period)
        )
        left = [span for span in subtract(lost, cover.get(area, ())) if _long(span)]
        if left:
            found.append(Gap(area, role, tuple(left)))
    return found


def _long(span: Span) -> bool:
    return span[1] - span[0] >= SHORTEST


def answering(plan: Plan, area: str, posts: frozenset[str], period: Span) -> list[Span]:
    """Return when somebody on this plan is on duty and answers for an area."""
    since, until = period
    edges = [one.from_at for one in plan.terms if one.from_at and since < one.from_at < until]
    found: list[Span] = []
    for start, end in zip([since, *edges], [*edges, until], strict=True):
        terms = plan.terms_at(start)
        if terms is not None and terms.capacity > 0 and (area in terms.area_codes or area in posts):
            found += clip(plan.on_spans(since, until), start, end)
    return union(found)
