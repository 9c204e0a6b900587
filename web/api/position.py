"""Position reports in batches. Late and repeated ones do no harm; what cannot be is named."""

from __future__ import annotations

from typing import Any

import numpy as np
from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from numpy.typing import NDArray
from pydantic import Field

from dispatch.people.position import (
    AHEAD_S,
    BEHIND_S,
    MAX_BATCH,
    Batch,
    Receipt,
    report_positions,
)
from geodata.crs import Datum, convert
from geodata.db.scope import Conn, scoped
from geodata.errors import InvalidInput
from web.api.change import actor_of
from web.api.schema import Answer, BodyId, DeclaredDatum, Degrees, Metres, Model, Moment, problems
from web.district import read_box
from web.identity.guard import current
from web.identity.role import Permission
from web.services import services

api = APIBlueprint("position", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="positions")])
Rejected = dict[int, tuple[str, str]]


class PositionIn(Model):
    """One fix: where a person was, by the phone's clock."""

    person_id: BodyId
    lon: Degrees = Field(ge=-180, le=180)
    lat: Degrees = Field(ge=-90, le=90)
    datum: DeclaredDatum
    measured_at: Moment
    accuracy_m: Metres | None = None
    speed_mps: float | None = Field(None, ge=0, le=200, strict=True)
    heading_deg: float | None = Field(None, ge=0, le=360, strict=True)


class PositionsIn(Model):
    """A batch; a person may occur more than once."""

    positions: list[PositionIn] = Field(min_length=1, max_length=MAX_BATCH)


class RejectedOut(Answer):
    """A fix that was not taken, by its place in the batch."""

    index: int
    field: str
    detail: str


class ReceiptOut(Answer):
    """What became of a batch: accepted + stale + rejected is its length."""

    accepted: int
    stale: int
    suspect: int = Field(description="accepted, but jumps faster than 60 m/s")
    rejected: list[RejectedOut]


@api.post("/positions", responses={200: ReceiptOut, **problems(403)})
def post_positions(body: PositionsIn) -> Response:
    """Store the newest fix of each person; 422 if not one fix can be taken."""
    principal = current()
    if not principal.may(Permission.POSITION_ANY):
        principal.require(Permission.POSITION_OWN)
    deps = services()
    roads = deps.roads()
    now = deps.clock.now()
    with scoped(deps.pool, principal.scope) as conn:
        box = deps.boxes.get("district", lambda: read_box(conn, now))
        rejected = _impossible(body.positions, now.timestamp(), box)
        kept = [fix for index, fix in enumerate(body.positions) if index not in rejected]
        actor = actor_of(principal)
        receipts = [
            report_positions(conn, roads, actor, _batch(datum, fixes), now)
            for datum, fixes in _by_datum(kept).items()
        ]
        if any(receipt.unknown for receipt in receipts):
            rejected |= _unknown(conn, body.positions)
        if len(rejected) == len(body.positions):
            field, detail = rejected[0]
            raise InvalidInput(f"{field} {detail}", field=field)
    return jsonify(_receipt(receipts, rejected))


def _impossible(
    fixes: list[PositionIn], now_s: float, box: tuple[float, float, float, float]
) -> Rejected:
    """Return the fixes that cannot be: by a clock out of step, or far outside the district."""
    measured_s = np.array([fix.measured_at.timestamp() for fix in fixes])
    lon = np.array([fix.lon for fix in fixes])
    lat = np.array([fix.lat for fix in fixes])
    for datum in {fix.datum for fix in fixes} - {Datum.WGS84, Datum.CGCS2000}:
        rows = np.array([fix.datum is datum for fix in fixes])
        lon[rows], lat[rows] = convert(lon[rows], lat[rows], datum, Datum.WGS84, field="positions")
    west, south, east, north = box
    found: Rejected = {}
    tests: tuple[tuple[NDArray[np.bool_], str, str], ...] = (
        (
            measured_s > now_s + AHEAD_S,
            "measured_at",
            f"is over {AHEAD_S:.0f} s ahead of our clock",
        ),
        (measured_s < now_s - BEHIND_S, "measured_at", "is over a week old"),
        ((lon < west) | (lon > east), "lon", "is outside the district (longitude comes first)"),
        ((lat < south) | (lat > north), "lat", "is outside the district (longitude comes first)"),
    )
    for bad, name, detail in tests:
        for row in np.flatnonzero(bad).tolist():
            found.setdefault(row, (f"positions.{row}.{name}", detail))
    return found


def _unknown(conn: Conn, fixes: list[PositionIn]) -> Rejected:
    ids = {fix.person_id for fix in fixes}
    rows = conn.execute("SELECT id FROM dispatch.people WHERE id = ANY (%s)", (sorted(ids),))
    missing = ids - {row["id"] for row in rows}
    return {
        index: (f"positions.{index}.person_id", "is nobody in your area")
        for index, fix in enumerate(fixes)
        if fix.person_id in missing
    }


def _by_datum(fixes: list[PositionIn]) -> dict[Datum, list[PositionIn]]:
    groups: dict[Datum, list[PositionIn]] = {}
    for fix in fixes:
        groups.setdefault(fix.datum, []).append(fix)
    return groups


def _batch(datum: Datum, fixes: list[PositionIn]) -> Batch:
    return Batch(
        person_id=np.array([fix.person_id for fix in fixes], np.int64),
        lon=np.array([fix.lon for fix in fixes]),
        lat=np.array([fix.lat for fix in fixes]),
        measured_at_s=np.array([fix.measured_at.timestamp() for fix in fixes]),
        datum=datum,
        speed_mps=_optional([fix.speed_mps for fix in fixes]),
        heading_deg=_optional([fix.heading_deg for fix in fixes]),
        accuracy_m=_optional([fix.accuracy_m for fix in fixes]),
    )


def _optional(values: list[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values])


def _receipt(receipts: list[Receipt], rejected: Rejected) -> dict[str, Any]:
    return {
        "accepted": sum(receipt.stored for receipt in receipts),
        "stale": sum(receipt.stale for receipt in receipts),
        "suspect": sum(receipt.suspect for receipt in receipts),
        "rejected": [
            {"index": index, "field": field, "detail": detail}
            for index, (field, detail) in sorted(rejected.items())
        ],
    }
