"""Key figures in scope."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch.figure import count_figures
from geodata.db.scope import scoped
from web.api.schema import Answer, problems
from web.identity.guard import require
from web.identity.role import Permission
from web.services import services

api = APIBlueprint("figure", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="figures")])


class Figures(Answer):
    """Figures of the cases and people in scope, at most two seconds old."""

    reported: int
    closed: int
    closing_rate: float | None = Field(description="closed / reported, 0 to 1")
    pending: int
    open: int
    open_urgent: int
    on_duty: int
    on_duty_by_role: dict[str, int]
    average_dispatch_s: float | None = Field(description="first lead, cases of seven days")
    by_state: dict[str, int]
    by_family: dict[str, int]
    open_by_family: dict[str, int]
    today: dict[str, int]
    yesterday: dict[str, int] = Field(description="up to the same time of day")
    hours: list[dict[str, int]]
    as_of: str


@api.get("/figures", responses={200: Figures, **problems(403)})
def show_figures() -> Response:
    """Tell the key figures within the scope of who asks."""
    principal = require(Permission.FIGURE_READ)
    deps = services()

    def make() -> dict[str, Any]:
        with scoped(deps.pool, principal.scope) as conn:
            return count_figures(conn, deps.clock.now())

    return jsonify(deps.figures.get(principal.scope.key, make))
