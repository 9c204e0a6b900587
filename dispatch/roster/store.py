"""Reading and writing rosters: entries come and go with a version, and are never rewritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from psycopg.rows import class_row

from dispatch.roster.change import Edit, Entry, Recuse
from dispatch.roster.entry import Leave, Shift, Terms
from dispatch.roster.plan import Plan
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.errors import Conflict, NotFound

T = TypeVar("T")
FIRST_VERSION = 1
"""Of a roster that nobody has changed yet."""


@dataclass(frozen=True)
class Recusal:
    """Somebody stands aside from a case."""

    case_id: int
    kind: str
    reason: str
    since: datetime
    number: str | None
    """The number of the case; None where it lies beyond the scope of who asks."""


@dataclass(frozen=True)
class Logged:
    """A change of a roster: who, when."""

    version: int
    kind: str
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True)
class Turn:
    """A person whose plan has come to a turn, locked."""

    person_id: int
    turn_at: datetime
    duty: str
    home_code: str
    role: str


def read_plans(
    conn: Conn, person_ids: Sequence[int], at: datetime, *, since: date | None = None
) -> dict[int, Plan]:
    """Return the plans of people in scope by id; who is beyond it has none.

    Parameters
    ----------
    at
        Now: who never had terms of their own is told what is true of them now.
    since
        Leave out shifts that ended before this day, and leave; None for all that hold.
    """
    values = {"person_ids": list(person_ids), "at": at}
    versions = _versions(conn, person_ids)
    shifts = _shifts(conn, person_ids, since)
    leaves = _leaves(conn, person_ids, since)
    terms: dict[int, list[Terms]] = defaultdict(list)
    for row in conn.execute(query("dispatch.roster", "list_terms"), values).fetchall():
        terms[row["person_id"]].append(_terms(row))
    return {
        one: Plan(
            one,
            versions.get(one, FIRST_VERSION),
            tuple(shifts.get(one, ())),
            tuple(leaves.get(one, ())),
            tuple(terms[one]),
        )
        for one in terms
    }


def read_plan(conn: Conn, person_id: int, at: datetime) -> Plan:
    """Return the plan of one person in scope; NotFound."""
    plans = read_plans(conn, [person_id], at)
    if person_id not in plans:
        raise NotFound("There is no such person in your area", person_id=person_id)
    return plans[person_id]


def _versions(conn: Conn, person_ids: Sequence[int]) -> dict[int, int]:
    rows = conn.execute(
        "SELECT person_id, version FROM dispatch.rosters WHERE person_id = ANY (%s::bigint[])",
        (list(person_ids),),
    ).fetchall()
    return {row["person_id"]: row["version"] for row in rows}


def _shifts(conn: Conn, person_ids: Sequence[int], since: date | None) -> Mapping[int, list[Shift]]:
    rows = conn.execute(
        "SELECT person_id, id, weekdays, starts_min, length_min, from_day, until_day, except_days"
        " FROM dispatch.shifts WHERE person_id = ANY (%s::bigint[]) AND removed_in IS NULL"
        " AND coalesce(until_day >= %s, true) ORDER BY from_day, starts_min, id",
        (list(person_ids), since),
    ).fetchall()
    return _grouped((row["person_id"], _shift(row)) for row in rows)


def _leaves(conn: Conn, person_ids: Sequence[int], since: date | None) -> Mapping[int, list[Leave]]:
    rows = conn.execute(
        "SELECT person_id, id, from_at, until_at, kind, reason FROM dispatch.leaves"
        " WHERE person_id = ANY (%s::bigint[]) AND removed_in IS NULL"
        " AND coalesce(until_at >= %s::date, true) ORDER BY from_at, id",
        (list(person_ids), since),
    ).fetchall()
    return _grouped((row["person_id"], _leave(row)) for row in rows)


def _grouped(pairs: Iterable[tuple[int, T]]) -> Mapping[int, list[T]]:
    found: dict[int, list[T]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def _shift(row: Row) -> Shift:
    return Shift(
        tuple(row["weekdays"]),
        row["starts_min"],
        row["length_min"],
        row["from_day"],
        row["until_day"],
        tuple(row["except_days"]),
        row["id"],
    )


def _leave(row: Row) -> Leave:
    return Leave(row["from_at"], row["until_at"], row["kind"], row["reason"], row["id"])


def _terms(row: Row) -> Terms:
    return Terms(
        row["from_at"],
        row["capacity"],
        tuple(row["skills"]),
        row["travel_mode"],
        tuple(row["area_codes"]),
        row["id"],
    )


def read_recusals(conn: Conn, person_id: int) -> list[Recusal]:
    """Return from which cases somebody stands aside, the latest first."""
    with conn.cursor(row_factory=class_row(Recusal)) as cursor:
        return cursor.execute(
            "SELECT x.case_id, x.kind, x.reason, x.since, c.number"
            " FROM dispatch.recusals x LEFT JOIN dispatch.cases c ON c.id = x.case_id"
            " WHERE x.person_id = %s ORDER BY x.since DESC, x.case_id LIMIT 200",
            (person_id,),
        ).fetchall()


def read_changes(conn: Conn, person_id: int, limit: int = 20) -> list[Logged]:
    """Return the latest changes of a roster, the latest first."""
    with conn.cursor(row_factory=class_row(Logged)) as cursor:
        return cursor.execute(
            "SELECT version, kind, changed_by, changed_at FROM dispatch.roster_changes"
            " WHERE person_id = %s ORDER BY version DESC LIMIT %s",
            (person_id, limit),
        ).fetchall()


def write_edit(conn: Conn, edit: Edit, version: int, by: str, at: datetime) -> int:
    """Write what a change does to the entries of a roster; return its new version.

    Raises
    ------
    Conflict
        ``version``: somebody else changed this roster meanwhile.
    """
    plan = edit.after
    now_is = _claim(conn, plan.person_id, version, plan.next_turn(at))
    _remove(conn, edit.removed, now_is)
    for entry in edit.added:
        _insert(conn, plan.person_id, entry, now_is)
    if edit.recuses is not None:
        add_recusal(conn, plan.person_id, edit.recuses, at, now_is)
    if edit.readmits is not None:
        _end_recusal(conn, plan.person_id, edit.readmits, now_is)
    conn.execute(
        "INSERT INTO dispatch.roster_changes (person_id, version, kind, changed_by, changed_at)"
        " VALUES (%s, %s, %s, %s, %s)",
        (plan.person_id, now_is, edit.kind, by, at),
    )
    return now_is


def _claim(conn: Conn, person_id: int, version: int, turn_at: datetime | None) -> int:
    """Lock a roster at the version that was looked at, and move it on."""
    row = conn.execute(
        "INSERT INTO dispatch.rosters AS r (person_id, version, turn_at)"
        " SELECT %(who)s, %(next)s, %(turn_at)s::timestamptz WHERE %(next)s = 2 OR EXISTS"
        "  (SELECT FROM dispatch.rosters x WHERE x.person_id = %(who)s)"
        " ON CONFLICT (person_id) DO UPDATE SET version = %(next)s, turn_at = %(turn_at)s"
        " WHERE r.version = %(next)s - 1 RETURNING version",
        {"who": person_id, "next": version + 1, "turn_at": turn_at},
    ).fetchone()
    if row is None:
        raise moved_on(conn, person_id)
    return int(row["version"])


def moved_on(conn: Conn, person_id: int) -> Conflict:
    """Return the error for a roster that is no longer as the caller saw it; it names who did."""
    last = next(iter(read_changes(conn, person_id, 1)), None)
    return Conflict(
        "Somebody else changed this person's roster meanwhile; look again and decide",
        field="version",
        winner={
            "version": last.version if last else FIRST_VERSION,
            "by": last.changed_by if last else None,
        },
    )


_TABLES = {Shift: "shifts", Leave: "leaves", Terms: "terms"}


def _remove(conn: Conn, entries: Sequence[Entry], version: int) -> None:
    for entry in entries:
        statement = {
            "shifts": "UPDATE dispatch.shifts SET removed_in = %s WHERE id = %s",
            "leaves": "UPDATE dispatch.leaves SET removed_in = %s WHERE id = %s",
            "terms": "UPDATE dispatch.terms SET removed_in = %s WHERE id = %s",
        }[_TABLES[type(entry)]]
        conn.execute(statement, (version, entry.id))


def _insert(conn: Conn, person_id: int, entry: Entry, version: int) -> None:
    match entry:
        case Shift():
            conn.execute(
                "INSERT INTO dispatch.shifts (person_id, weekdays, starts_min, length_min,"
                " from_day, until_day, except_days, made_in)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                (person_id, list(entry.weekdays), entry.starts_min, entry.length_min,
                 entry.from_day, entry.until_day, list(entry.except_days), version),
            )  # fmt: skip
        case Leave():
            conn.execute(
                "INSERT INTO dispatch.leaves (person_id, from_at, until_at, kind, reason, made_in)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                (person_id, entry.from_at, entry.until_at, entry.kind, entry.reason, version),
            )
        case Terms():
            conn.execute(
                "INSERT INTO dispatch.terms (person_id, from_at, capacity, skills, travel_mode,"
                " area_codes, made_in) VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (person_id, entry.from_at, entry.capacity, list(entry.skills), entry.travel_mode,
                 list(entry.area_codes), version),
            )  # fmt: skip


def add_recusal(conn: Conn, person_id: int, one: Recuse, at: datetime, version: int) -> None:
    """Write that somebody stands aside from a case; Conflict if that was known already."""
    done = conn.execute(
        "INSERT INTO dispatch.recusals (person_id, case_id, reason, since, kind, made_in)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (person_id, one.case_id, one.reason, at, one.why, version),
    )
    if done.rowcount != 1:
        raise Conflict("This person stands aside from that case already", field="case")


def _end_recusal(conn: Conn, person_id: int, case_id: int, version: int) -> None:
    """Move a recusal to those that are past."""
    row = conn.execute(
        "DELETE FROM dispatch.recusals WHERE person_id = %s AND case_id = %s"
        " RETURNING kind, reason, since, made_in",
        (person_id, case_id),
    ).fetchone()
    if row is None:
        raise NotFound("This person does not stand aside from that case", field="case")
    conn.execute(
        "INSERT INTO dispatch.past_recusals (person_id, case_id, kind, reason, since, made_in,"
        " removed_in) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (person_id, case_id, row["kind"], row["reason"], row["since"], row["made_in"], version),
    )


@dataclass(frozen=True)
class Trace:
    """What a version of a roster did: the entries it brought, those it took out, its recusals."""

    made: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    recused: int | None
    readmitted: Recuse | None


def read_trace(conn: Conn, plan: Plan, version: int) -> Trace:
    """Return what a version did to a roster, as far as it still holds."""
    who = plan.person_id
    entries: tuple[Entry, ...] = (*plan.shifts, *plan.leaves, *plan.terms)
    made = _ids_made(conn, who, version)
    recused = conn.execute(
        "SELECT case_id FROM dispatch.recusals WHERE person_id = %s AND made_in = %s",
        (who, version),
    ).fetchone()
    gone = conn.execute(
        "SELECT case_id, kind, reason FROM dispatch.past_recusals"
        " WHERE person_id = %s AND removed_in = %s",
        (who, version),
    ).fetchone()
    return Trace(
        tuple(one for one in entries if (_TABLES[type(one)], one.id) in made),
        _removed_in(conn, who, version),
        recused["case_id"] if recused else None,
        Recuse(gone["case_id"], gone["kind"], gone["reason"]) if gone else None,
    )


def _ids_made(conn: Conn, person_id: int, version: int) -> set[tuple[str, int]]:
    rows = conn.execute(
        query("dispatch.roster", "list_made"), {"person_id": person_id, "version": version}
    ).fetchall()
    return {(row["what"], row["id"]) for row in rows}


def _removed_in(conn: Conn, person_id: int, version: int) -> tuple[Entry, ...]:
    """Return the entries that a version took out, as they would be put in again."""
    key = (person_id, version)
    shifts = conn.execute(
        "SELECT id, weekdays, starts_min, length_min, from_day, until_day, except_days"
        " FROM dispatch.shifts WHERE person_id = %s AND removed_in = %s", key
    ).fetchall()  # fmt: skip
    leaves = conn.execute(
        "SELECT id, from_at, until_at, kind, reason FROM dispatch.leaves"
        " WHERE person_id = %s AND removed_in = %s", key
    ).fetchall()  # fmt: skip
    terms = conn.execute(
        "SELECT id, from_at, capacity, skills, travel_mode, area_codes FROM dispatch.terms"
        " WHERE person_id = %s AND removed_in = %s", key
    ).fetchall()  # fmt: skip
    found: list[Entry] = [_shift(row) for row in shifts]
    found += [_leave(row) for row in leaves]
    found += [_terms(row) for row in terms]
    return tuple(replace(one, id=None) for one in found)


def take_due(conn: Conn, now: datetime, limit: int) -> list[Turn]:
    """Lock people whose plan has come to a turn and whom nobody else works on."""
    with conn.cursor(row_factory=class_row(Turn)) as cursor:
        return cursor.execute(
            query("dispatch.roster", "take_due"), {"now": now, "limit": limit}
        ).fetchall()


def move_turns(conn: Conn, turns: Mapping[int, datetime | None]) -> None:
    """Write when each plan next turns."""
    conn.execute(
        "UPDATE dispatch.rosters r SET turn_at = u.turn_at"
        " FROM unnest(%s::bigint[], %s::timestamptz[]) u (person_id, turn_at)"
        " WHERE r.person_id = u.person_id",
        (list(turns), list(turns.values())),
    )


def write_duties(conn: Conn, duties: Mapping[int, str], at: datetime) -> list[Row]:
    """Write the duty of people; return their id, role, home_code and version."""
    return conn.execute(
        "UPDATE dispatch.people p SET duty = u.duty, duty_since = %s, version = p.version + 1"
        " FROM unnest(%s::bigint[], %s::text[]) u (person_id, duty)"
        " WHERE p.id = u.person_id AND p.duty <> u.duty"
        " RETURNING p.id, p.role, p.home_code, p.version, p.duty",
        (at, list(duties), list(duties.values())),
    ).fetchall()


def apply_terms(conn: Conn, person_id: int, terms: Terms, at: datetime) -> Row | None:
    """Let what is true of a person now follow the terms; return home_code and version."""
    values = {
        "person_id": person_id,
        "at": at,
        "capacity": terms.capacity,
        "skills": list(terms.skills),
        "travel_mode": terms.travel_mode,
        "area_codes": list(terms.area_codes),
    }
    conn.execute(query("dispatch.roster", "apply_terms"), values)
    return conn.execute(query("dispatch.roster", "update_person"), values).fetchone()
