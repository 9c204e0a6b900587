"""Reading and writing cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import sql

from dispatch.case.locate import Location, Place
from dispatch.case.loop import the_loop
from dispatch.case.order import NEWEST, Order
from dispatch.case.type import CaseType, Family
from dispatch.case.wish import Colour
from dispatch.page import Page, check_limit
from geodata.clock import LOCAL_ZONE
from geodata.code import DIGITS, Level, parse_code
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.errors import InvalidInput, NotFound

CHANNELS = ("grid_worker", "resident", "hotline", "police", "alarm_pillar", "patrol", "desk")
MAX_SEARCH = 100
LIGHTS = ("green", "yellow", "red")


@dataclass(frozen=True)
class Lead:
    """Who leads a case now; the name is None beyond the caller's scope."""

    person_id: int
    name: str | None
    role: str
    state: str
    travel_s: float | None
    travelling: bool


@dataclass(frozen=True)
class Case:
    """One matter in the closed loop. lon, lat are EPSG:4326; source_* as they were sent.

    ``holder_code`` is the area whose desk holds it, ``hops`` counts how often it was passed on.
    ``yellow_at`` and ``due_at`` are the lights of the running clock that is due first.
    """

    id: int
    number: str
    type_code: str
    family: str
    type_name: str
    type_name_en: str
    arrival_limit_s: int
    state: str
    version: int
    urgent: bool
    channel: str
    description: str
    address: str | None
    building_id: int | None
    grid_code: str
    runner_up_code: str | None
    edge_m: float
    edge_ambiguous: bool
    lon: float
    lat: float
    source_lon: float
    source_lat: float
    source_datum: str
    accuracy_m: float | None
    edge_id: int | None
    fraction: float | None
    reported_by: str
    reported_at: datetime
    state_since: datetime
    holder_code: str
    hops: int = 0
    card: str | None = None
    suspended_from: str | None = None
    merged_into: int | None = None
    yellow_at: datetime | None = None
    due_at: datetime | None = None
    closed_at: datetime | None = None
    closing_note: str | None = None
    closing_kind: str | None = None
    lead: Lead | None = None


@dataclass(frozen=True)
class Nearby:
    """A case close in space and time: perhaps the same matter."""

    case: Case
    distance_m: float


@dataclass(frozen=True)
class Filter:
    """What to list. Empty or None means all.

    Parameters
    ----------
    states
        States; ``("open",)`` stands for all in which a case lives.
    area_code
        Prefix of the grid code.
    text
        Part of the number, the description or the address; a phone number or its last four
        digits.
    mine
        Subjects: with a ``p:`` subject the cases this person has live assignments of, else the
        cases these subjects took part in.
    """

    states: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    type_codes: tuple[str, ...] = ()
    urgent: bool | None = None
    area_code: str | None = None
    text: str | None = None
    mine: tuple[str, ...] = ()
    reported_from: datetime | None = None
    reported_to: datetime | None = None
    holders: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    returned: bool | None = None
    stuck_h: float | None = None
    lead: int | None = None
    now: datetime | None = None


def case_number(case_id: int, district: str, at: datetime) -> str:
    """Return the number people quote: district, local day, running id.

    The id runs on over the days: a counter per day would be one hot row for all writers.
    """
    return f"{district}-{at.astimezone(LOCAL_ZONE):%Y%m%d}-{case_id:06d}"


def check_channel(channel: str) -> str:
    """Return the channel, or refuse it."""
    if channel not in CHANNELS:
        raise InvalidInput("channel must be one of " + ", ".join(CHANNELS), field="channel")
    return channel


@dataclass(frozen=True)
class Draft:
    """Everything a new case is made of."""

    case_id: int
    type: CaseType
    place: Place
    location: Location
    description: str
    address: str | None
    channel: str
    reported_by: str
    reported_at: datetime
    state: str
    holder_code: str
    edge_id: int | None = None
    fraction: float | None = None


def make_case(draft: Draft) -> Case:
    """Return the new case of a draft; nothing is written."""
    place, kind = draft.place, draft.type
    return Case(
        id=draft.case_id,
        number=case_number(draft.case_id, place.grid_code[:6], draft.reported_at),
        type_code=kind.code,
        family=kind.family,
        type_name=kind.name,
        type_name_en=kind.name_en,
        arrival_limit_s=kind.arrival_limit_s,
        state=draft.state,
        version=1,
        urgent=kind.urgent,
        channel=draft.channel,
        description=draft.description,
        address=draft.address,
        building_id=place.building_id,
        grid_code=place.grid_code,
        runner_up_code=place.runner_up_code,
        edge_m=place.edge_m,
        edge_ambiguous=place.ambiguous,
        lon=place.lon,
        lat=place.lat,
        source_lon=draft.location.lon,
        source_lat=draft.location.lat,
        source_datum=draft.location.datum.value,
        accuracy_m=draft.location.accuracy_m,
        edge_id=draft.edge_id,
        fraction=draft.fraction,
        reported_by=draft.reported_by,
        reported_at=draft.reported_at,
        state_since=draft.reported_at,
        holder_code=draft.holder_code,
    )


def insert_case(conn: Conn, case: Case, subjects: Sequence[str]) -> None:
    """Write a new case; the subjects keep sight of it wherever it lies."""
    values = vars(case) | {"subjects": list(subjects)}
    conn.execute(query("dispatch.case", "insert_case"), values)


def get_case(conn: Conn, case_id: int) -> Case:
    """Return one case in scope.

    Raises
    ------
    NotFound
        No such case, or none within reach: the two are not told apart.
    """
    row = conn.execute(_select(sql.SQL("WHERE c.id = %s")), (case_id,)).fetchone()
    if row is None:
        raise NotFound("There is no such case in your area", case_id=case_id)
    return _case(row)


def list_cases(
    conn: Conn,
    wanted: Filter,
    *,
    limit: int = 50,
    cursor: str | None = None,
    order: Order = NEWEST,
) -> Page[Case]:
    """Return a page of the cases in scope."""
    conditions, values = _conditions(wanted)
    if cursor is not None:
        behind, at = order.behind(cursor)
        conditions.append(behind)
        values |= at
    items = _read(conn, conditions, values, order, check_limit(limit) + 1)
    more, items = len(items) > limit, items[:limit]
    return Page(items, order.cursor(items[-1]) if more else None)


def read_cases(conn: Conn, wanted: Filter, order: Order, most: int) -> list[Case]:
    """Return the first so many cases in scope."""
    return _read(conn, *_conditions(wanted), order, most)


def cases_of(wanted: Filter) -> tuple[sql.Composed, dict[str, Any]]:
    """Return the query for rows of dispatch.cases that a filter leaves, and its values."""
    conditions, values = _conditions(wanted)
    return _PAGE + _where(conditions), values


def _read(
    conn: Conn,
    conditions: Sequence[sql.Composable],
    values: Mapping[str, Any],
    order: Order,
    most: int,
) -> list[Case]:
    tail = sql.SQL(" ORDER BY {} LIMIT %(limit)s").format(order.by)
    found = conn.execute(_select(_where(conditions) + tail, order), {**values, "limit": most})
    return [_case(row) for row in found.fetchall()]


def _where(conditions: Sequence[sql.Composable]) -> sql.Composed:
    return sql.SQL("WHERE ") + sql.SQL(" AND ").join([sql.SQL("true"), *conditions])


def nearby_cases(
    conn: Conn, lon: float, lat: float, now: datetime, radius_m: float, hours: float
) -> list[Nearby]:
    """Return cases in scope near a WGS-84 point in space and time, nearest first."""
    if not 0 < radius_m <= 5000:
        raise InvalidInput("radius_m must be over 0 and at most 5000", field="radius_m")
    if not 0 < hours <= 24 * 366:
        raise InvalidInput("hours must be over 0 and at most 8784", field="hours")
    found = conn.execute(
        query("dispatch.case", "list_nearby"),
        {"lon": lon, "lat": lat, "radius_m": radius_m, "since": now - timedelta(hours=hours)},
    ).fetchall()
    distance_m = {row["id"]: float(row["distance_m"]) for row in found}
    rows = conn.execute(_select(sql.SQL("WHERE c.id = ANY (%s)")), (list(distance_m),)).fetchall()
    near = [Nearby(_case(row), distance_m[row["id"]]) for row in rows]
    return sorted(near, key=lambda n: (n.distance_m, n.case.id))


_PAGE = sql.SQL(
    "SELECT c.* FROM dispatch.cases c JOIN dispatch.case_types t ON t.code = c.type_code "
)


def _select(which: sql.SQL | sql.Composed, order: Order = NEWEST) -> sql.Composed:
    """Return the query for the cases that a WHERE (with its ORDER BY and LIMIT) leaves."""
    select = sql.SQL(query("dispatch.case", "select_case"))
    return select.format(page=_PAGE + which, order=order.by)


_CONDITIONS: Mapping[str, LiteralString] = {
    "families": "t.family = ANY (%(families)s)",
    "type_codes": "(c.type_code = ANY (%(type_codes)s) OR t.parent_code = ANY (%(type_codes)s))",
    "urgent": "c.urgent = %(urgent)s",
    "area_code": "c.grid_code ^@ %(area_code)s",
    "reported_from": "c.reported_at >= %(reported_from)s",
    "reported_to": "c.reported_at < %(reported_to)s",
    "holders": "c.holder_code ^@ ANY (%(holders)s)",
    "lights": "CASE WHEN c.due_at <= %(now)s THEN 'red' WHEN c.yellow_at <= %(now)s THEN 'yellow'"
    " WHEN c.due_at IS NOT NULL THEN 'green' END = ANY (%(lights)s)",
    "cards": "c.card = ANY (%(cards)s)",
    "returned": "(c.hops > 0) = %(returned)s",
    "stuck_h": "c.state_since <= %(now)s - %(stuck_h)s * interval '1 hour'",
    "lead": "EXISTS (SELECT FROM dispatch.assignments l WHERE l.case_id = c.id AND l.live"
    " AND l.role = 'lead' AND l.person_id = %(lead)s)",
}


def _conditions(wanted: Filter) -> tuple[list[sql.Composable], dict[str, Any]]:
    wanted = _checked(wanted)
    values: dict[str, Any] = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in vars(wanted).items()
        if value not in ((), None)
    }
    conditions: list[sql.Composable] = [
        sql.SQL(text) for name, text in _CONDITIONS.items() if name in values
    ]
    if wanted.states:
        conditions.append(sql.SQL("c.state = ANY (%(states)s)"))
    if wanted.text is not None:
        conditions.append(_text(wanted.text, values))
    if wanted.levels:
        values["digits"] = [DIGITS[Level(level)] for level in wanted.levels]
        conditions.append(sql.SQL("length(c.holder_code) = ANY (%(digits)s)"))
    if wanted.mine:
        conditions.append(_mine(wanted.mine, values))
    return conditions, values


def _text(pattern: str, values: dict[str, Any]) -> sql.Composable:
    """Return where a text is looked for; a phone number, or its last four digits, is one, too."""
    places = "c.number ILIKE %(text)s OR c.description ILIKE %(text)s OR c.address ILIKE %(text)s"
    digits = pattern.strip("%")
    if not (digits.isascii() and digits.isdigit() and (len(digits) == 4 or len(digits) >= 7)):
        return sql.SQL("(" + places + ")")
    values["phone"] = digits
    phone = "c.id IN (SELECT dispatch.cases_of_phone(%(phone)s))"
    return sql.SQL("(" + places + " OR " + phone + ")")


def _mine(subjects: tuple[str, ...], values: dict[str, Any]) -> sql.Composable:
    people = [int(subject[2:]) for subject in subjects if subject.startswith("p:")]
    if people:
        values["people"] = people
        return sql.SQL(
            "EXISTS (SELECT FROM dispatch.assignments m WHERE m.case_id = c.id AND m.live"
            " AND m.person_id = ANY (%(people)s))"
        )
    return sql.SQL(
        "c.id IN (SELECT p.case_id FROM dispatch.participations p WHERE p.subject = ANY (%(mine)s))"
    )


def _checked(wanted: Filter) -> Filter:
    if "open" in wanted.states:
        rest = tuple(state for state in wanted.states if state != "open")
        wanted = replace(wanted, states=tuple(dict.fromkeys(the_loop().open_states + rest)))
    _known(wanted.states, tuple(the_loop().states), "state")
    _known(wanted.families, tuple(Family), "family")
    _known(wanted.levels, tuple(Level), "level")
    _known(wanted.lights, LIGHTS, "light")
    _known(wanted.cards, tuple(Colour), "card")
    if wanted.now is None and (wanted.lights or wanted.stuck_h is not None):
        raise ValueError("lights and stuck_h are measured at now")
    wanted = replace(wanted, holders=tuple(parse_code(h, field="holder") for h in wanted.holders))
    if wanted.area_code is not None:
        wanted = replace(wanted, area_code=parse_code(wanted.area_code, field="area_code"))
    if wanted.text is not None:
        wanted = replace(wanted, text=_pattern(wanted.text))
    return wanted


def _known(given: Sequence[str], known: Sequence[str], field: str) -> None:
    for value in given:
        if value not in known:
            raise InvalidInput(f"{field} must be one of " + ", ".join(known), field=field)


def _pattern(text: str) -> str | None:
    """Return the LIKE pattern of a part of a text, in which % and _ are only characters."""
    if len(text) > MAX_SEARCH or "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise InvalidInput(f"A search has at most {MAX_SEARCH} characters of text", field="text")
    escaped = text.strip().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%" if escaped else None


def _case(row: Row) -> Case:
    lead = None
    if row["lead_person_id"] is not None:
        lead = Lead(
            person_id=row["lead_person_id"],
            name=row["lead_name"],
            role=row["lead_role"],
            state=row["lead_state"],
            travel_s=row["lead_travel_s"],
            travelling=row["lead_travelling"],
        )
    facts = {name: value for name, value in row.items() if not name.startswith("lead_")}
    return Case(**facts, lead=lead)
