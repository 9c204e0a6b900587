"""Writing the demo's past: cases, assignments, participations and events, by COPY, as owner.

Every step has been through the real transition table (:mod:`dispatch.demo.history`); the events
are sealed by the real sequencer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from dispatch.assign.reason import Reason
from dispatch.case.loop import LEAD, the_loop
from dispatch.case.loop import Row as LoopRow
from dispatch.case.store import case_number
from dispatch.case.type import CaseType
from dispatch.demo.history import Step, Story
from dispatch.demo.incident import Incidents
from dispatch.demo.place import District
from dispatch.demo.roster import Person, Roster
from geodata.code import DIGITS
from geodata.db import event
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.demo.progress import Progress
from geodata.road.position import Positions

ACTOR = "system:demo"


@dataclass(frozen=True)
class Past:
    """All that is to be written; lists by incident, in order of time.

    ``road`` has the nearest position on the road of every incident's site; ``names`` and
    ``phones`` are those of who reported it, kept where a resident did.
    """

    district: District
    roster: Roster
    incidents: Incidents
    stories: Sequence[Story]
    types: dict[str, CaseType]
    road: Positions
    road_edge_id: Sequence[int]
    names: Sequence[str]
    phones: Sequence[str]


def write_past(conn: Conn, past: Past, as_of: datetime, progress: Progress) -> None:
    """Write the past and seal its events; case ids are 1..n in order of report."""
    located = _locate(conn, past, as_of)
    total = len(past.stories)
    progress.step("cases", 0, total)
    conn.execute("ALTER TABLE dispatch.cases DISABLE TRIGGER custody_begins")
    _copy(conn, _CASES, _case_rows(past, located))
    conn.execute("ALTER TABLE dispatch.cases ENABLE TRIGGER custody_begins")
    _copy(conn, _CUSTODY, _custody_rows(past, located))
    _copy(conn, _RATINGS, _rating_rows(past))
    _copy(conn, _CONTACTS, _contact_rows(past))
    conn.execute("SELECT setval('dispatch.case_ids', %s)", (total,))
    _copy(conn, _ASSIGNMENTS, _assignment_rows(past))
    _copy(conn, _PARTICIPATIONS, _participation_rows(past, located))
    progress.step("cases", total, total)
    rows = sorted(_event_rows(past, located), key=lambda row: (row[0], row[2]))
    _copy(conn, _EVENTS, rows)
    sealed = 0
    while event.seal(conn, 5000) is not None:
        sealed = min(sealed + 5000, len(rows))
        progress.step("events", sealed, len(rows))
    conn.execute("ANALYZE dispatch.cases, dispatch.assignments, geodata.events")


_CASES: LiteralString = (
    "COPY dispatch.cases (id, number, type_code, state, version, urgent, channel, description,"
    " address, building_id, grid_code, runner_up_code, edge_m, source_lon, source_lat,"
    " source_datum, geom, edge_id, fraction, reported_by, reported_at, state_since, closed_at,"
    " closing_note, closing_kind, holder_code, held_since, hops) FROM STDIN"
)
_CUSTODY: LiteralString = (
    "COPY dispatch.custody (case_id, holder_code, state, since, until) FROM STDIN"
)
_CONTACTS: LiteralString = (
    "COPY dispatch.contacts (case_id, part, name, phone, added_by, added_at) FROM STDIN"
)
_RATINGS: LiteralString = (
    "COPY dispatch.ratings (case_id, score, rated_by, on_behalf, rated_at) FROM STDIN"
)
_ASSIGNMENTS: LiteralString = (
    "COPY dispatch.assignments (case_id, person_id, person_role, role, slot, state, travelling,"
    " rung, reasons, rank, assigned_by, assigned_at, acknowledged_at, arrived_at, ended_at,"
    " return_reason) FROM STDIN"
)
_PARTICIPATIONS: LiteralString = (
    "COPY dispatch.participations (subject, case_id, since, reported_at, grid_code) FROM STDIN"
)
_EVENTS: LiteralString = (
    "COPY geodata.events_pending (occurred_at, kind, case_id, person_id, area_code, actor,"
    " payload) FROM STDIN"
)


def _copy(conn: Conn, statement: LiteralString, rows: Iterable[Sequence[Any]]) -> None:
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _locate(conn: Conn, past: Past, as_of: datetime) -> list[Row]:
    lonlat = past.district.sites.lonlat[past.incidents.site]
    return conn.execute(
        query("dispatch.demo", "locate_sites"),
        {"lon": lonlat[:, 0].tolist(), "lat": lonlat[:, 1].tolist(), "at": as_of},
    ).fetchall()


def _case_rows(past: Past, located: Sequence[Row]) -> Iterator[Sequence[Any]]:
    sites = past.district.sites
    for number, (story, place) in enumerate(zip(past.stories, located, strict=True), 1):
        site = int(past.incidents.site[story.row])
        lon, lat = sites.lonlat[site].tolist()
        kind = past.types[past.incidents.type_code[story.row]]
        closed = story.steps[-1] if story.state == "closed" else None
        yield (
            number,
            case_number(number, past.district.code, story.reported_at),
            kind.code,
            story.state,
            1 + len(story.steps),
            kind.urgent,
            story.channel,
            f"{sites.label[site]}:{kind.name}",
            sites.label[site],
            int(sites.id[site]),
            place["grid_code"],
            place["runner_up_code"],
            place["edge_m"],
            lon,
            lat,
            "WGS-84",
            f"SRID=4326;POINT({lon!r} {lat!r})",
            past.road_edge_id[story.row],
            float(past.road.fraction[story.row]),
            ACTOR,
            story.reported_at,
            story.steps[-1].at if story.steps else story.reported_at,
            closed.at if closed else None,
            closed.text if closed else None,
            "substantive" if closed else None,
            _holder(kind, place["grid_code"]),
            story.reported_at,
            sum("hop" in row.effects for row in story.rows),
        )


def _holder(kind: CaseType, grid_code: str) -> str:
    """Return the area that holds such a case when it comes in; none of the past went further."""
    return grid_code[: DIGITS[the_loop().holder[kind.family]]]


def _custody_rows(past: Past, located: Sequence[Row]) -> Iterator[Sequence[Any]]:
    """Yield how long each case stood in each state, without a gap; the last of an open one runs."""
    for number, (story, place) in enumerate(zip(past.stories, located, strict=True), 1):
        holder = _holder(past.types[past.incidents.type_code[story.row]], place["grid_code"])
        state, since = "pending", story.reported_at
        for step, row in zip(story.steps, story.rows, strict=True):
            yield number, holder, state, since, step.at
            state, since = row.to_state, step.at
        if not the_loop().states[state].end:
            yield number, holder, state, since, None


def _rating_rows(past: Past) -> Iterator[Sequence[Any]]:
    for number, story in enumerate(past.stories, 1):
        for step in story.steps:
            if step.rating is not None:
                yield number, step.rating, ACTOR, False, step.at


def _contact_rows(past: Past) -> Iterator[Sequence[Any]]:
    for number, (story, name, phone) in enumerate(
        zip(past.stories, past.names, past.phones, strict=True), 1
    ):
        if story.channel in ("resident", "hotline"):
            yield number, "reporter", name, phone, ACTOR, story.reported_at


@dataclass
class Assignment:
    """One assignment as its steps leave it."""

    person: int
    state: str
    assigned_at: datetime
    acknowledged_at: datetime | None = None
    arrived_at: datetime | None = None
    ended_at: datetime | None = None
    return_reason: str | None = None

    def take(self, step: Step, row: LoopRow) -> None:
        """Move on by one step, as the table moves an assignment."""
        if row.move is None or self.ended_at is not None:
            return
        self.state = row.move.to
        if step.action == "acknowledge":
            self.acknowledged_at = step.at
        elif step.action == "arrive":
            self.arrived_at = step.at
        else:
            self.ended_at = step.at
        if step.action == "return":
            self.return_reason = step.text


def assignments_of(story: Story) -> list[Assignment]:
    """Return the assignments of a case, in order; all but the last have ended."""
    made: list[Assignment] = []
    for step, row in zip(story.steps, story.rows, strict=True):
        if step.action == "dispatch":
            made.append(Assignment(step.person, "assigned", step.at))
        else:
            made[-1].take(step, row)
    return made


def rung_of(person: Person, grid_code: str) -> tuple[str, str]:
    """Return the rung on which somebody led a case in a grid, and the reason it gives."""
    if person.buildings:
        return "building", "own_building"
    for rung, digits, reason in (
        ("grid", 15, "own_grid"),
        ("community", 12, "community"),
        ("street", 9, "street"),
    ):
        if grid_code[:digits] in person.areas:
            return rung, reason
    return "street", "part_of_street"


def _assignment_rows(past: Past) -> Iterator[Sequence[Any]]:
    for number, story in enumerate(past.stories, 1):
        for made in assignments_of(story):
            person = past.roster.people[made.person - 1]
            grid_code = past.district.sites.grid_code[int(past.incidents.site[story.row])]
            rung, reason = rung_of(person, grid_code)
            yield (
                number,
                made.person,
                person.role,
                "lead",
                1,
                made.state,
                made.state in ("assigned", "acknowledged"),
                rung,
                Jsonb([Reason(reason).to_json()]),
                1,
                ACTOR,
                made.assigned_at,
                made.acknowledged_at,
                made.arrived_at,
                made.ended_at,
                made.return_reason,
            )


def _participation_rows(past: Past, located: Sequence[Row]) -> Iterator[Sequence[Any]]:
    for number, (story, place) in enumerate(zip(past.stories, located, strict=True), 1):
        case = (story.reported_at, place["grid_code"])
        yield ACTOR, number, story.reported_at, *case
        since: dict[int, datetime] = {}
        for step in story.steps:
            since.setdefault(step.person, step.at)
        for person, at in since.items():
            yield f"p:{person}", number, at, *case


def _event_rows(past: Past, located: Sequence[Row]) -> Iterator[Sequence[Any]]:
    """Yield events with the facts that :mod:`dispatch.notice` gives those of the desk."""
    lonlat = past.district.sites.lonlat[past.incidents.site].tolist()
    for number, (story, place) in enumerate(zip(past.stories, located, strict=True), 1):
        kind = past.types[past.incidents.type_code[story.row]]
        facts = {
            "number": case_number(number, past.district.code, story.reported_at),
            "type": kind.code,
            "family": kind.family,
            "urgent": kind.urgent,
            "lon": lonlat[story.row][0],
            "lat": lonlat[story.row][1],
        }
        area = place["grid_code"]
        reported = facts | {"state": "pending", "version": 1, "channel": story.channel}
        yield story.reported_at, "case.reported", number, None, area, ACTOR, Jsonb(reported)
        ended = False
        for version, (step, row) in enumerate(zip(story.steps, story.rows, strict=True), 2):
            moved = row.action == "dispatch" or (row.move is not None and not ended)
            done = row.move is not None and row.move.to == "done"
            ended = row.action != "dispatch" and (ended or done)
            told = facts | {"state": row.to_state, "version": version, "role": LEAD}
            told |= {} if step.rating is None else {"rating": step.rating}
            by_staff = moved and row.action not in ("dispatch", "undo")
            actor = f"p:{step.person}" if by_staff else ACTOR
            person = step.person if moved else None
            yield step.at, row.event, number, person, area, actor, Jsonb(told)
