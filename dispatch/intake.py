"""Taking in a case: checked, located, written, told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.actor import Actor
from dispatch.assign.card import check_grade
from dispatch.case import store as cases
from dispatch.case.contact import Contact, Part, add_contact
from dispatch.case.locate import Location, Place, locate, locate_address
from dispatch.case.store import Case, Draft
from dispatch.case.type import CaseType, choose_type
from dispatch.case.words import check_text
from dispatch.clock.running_store import write_running
from dispatch.notice import reported, tell
from dispatch.office import Office
from dispatch.timing import first_clocks, first_holder, first_state
from geodata.crs import Datum
from geodata.db.scope import Conn
from geodata.errors import Forbidden, InvalidInput
from geodata.road.position import Position
from geodata.road.snap import Snapper

REPORTERS = frozenset({"commander", "dispatcher", "clerk", "grid_worker", "mediator", "system"})
FUTURE = timedelta(minutes=5)
"""A phone's clock may run ahead this far; a report from later than that is refused."""


@dataclass(frozen=True)
class Report:
    """A request to take in a case: a point or an address, never neither.

    Parameters
    ----------
    location
        Where it is, in the datum its sender declares; None if only an address is known.
    address
        A door plate: locates the case when ``location`` is None, is kept as text otherwise.
    channel
        grid_worker, resident, hotline, police, alarm_pillar, patrol or desk.
    reported_at
        When it was reported; None is now. History and phones that were offline send it.
    contact
        How to reach who reported it, if they said so.
    level
        1 especially grave … 4 ordinary; None: nobody has said it yet.
    scale
        1 individual, 2 general group, 3 major group.
    """

    type_code: str
    description: str
    location: Location | None = None
    address: str | None = None
    channel: str = "desk"
    reported_at: datetime | None = None
    contact: Contact | None = None
    level: int | None = None
    scale: int | None = None


def report_case(
    conn: Conn, office: Office, actor: Actor, report: Report, roads: Snapper | None = None
) -> Case:
    """Take in a case: registered if the desk does it, else it waits to be accepted.

    Parameters
    ----------
    roads
        If given, the nearest street is stored with the case.

    Raises
    ------
    InvalidInput, Forbidden
    """
    at = check_report(report, actor, office.now())
    kind = choose_type(conn, report.type_code)
    location, place = place_of(conn, report, at)
    row = conn.execute("SELECT nextval('dispatch.case_ids') AS id").fetchone()
    street = None if roads is None else street_of(roads, roads.snap_one(place.lon, place.lat))
    draft = make_draft(row["id"] if row else 0, kind, place, location, report, actor, at, street)
    case = take_in(conn, office, actor, cases.make_case(draft), kind)
    if report.contact is not None:
        add_contact(conn, case.id, Part.REPORTER, report.contact, actor.subject, case.reported_at)
    return case


def street_of(roads: Snapper, position: Position) -> tuple[int, float]:
    """Return a position as it is stored: edge id and fraction."""
    return int(roads.graph.edge_id[position.edge]), position.fraction


def check_report(report: Report, actor: Actor, now: datetime) -> datetime:
    """Return the moment of the report, or refuse it."""
    if actor.role not in REPORTERS and actor.person_id is None:
        raise Forbidden("Your role may not report a case", role=actor.role)
    check_text(report.description, "description")
    cases.check_channel(report.channel)
    if report.location is None and report.address is None:
        raise InvalidInput("A location or an address is needed", field="location")
    if report.address is not None:
        check_text(report.address, "address")
    check_grade(report.level, report.scale)
    at = report.reported_at or now
    if at.tzinfo is None or at > now + FUTURE:
        raise InvalidInput("reported_at must be a past moment with its zone", field="reported_at")
    return at


def place_of(conn: Conn, report: Report, at: datetime) -> tuple[Location, Place]:
    """Return the location as sent and the place it is, by point or by door plate."""
    if report.location is not None:
        return report.location, locate(conn, report.location, at)
    place = locate_address(conn, report.address or "", at)
    return Location(place.lon, place.lat, Datum.WGS84, None), place


def make_draft(
    case_id: int,
    kind: CaseType,
    place: Place,
    location: Location,
    report: Report,
    actor: Actor,
    at: datetime,
    street: tuple[int, float] | None,
) -> Draft:
    """Return what the case is made of; ``street`` is the nearest edge id and the fraction."""
    edge_id, fraction = street or (None, None)
    return Draft(
        case_id=case_id,
        type=kind,
        place=place,
        location=location,
        description=report.description,
        address=report.address,
        channel=report.channel,
        reported_by=actor.subject,
        reported_at=at,
        state=first_state(actor),
        holder_code=first_holder(kind.family, place.grid_code, actor),
        edge_id=edge_id,
        fraction=fraction,
        level=report.level,
        scale=report.scale,
    )


def take_in(conn: Conn, office: Office, actor: Actor, case: Case, kind: CaseType) -> Case:
    """Write a new case that waits, with its clocks, and tell of it."""
    case, clocks = first_clocks(office.rules(conn), case, kind, office.now())
    cases.insert_case(conn, case, actor.subjects)
    write_running(conn, case.id, (), clocks)
    tell(conn, reported(actor, case))
    return case
