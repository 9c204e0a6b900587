"""Cases, candidates and assignments as the API takes and shows them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, Strict

from dispatch.assign.ladder import Candidate
from dispatch.assign.reason import sentence
from dispatch.case.locate import Place
from dispatch.case.store import Case, Lead
from dispatch.people.role import ROLES
from geodata.code import level_of
from web.api.schema import (
    Answer,
    BodyFlag,
    BodyId,
    DeclaredDatum,
    Degrees,
    Id,
    Line,
    Metres,
    Model,
    Moment,
    Version,
    Words,
    moment_text,
)
from web.json_format import moment


class PointIn(Model):
    """A point as it was measured, in the datum of the device."""

    lon: Degrees = Field(ge=-180, le=180)
    lat: Degrees = Field(ge=-90, le=90)
    datum: DeclaredDatum
    accuracy_m: Metres | None = Field(None, description="radius that holds the true place")


Grade = Annotated[int, Strict(), Field(ge=1, le=4)]
Scale = Annotated[int, Strict(), Field(ge=1, le=3)]


class ReporterIn(Model):
    """How to reach who reports it: told to nobody without a stated purpose."""

    name: Line | None = None
    phone: Line | None = None


class CaseIn(Model):
    """A case to be taken in: where it is, by a point or by an address."""

    type: Line = Field(description="code of GET /case-types")
    description: Words
    location: PointIn | None = None
    address: Line | None = Field(None, description="door plate; kept as text beside a location")
    channel: Line | None = Field(None, description="how it came in; by the role if left out")
    reported_at: Moment | None = Field(None, description="when it was reported; now if left out")
    reporter: ReporterIn | None = None
    level: Grade | None = Field(None, description="1 especially grave … 4 ordinary")
    scale: Scale | None = Field(None, description="1 individual, 2 general, 3 major group")
    assign: BodyFlag = Field(False, description="dispatch the best candidate at once")


class NearbyQuery(Model):
    """A place where a case might have been reported before."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    datum: DeclaredDatum
    radius_m: float = Field(100.0, gt=0, le=5000)
    hours: float = Field(24.0, gt=0, le=8784)


class PlaceQuery(Model):
    """A point to be located."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    datum: DeclaredDatum
    accuracy_m: float | None = Field(None, ge=0, le=20_000)


class CandidatePath(Model):
    """A case and one of its candidates."""

    id: Id
    person_id: Id


class AssignmentPath(Model):
    """A case and one of its assignments."""

    id: Id
    aid: Id


class AssignIn(Model):
    """Who is to go, and the version of the case that was looked at."""

    person_id: BodyId
    version: Version
    role: Literal["lead", "mediator", "lawyer", "judge", "assist", "joint"] = "lead"


class StepIn(Model):
    """A step on: the version that was looked at, and a reason where one is needed."""

    version: Version
    reason: Words | None = None


class CloseIn(Model):
    """The end of a case."""

    version: Version
    note: Words


class VoidIn(Model):
    """The striking of a case that was none."""

    version: Version
    reason: Words


class GridOut(Answer):
    """The grid a case lies in and how sure that is."""

    code: str
    name: str | None
    community: str | None
    street: str | None
    runner_up: str | None
    runner_up_name: str | None
    edge_m: float
    ambiguous: bool


class HolderOut(Answer):
    """The area whose desk holds a case."""

    code: str
    level: str
    name: str | None


class LeadOut(Answer):
    """Who leads a case; beyond the scope the role only."""

    person_id: int | None
    name: str | None
    role: str
    role_label: str
    state: str
    travel_s: float | None
    travelling: bool


class CaseOut(Answer):
    """One case; lon and lat are WGS-84 degrees, ``source`` is the point as it was sent."""

    id: int
    number: str
    version: int
    state: str
    type: str
    type_name: str
    type_name_en: str
    family: str
    urgent: bool
    arrival_limit_s: int
    channel: str
    description: str
    address: str | None
    building_id: int | None
    lon: float
    lat: float
    source: dict[str, Any]
    grid: GridOut
    reported_at: str
    state_since: str
    holder: HolderOut
    yellow_at: str | None
    due_at: str | None
    hops: int
    card: str | None
    merged_into: int | None
    closed_at: str | None
    closing_note: str | None
    closing_kind: str | None
    level: int | None
    scale: int | None
    failed_mediations: int
    lead: LeadOut | None


class ReasonOut(Answer):
    """Why somebody is proposed: a code for machines, a sentence for people."""

    code: str
    text: str
    params: dict[str, float]


class CandidateOut(Answer):
    """One candidate; beyond the scope of who asks only role, minutes and reasons."""

    rank: int
    person_id: int | None
    name: str | None
    phone: str | None
    role: str
    role_label: str
    assignment_role: str
    rung: str
    reasons: list[ReasonOut]
    travel_s: float | None
    distance_m: float | None
    load: int | None
    capacity: int | None
    duty: str
    mode: str | None
    lon: float | None
    lat: float | None
    area_code: str | None
    measured_at: str | None
    in_scope: bool


def show_case(case: Case, names: dict[str, str], locale: str) -> dict[str, Any]:
    """Return a case as the API shows it."""
    return {
        "id": case.id,
        "number": case.number,
        "version": case.version,
        "state": case.state,
        "type": case.type_code,
        "type_name": case.type_name,
        "type_name_en": case.type_name_en,
        "family": case.family,
        "urgent": case.urgent,
        "arrival_limit_s": case.arrival_limit_s,
        "channel": case.channel,
        "description": case.description,
        "address": case.address,
        "building_id": case.building_id,
        "lon": case.lon,
        "lat": case.lat,
        "source": {
            "lon": case.source_lon,
            "lat": case.source_lat,
            "datum": case.source_datum,
            "accuracy_m": case.accuracy_m,
        },
        "grid": show_grid(case, names),
        "reported_at": moment(case.reported_at),
        "state_since": moment(case.state_since),
        "holder": {
            "code": case.holder_code,
            "level": level_of(case.holder_code).value,
            "name": names.get(case.holder_code),
        },
        "yellow_at": moment_text(case.yellow_at),
        "due_at": moment_text(case.due_at),
        "hops": case.hops,
        "card": case.card,
        "merged_into": case.merged_into,
        "closed_at": moment(case.closed_at) if case.closed_at else None,
        "closing_note": case.closing_note,
        "closing_kind": case.closing_kind,
        "level": case.level,
        "scale": case.scale,
        "failed_mediations": case.failed_mediations,
        "lead": show_lead(case.lead, locale) if case.lead else None,
    }


def show_grid(case: Case, names: dict[str, str]) -> dict[str, Any]:
    """Return the grid of a case with the names around it."""
    return _grid(case.grid_code, case.runner_up_code, case.edge_m, case.edge_ambiguous, names)


def show_place(place: Place, names: dict[str, str]) -> dict[str, Any]:
    """Return the grid of a place that was located."""
    return _grid(place.grid_code, place.runner_up_code, place.edge_m, place.ambiguous, names)


def _grid(
    code: str, runner_up: str | None, edge_m: float, ambiguous: bool, names: dict[str, str]
) -> dict[str, Any]:
    return {
        "code": code,
        "name": names.get(code),
        "community": names.get(code[:12]),
        "street": names.get(code[:9]),
        "runner_up": runner_up,
        "runner_up_name": names.get(runner_up) if runner_up else None,
        "edge_m": round(edge_m, 2),
        "ambiguous": ambiguous,
    }


def show_lead(lead: Lead, locale: str) -> dict[str, Any]:
    """Return who leads a case; a lead beyond the scope (no name) is a role without an id."""
    return {
        "person_id": lead.person_id if lead.name is not None else None,
        "name": lead.name,
        "role": lead.role,
        "role_label": role_label(lead.role, locale),
        "state": lead.state,
        "travel_s": lead.travel_s,
        "travelling": lead.travelling,
    }


def show_candidate(candidate: Candidate, locale: str) -> dict[str, Any]:
    """Return a candidate as the API shows it."""
    return {
        "rank": candidate.rank,
        "person_id": candidate.person_id,
        "name": candidate.name,
        "phone": candidate.phone,
        "role": candidate.role,
        "role_label": role_label(candidate.role, locale),
        "assignment_role": candidate.assignment_role,
        "rung": candidate.rung,
        "reasons": [
            {"code": r.code, "text": sentence(r.code, r.params, locale), "params": dict(r.params)}
            for r in candidate.reasons
        ],
        "travel_s": candidate.travel_s,
        "distance_m": candidate.distance_m,
        "load": candidate.load,
        "capacity": candidate.capacity,
        "duty": "on_duty",
        "mode": candidate.mode,
        "lon": candidate.lon,
        "lat": candidate.lat,
        "area_code": candidate.area_code,
        "measured_at": moment(candidate.measured_at) if candidate.measured_at else None,
        "in_scope": candidate.in_scope,
    }


def role_label(role: str, locale: str) -> str:
    """Return the name of a role of the roster in the reader's language."""
    known = ROLES.get(role)
    if known is None:
        return role
    return known.name_en if locale == "en" else known.name
