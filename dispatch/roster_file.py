"""The roster as a table: one row a shift, a leave or terms; taken in whole or by its good rows.

A row is what a change is at the desk, decided by the same rules, so a file can do nothing that the
page cannot. What is on the roster already is left as it is: a file that was sent out may come back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from datetime import date, datetime, time, timedelta

from dispatch import roster_desk
from dispatch.actor import Actor
from dispatch.export import area_of
from dispatch.office import Office
from dispatch.people.store import Filter
from dispatch.roster import store
from dispatch.roster.change import Change, PutLeave, PutShift, PutTerms, decide
from dispatch.roster.entry import DAY_MIN, Leave, Shift
from dispatch.roster.plan import Plan
from geodata.clock import LOCAL_ZONE, local_day, midnight
from geodata.code import parse_code
from geodata.db import event
from geodata.db.event import Event
from geodata.db.scope import Conn
from geodata.errors import GanxinError, InvalidInput

COLUMNS = (
    "person_id", "name", "entry", "weekdays", "starts", "ends", "from", "until", "kind", "reason",
    "capacity", "skills", "travel_mode", "areas",
)  # fmt: skip
ENTRIES = ("shift", "leave", "terms")
MOST_PEOPLE = 10_000
PAGE = 500
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::00)?", re.ASCII)
_DAYS = {char: number for number, char in enumerate("一二三四五六日", 1)} | {"天": 7}
_SEPARATOR = re.compile(r"[,,、;;/\s]+")


@dataclass(frozen=True)
class Line:
    """One row of a file: its number there, and its cells by :data:`COLUMNS`, as codes."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row; ``field`` is one of :data:`COLUMNS`, None: the whole of it."""

    row: int
    field: str | None
    message: str
    reason: str | None = None
    values: Mapping[str, object] = dataclass_field(default_factory=dict)
    """What the sentence of the reason speaks of, in any language."""


@dataclass(frozen=True)
class Result:
    """What became of a file: every row is counted once."""

    rows: int
    good: int
    unchanged: int
    written: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class _Post:
    """Who a person of the file is."""

    name: str
    home_code: str


def take_file(conn: Conn, office: Office, actor: Actor, lines: Sequence[Line], mode: str) -> Result:
    """Check the rows of a file and write them.

    Parameters
    ----------
    mode
        ``check`` writes nothing; ``all`` writes if no row is wrong; ``good`` leaves the wrong out.
    """
    now = office.now()
    good, unchanged, problems = _check(conn, actor, lines, now)
    writes = mode == "good" or (mode == "all" and not problems)
    written = 0
    for who, change in good if writes else ():
        version = store.read_plan(conn, who, now).version
        roster_desk.save(conn, office, actor, who, version, change)
        written += 1
    return Result(len(lines), len(good), unchanged, written, tuple(problems))


def _check(
    conn: Conn, actor: Actor, lines: Sequence[Line], now: datetime
) -> tuple[list[tuple[int, Change]], int, list[Problem]]:
    """Decide row by row, each on the plan that the rows before it leave."""
    ids = sorted({who for line in lines if (who := _id_of(line)) is not None})
    posts, plans = _posts(conn, ids), store.read_plans(conn, ids, now)
    good: list[tuple[int, Change]] = []
    unchanged, problems = 0, []
    for line in lines:
        try:
            who = _person(line, posts, actor)
            change = parse_line(line, now)
            if _is_there(plans[who], change, now):
                unchanged += 1
                continue
            edit = decide(plans[who], change, now)
            if isinstance(change, PutTerms):
                roster_desk.check_areas(conn, actor, plans[who], edit)
            plans[who] = edit.after
            good.append((who, change))
        except GanxinError as exc:
            problems.append(_problem(line, exc))
    return good, unchanged, problems


def _problem(line: Line, exc: GanxinError) -> Problem:
    reason = exc.context.get("reason")
    return Problem(line.number, _column(exc.field), exc.public_message, reason, exc.context)


_FIELDS = {"from_day": "from", "until_day": "until", "area_codes": "areas"}


def _column(field: str | None) -> str | None:
    name = _FIELDS.get(field or "", field)
    return name if name in COLUMNS else None


def _id_of(line: Line) -> int | None:
    text = line.cells.get("person_id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _posts(conn: Conn, ids: Sequence[int]) -> dict[int, _Post]:
    rows = conn.execute(
        "SELECT id, name, home_code FROM dispatch.people WHERE id = ANY (%s::bigint[])",
        (list(ids),),
    ).fetchall()
    return {row["id"]: _Post(row["name"], row["home_code"]) for row in rows}


def _person(line: Line, posts: Mapping[int, _Post], actor: Actor) -> int:
    who = _id_of(line)
    if who is None or who not in posts:
        raise InvalidInput(
            "There is no such person in your area", field="person_id", reason="no_person"
        )
    if not roster_desk.may_edit(actor, posts[who].home_code):
        raise InvalidInput("You may change the roster of people of your area only",
                           field="person_id", reason="not_yours")  # fmt: skip
    name = line.cells.get("name", "")
    if name and name != posts[who].name:
        raise InvalidInput(
            f"Person {who} has another name: {posts[who].name}",
            field="name",
            reason="name",
            name=posts[who].name,
        )
    return who


def parse_line(line: Line, now: datetime) -> Change:
    """Return the change that a row of a file asks for; InvalidInput names the column."""
    cells = line.cells
    makers: dict[str, Callable[[Mapping[str, str], datetime], Change]] = {
        "shift": _shift,
        "leave": _leave,
        "terms": _terms,
    }
    make = makers.get(cells.get("entry", ""))
    if make is None:
        raise InvalidInput("The entry is a shift, a leave or terms", field="entry", reason="entry")
    return make(cells, now)


def _shift(cells: Mapping[str, str], now: datetime) -> Change:
    starts, ends = _minutes(cells, "starts"), _minutes(cells, "ends")
    first = _day(cells, "from") or local_day(now)
    return PutShift(
        Shift(
            parse_weekdays(cells.get("weekdays", "")),
            starts,
            (ends - starts) % DAY_MIN or DAY_MIN,
            first,
            _day(cells, "until"),
        )
    )


def _leave(cells: Mapping[str, str], now: datetime) -> Change:
    begin, end = _moment(cells, "from"), _moment(cells, "until", end=True)
    return PutLeave(
        Leave(begin or now, end, cells.get("kind") or "annual", cells.get("reason", ""))
    )


def _terms(cells: Mapping[str, str], now: datetime) -> Change:
    capacity, areas = cells.get("capacity", ""), cells.get("areas", "")
    if capacity and not (capacity.isascii() and capacity.isdigit() and len(capacity) < 4):
        raise InvalidInput("A capacity is a whole number", field="capacity", reason="capacity")
    skills = cells.get("skills", "")
    return PutTerms(
        _moment(cells, "from"),
        int(capacity) if capacity else None,
        tuple(_split(skills)) if skills else None,
        cells.get("travel_mode") or None,
        tuple(sorted({parse_code(code, field="areas") for code in _split(areas)}))
        if areas
        else None,
    )


def parse_weekdays(text: str) -> tuple[int, ...]:
    """Return weekdays of ``1-5``, ``1,3,5``, ``一三五`` or ``周一至周五``.

    >>> parse_weekdays("周一至周五"), parse_weekdays("6,7")
    ((1, 2, 3, 4, 5), (6, 7))
    """
    plain = re.sub("周|星期|礼拜", "", text)
    plain = "".join(str(_DAYS.get(char, char)) for char in plain)
    found: set[int] = set()
    for part in _split(plain):
        whole = re.fullmatch(r"([1-7])[-–~至到]([1-7])", part)
        if whole and int(whole[1]) <= int(whole[2]):
            found |= set(range(int(whole[1]), int(whole[2]) + 1))
        elif re.fullmatch(r"[1-7]+", part):
            found |= {int(char) for char in part}
        else:
            raise InvalidInput(
                "Weekdays are 1 (Monday) to 7: 1-5, or 1,3,5", field="weekdays", reason="weekdays"
            )
    if not found:
        raise InvalidInput("A shift needs its weekdays", field="weekdays", reason="weekdays")
    return tuple(sorted(found))


def _split(text: str) -> list[str]:
    return [part for part in _SEPARATOR.split(text) if part]


def _minutes(cells: Mapping[str, str], name: str) -> int:
    found = _TIME.fullmatch(cells.get(name, ""))
    if found is None:
        raise InvalidInput("A time is written 08:00", field=name, reason="clock")
    return int(found[1]) * 60 + int(found[2])


def _day(cells: Mapping[str, str], name: str) -> date | None:
    at = _moment(cells, name)
    return None if at is None else local_day(at)


def _moment(cells: Mapping[str, str], name: str, *, end: bool = False) -> datetime | None:
    """Return the local moment in a cell; a day that ends something counts whole."""
    text = cells.get(name, "").replace("/", "-")
    if not text:
        return None
    problem = InvalidInput(
        "A day is written 2026-11-25, a moment 2026-11-25 08:00", field=name, reason="moment"
    )
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise problem from None
    if at.tzinfo is not None or not 2000 <= at.year <= 2199:
        raise problem
    whole_day = len(text) <= len("2026-11-25") and at.time() == time()
    at += timedelta(days=1) if end and whole_day else timedelta()
    return at.replace(tzinfo=LOCAL_ZONE)


def _is_there(plan: Plan, change: Change, now: datetime) -> bool:
    """Tell whether the roster says already what a row asks for."""
    if isinstance(change, PutShift):
        return any(_same_shift(one, change.shift, now) for one in plan.shifts)
    if isinstance(change, PutLeave):
        return any(replace(one, id=None) == change.leave for one in plan.leaves)
    if isinstance(change, PutTerms):
        held = plan.terms_at(max(change.from_at or now, now))
        names = ("capacity", "skills", "travel_mode", "area_codes")
        return held is not None and all(
            getattr(change, name) in (None, getattr(held, name)) for name in names
        )
    return False


def _same_shift(held: Shift, asked: Shift, now: datetime) -> bool:
    """Compare from today on: one that began long ago comes back with its first day."""
    today = local_day(now)

    def key(one: Shift) -> tuple[object, ...]:
        return (one.weekdays, one.starts_min, one.length_min, max(one.from_day, today),
                one.until_day)  # fmt: skip

    return key(held) == key(asked)


@dataclass(frozen=True)
class Sheet:
    """The rows of a file that goes out; ``cut``: there were more people, who are left out."""

    lines: list[Line]
    people: int
    cut: bool


def export_roster(conn: Conn, office: Office, actor: Actor, wanted: Filter) -> Sheet:
    """Read the roster of people in scope as rows, and write who took it.

    Reasons of leave are told of those only whose roster the actor may change.
    """
    now = office.now()
    lines: list[Line] = []
    people, cursor = 0, None
    while True:
        found = roster_desk.read_board(conn, wanted, local_day(now), now, limit=PAGE, cursor=cursor)
        for row in found.items:
            whole = roster_desk.may_edit(actor, row.person.home_code)
            lines += [
                Line(len(lines) + 2 + n, {"person_id": str(row.person.id), "name": row.person.name,
                                          **cells})
                for n, cells in enumerate(_cells(row.plan, now, whole))
            ]  # fmt: skip
        people, cursor = people + len(found.items), found.next
        if cursor is None or people >= MOST_PEOPLE:
            break
    sheet = Sheet(lines, people, cursor is not None)
    facts = {"what": "roster", "count": people, "cut": sheet.cut, "filter": _facts(wanted)}
    event.append(
        conn, Event("export.made", now, area_of(actor.scope), actor.subject, payload=facts)
    )
    return sheet


def _facts(wanted: Filter) -> dict[str, object]:
    told = {name: value for name, value in vars(wanted).items() if value not in ((), None)}
    return told | ({"text": True} if wanted.text else {})


def _cells(plan: Plan, now: datetime, whole: bool) -> Iterator[dict[str, str]]:
    for shift in plan.shifts:
        yield {
            "entry": "shift",
            "weekdays": ",".join(map(str, shift.weekdays)),
            "starts": _clock(shift.starts_min),
            "ends": _clock(shift.starts_min + shift.length_min),
            "from": shift.from_day.isoformat(),
            "until": shift.until_day.isoformat() if shift.until_day else "",
        }
    for leave in plan.leaves:
        yield {
            "entry": "leave",
            "from": _local(leave.from_at),
            "until": _local(leave.until_at, end=True),
            "kind": leave.kind if whole else "",
            "reason": leave.reason if whole else "",
        }
    terms = plan.terms_at(now)
    if terms is not None:
        yield {
            "entry": "terms",
            "capacity": str(terms.capacity),
            "skills": ",".join(terms.skills),
            "travel_mode": terms.travel_mode,
            "areas": ",".join(terms.area_codes),
        }


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _local(at: datetime | None, *, end: bool = False) -> str:
    """Return a local moment as a cell; a midnight is a day, at the end the day before it."""
    if at is None:
        return ""
    local = at.astimezone(LOCAL_ZONE)
    if at == midnight(local.date()):
        return (local.date() - timedelta(days=1 if end else 0)).isoformat()
    return f"{local:%Y-%m-%d %H:%M}"
