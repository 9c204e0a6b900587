"""The figures of a desk: how many cases wait for what, and at whose desk they lie."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch.case.tally import Tally, count_desk
from geodata.code import level_of
from geodata.db.scope import scoped
from web.api.case_filter import CaseFilter, check_filter, filter_of
from web.api.schema import Answer, problems
from web.identity.guard import require
from web.identity.role import Permission
from web.json_format import moment
from web.services import services

api = APIBlueprint("desk", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])


class TabsOut(Answer):
    """Open cases by what is to be done with them, and by what is amiss."""

    open: int
    accept: int = Field(description="reported")
    dispatch: int = Field(description="pending")
    in_hand: int = Field(description="assigned, acknowledged, arrived")
    suspended: int
    verify: int = Field(description="handled")
    close: int = Field(description="verified")
    late: int = Field(description="light red")
    carded: int
    returned: int = Field(description="passed on at least once")
    stuck: int = Field(description="in its state for stuck_hours or longer")


class DeskHolder(Answer):
    """What one desk holds."""

    code: str
    level: str
    name: str | None
    open: int
    late: int
    returned: int
    stuck: int
    carded: int


class DeskOut(Answer):
    """Numbers of the open cases in scope that fit the filter."""

    tabs: TabsOut
    holders: list[DeskHolder]
    as_of: str


@api.get("/desk", responses={200: DeskOut, **problems(403)})
def get_desk(query: CaseFilter) -> Response:
    """Count open cases by tab and by holder; ``state``, ``light`` and ``stuck`` are passed over."""
    principal, deps = require(Permission.CASE_READ), services()
    asked = query.model_copy(update={"state": None, "light": None, "stuck": False})
    wanted = filter_of(asked, principal)
    now = deps.clock.now()
    with scoped(deps.pool, principal.scope) as conn:
        check_filter(conn, wanted)
        tally = count_desk(conn, wanted, now, query.stuck_hours)
        names = deps.names.of(conn, tally.holders, now)
    return jsonify(_show(tally, names) | {"as_of": moment(now)})


def _show(tally: Tally, names: dict[str, str]) -> dict[str, Any]:
    holders = [
        {"code": code, "level": level_of(code).value, "name": names.get(code), **numbers}
        for code, numbers in tally.holders.items()
    ]
    return {"tabs": dict(tally.tabs), "holders": holders}
