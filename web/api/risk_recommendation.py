"""Recommendations from the risk map: each becomes a case on the desk."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch.actor import Actor
from dispatch.case.locate import Location
from dispatch.recommendation import Advice, Recommendation, recommend_measure
from geodata.db.scope import Conn
from web.api.case import TakenIn
from web.api.case_model import PointIn
from web.api.case_view import view_case
from web.api.change import KEY_OPTIONAL, change
from web.api.schema import Model, Text, problems
from web.idempotency import Reply
from web.identity.guard import require
from web.identity.role import Permission
from web.message import choose_locale
from web.services import services

api = APIBlueprint(
    "risk_recommendation", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="risk")]
)
MapLink = Annotated[
    str, Field(max_length=900, pattern=r"^/risk\?[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]+$")
]
"""A path of this program's own map and nothing else; what it asks for is told by the page."""


class RecommendationIn(Model):
    """What should be done where; with the map it follows from."""

    kind: Advice
    location: PointIn
    words: Annotated[Text, Field(min_length=1, max_length=1000)]
    map: MapLink | None = None


@api.post(
    "/risk/recommendations",
    responses={201: TakenIn, **problems(403, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_recommendation(body: RecommendationIn) -> Response:
    """Recommend a patrol, an alarm pillar or a camera: a case that waits on the desk."""
    principal, deps = require(Permission.CASE_RECOMMEND), services()
    locale, point = choose_locale(principal.locale), body.location
    recommendation = Recommendation(
        advice=body.kind,
        location=Location(point.lon, point.lat, point.datum, point.accuracy_m),
        words=body.words,
        link=body.map,
        locale=locale,
    )

    def work(conn: Conn, actor: Actor) -> Reply:
        case = recommend_measure(conn, deps.office, actor, recommendation)
        return Reply.of(201, {**view_case(conn, case), "assignment": None})

    return change(work)
