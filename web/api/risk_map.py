"""Saved maps of risk, each with what it said of itself when it was saved."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field, model_validator

from dispatch.actor import Actor
from geodata.db.scope import Conn, scoped
from layers.risk.saved_map import (
    MOST_NAME,
    MOST_QUERY,
    Draft,
    SavedMap,
    delete_map,
    get_map,
    list_maps,
    make_trust,
    save_map,
)
from mapsvc.legend import make_legend
from web.api.change import KEY_OPTIONAL, change
from web.api.risk import check_kind
from web.api.risk_backtest import BacktestQuery, try_layer
from web.api.risk_model import FactsOut, KindQuery, QuestionQuery, show_facts
from web.api.schema import Answer, IdPath, ListQuery, Page, Text, moment_text, problems
from web.idempotency import Reply
from web.identity.guard import require
from web.identity.principal import Principal
from web.identity.role import Permission
from web.pagination import decode_cursor, encode_cursor, page
from web.services import services

api = APIBlueprint("risk_map", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="risk")])


class MapIn(QuestionQuery):
    """A map to be saved: the question of ``/risk/surface`` or ``/risk/units``, and two texts.

    In the question null and an empty text stand for what is left out, as in an address.
    """

    name: Annotated[Text, Field(min_length=1, max_length=MOST_NAME)]
    query: Annotated[Text, Field(min_length=1, max_length=MOST_QUERY)] = Field(
        description="of the page's address, behind the question mark"
    )

    @model_validator(mode="before")
    @classmethod
    def _leave_out(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        asked = QuestionQuery.model_fields
        return {k: v for k, v in body.items() if k not in asked or v not in (None, "")}


class TrustOut(Answer):
    """What the map said of itself when it was saved, and how well it would have predicted."""

    facts: FactsOut
    backtest: dict[str, Any] | None


class MapOut(Answer):
    """A saved map; ``mine``: may be deleted."""

    id: int
    name: str
    query: str
    trust: TrustOut
    made_by_name: str
    made_at: str
    areas: list[str]
    mine: bool


@api.get("/risk/maps", responses={200: Page[MapOut], **problems(403)})
def get_maps(query: ListQuery) -> Response:
    """List saved maps whose areas are all in scope, newest first."""
    principal = require(Permission.PAGE_RISK)
    before = decode_cursor(query.cursor, [int])[0] if query.cursor else None
    with scoped(services().pool, principal.scope) as conn:
        found = list_maps(conn, before=before, limit=query.limit + 1)
    shown = found[: query.limit]
    following = encode_cursor(shown[-1].id) if len(found) > query.limit else None
    return jsonify(page([_show(one, principal) for one in shown], following))


@api.post(
    "/risk/maps", responses={201: MapOut, **problems(403, 409)}, openapi_extensions=KEY_OPTIONAL
)
def post_map(body: MapIn) -> Response:
    """Save a map; what it says of itself is worked out here, not taken from who asks."""
    principal, deps = require(Permission.PAGE_RISK), services()
    check_kind(body)
    draft = Draft(
        name=body.name,
        query=body.query,
        trust=_trust(body, principal),
        made_by=principal.subject,
        made_by_name=principal.display_name,
        areas=tuple(sorted(principal.scope.areas)),
        made_at=deps.clock.now(),
    )

    def work(conn: Conn, actor: Actor) -> Reply:
        del actor
        return Reply.of(201, _show(save_map(conn, draft), principal))

    return change(work)


@api.get("/risk/maps/<id>", responses={200: MapOut, **problems(403, 404)})
def show_map(path: IdPath) -> Response:
    """Show one saved map."""
    principal = require(Permission.PAGE_RISK)
    with scoped(services().pool, principal.scope) as conn:
        found = get_map(conn, path.id)
    return jsonify(_show(found, principal))


@api.delete("/risk/maps/<id>", responses={204: None, **problems(403, 404)})
def remove_map(path: IdPath) -> Response:
    """Delete a map of one's own."""
    principal = require(Permission.PAGE_RISK)
    with scoped(services().pool, principal.scope) as conn:
        delete_map(conn, path.id, principal.subject)
    return Response(status=204)


def _trust(body: MapIn, principal: Principal) -> dict[str, Any]:
    """Return what the map of a question says of itself, and its backtest if the record allows."""
    question = body.question(principal.scope, body.measure, body.unit)
    finding = services().risk.answer(principal.scope, question)
    facts = show_facts(finding, make_legend(finding, tuple(body.limits or ())))
    return make_trust(facts, _backtest(body, principal))


def _backtest(body: MapIn, principal: Principal) -> dict[str, Any] | None:
    asked = {name: getattr(body, name) for name in KindQuery.model_fields}
    query = BacktestQuery(**asked, half_life_days=body.half_life_days)
    found: dict[str, Any] | None = try_layer(principal.scope, query)["backtest"]
    return found


def _show(one: SavedMap, principal: Principal) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "query": one.query,
        "trust": one.trust,
        "made_by_name": one.made_by_name,
        "made_at": moment_text(one.made_at),
        "areas": one.areas,
        "mine": one.made_by == principal.subject,
    }
