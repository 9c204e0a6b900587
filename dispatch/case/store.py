"""Reading and writing cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from psycopg import sql

from dispatch.case.condition import conditions
from dispatch.case.filter import Filter, find_values, is_plain, phone_of
from dispatch.case.locate import Location, Place
from dispatch.case.order import NEWEST, Order
from dispatch.case.type import CaseType
from dispatch.page import Page, check_limit
from geodata.clock import LOCAL_ZONE
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.errors import InvalidInput, NotFound

CHANNELS = ("grid_worker", "resident", "hotline", "police", "alarm_pillar", "patrol", "desk")


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
    ``yellow_at`` and ``due_at`` are the lights of the running clock that is due first. ``level`` is
    1 especially grave … 4 ordinary, ``scale`` 1 individual … 3 major group, None where nobody has
    said it; ``failed_mediations`` counts those at community level.
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
    level: int | None = None
    scale: int | None = None
    failed_mediations: int = 0
    lead: Lead | None = None


@dataclass(frozen=True)
class Nearby:
    """A case close in space and time: perhaps the same matter."""

    case: Case
    distance_m: float


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
    level: int | None = None
    scale: int | None = None


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
        level=draft.level,
        scale=draft.scale,
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
    if order is NEWEST and is_plain(wanted):
        items = _find(conn, wanted, check_limit(limit) + 1, cursor)
    else:
        clauses, values = conditions(wanted)
        if cursor is not None:
            behind, at = order.behind(cursor)
            clauses.append(behind)
            values |= at
        items = _read(conn, clauses, values, order, check_limit(limit) + 1)
    more, items = len(items) > limit, items[:limit]
    return Page(items, order.cursor(items[-1]) if more else None)


def _find(conn: Conn, wanted: Filter, most: int, cursor: str | None) -> list[Case]:
    """Return the first so many cases by dispatch.find_cases, which knows the indexes of the past.

    A text that may be a phone number finds the cases of those who have it, too.
    """
    values = find_values(wanted, most, cursor)
    ids: sql.Composable = sql.SQL(query("dispatch.case", "find_cases"))
    phone = phone_of(wanted)
    if phone is not None:
        clauses, more = conditions(replace(wanted, text=None))
        if cursor is not None:
            behind, at = NEWEST.behind(cursor)
            clauses.append(behind)
            more |= at
        by_phone = sql.SQL("c.id IN (SELECT dispatch.cases_of_phone(%(phone)s))")
        others = sql.SQL("SELECT c.id FROM ({}) c").format(_PAGE + _where([*clauses, by_phone]))
        ids = sql.SQL("({}) UNION ({})").format(ids, others)
        values = {**more, **values, "phone": phone}
    which = sql.SQL("JOIN ({}) f ON f.id = c.id ORDER BY {} LIMIT %(amount)s").format(
        ids, NEWEST.by
    )
    found = conn.execute(_select(which), values)
    return [_case(row) for row in found.fetchall()]


def read_cases(conn: Conn, wanted: Filter, order: Order, most: int) -> list[Case]:
    """Return the first so many cases in scope."""
    return _read(conn, *conditions(wanted), order, most)


def cases_of(wanted: Filter) -> tuple[sql.Composed, dict[str, Any]]:
    """Return the query for rows of dispatch.cases that a filter leaves, and its values."""
    clauses, values = conditions(wanted)
    return _PAGE + _where(clauses), values


def _read(
    conn: Conn,
    clauses: Sequence[sql.Composable],
    values: Mapping[str, Any],
    order: Order,
    most: int,
) -> list[Case]:
    tail = sql.SQL(" ORDER BY {} LIMIT %(limit)s").format(order.by)
    found = conn.execute(_select(_where(clauses) + tail, order), {**values, "limit": most})
    return [_case(row) for row in found.fetchall()]


def _where(clauses: Sequence[sql.Composable]) -> sql.Composed:
    return sql.SQL("WHERE ") + sql.SQL(" AND ").join([sql.SQL("true"), *clauses])


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
