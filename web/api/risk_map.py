"""Saved maps of risk, each with what it said of itself when it was saved."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

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
    restore_map,
    save_map,
)
from mapsvc.legend import make_legend
from web.api.change import KEY_OPTIONAL, change
from web.api.risk import check_kind
from web.api.risk_address import Address, read_address
from web.api.risk_backtest import BacktestQuery, try_layer
from web.api.risk_model import FactsOut, KindQuery, show_facts
from web.api.schema import Answer, IdPath, ListQuery, Model, Page, Text, moment_text, problems
from web.idempotency import Reply
from web.identity.guard import require
from web.identity.principal import Principal
from web.identity.role import Permission
from web.pagination import decode_cursor, encode_cursor, page
from web.services import services

api = APIBlueprint("risk_map", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="risk")])


class MapIn(Model):
    """A map to be saved: the page's address says which, and nothing else does."""

    name: Annotated[Text, Field(min_length=1, max_length=MOST_NAME)]
    query: Annotated[Text, Field(max_length=MOST_QUERY)] = Field(
        description="of the page's address, behind the question mark; days left out are written in"
    )


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
    address = read_address(body.query, deps.clock.now())
    check_kind(address.asked)
    draft = Draft(
        name=body.name,
        query=address.query,
        trust=_trust(address, principal),
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
    """Delete a map of one's own; for a day it can be brought back."""
    principal, deps = require(Permission.PAGE_RISK), services()
    with scoped(deps.pool, principal.scope) as conn:
        delete_map(conn, path.id, principal.subject, deps.clock.now())
    return Response(status=204)


@api.post("/risk/maps/<id>/restore", responses={200: MapOut, **problems(403, 404)})
def bring_map_back(path: IdPath) -> Response:
    """Bring back a map of one's own that was deleted within a day, with what it said of itself."""
    principal, deps = require(Permission.PAGE_RISK), services()
    with scoped(deps.pool, principal.scope) as conn:
        found = restore_map(conn, path.id, principal.subject, deps.clock.now())
    return jsonify(_show(found, principal))


def _trust(address: Address, principal: Principal) -> dict[str, Any]:
    """Return what the map of an address says of itself, and its backtest if the record allows."""
    backtest = _backtest(address, principal)
    asked = address.question(backtest)
    question = asked.question(principal.scope, asked.measure, asked.unit)
    finding = services().risk.answer(principal.scope, question)
    return make_trust(show_facts(finding, make_legend(finding)), backtest)


def _backtest(address: Address, principal: Principal) -> dict[str, Any] | None:
    """Return the backtest that the page shows beside the map, and chooses its bandwidth by."""
    asked = address.asked
    kind = {name: getattr(asked, name) for name in KindQuery.model_fields}
    query = BacktestQuery(
        **kind, half_life_days=asked.half_life_days, area_share=address.area_share
    )
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
