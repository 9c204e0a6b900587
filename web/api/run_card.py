"""Run cards: whom a case calls for, by type, level and scale; overlaps are refused when saved."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field, Strict

from dispatch.actor import Actor
from dispatch.assign.card import (
    MAX_COUNT,
    MAX_NEEDS,
    MAX_STEP,
    MAX_WITHIN_S,
    Card,
    Match,
    Need,
    Part,
    Stage,
    match_facts,
)
from dispatch.assign.card_store import need_facts, read_cards
from dispatch.case.type import Family
from dispatch.run_card import add_card, change_card, remove_card
from geodata.db.scope import Conn, unscoped
from web.api.case_model import Grade, Scale
from web.api.change import KEY_OPTIONAL, change
from web.api.schema import Answer, IdPath, Line, Model, Page, Version, problems
from web.idempotency import Reply
from web.identity.guard import require
from web.identity.role import Permission
from web.pagination import page
from web.services import services

api = APIBlueprint("run_card", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])


class NeedIn(Model):
    """So many people of a role."""

    part: Part = Field(description="lead; joint: handled jointly with the lead; alone: beside it")
    role: Line | None = Field(None, description="null for the lead: whom the ladder recommends")
    skill: Line | None = None
    count: Annotated[int, Strict(), Field(ge=1, le=MAX_COUNT)] = 1
    step: Annotated[int, Strict(), Field(ge=1, le=MAX_STEP)] = 1
    within_s: Annotated[int, Strict(), Field(ge=60, le=MAX_WITHIN_S)] | None = Field(
        None, description="seconds in which they must be able to be there; null: any time"
    )


class CardIn(Model):
    """A run card: for which cases it is, and what they need."""

    name: Line
    name_en: Line
    stage: Stage = Field(Stage.ORDINARY, description="joint: after three failed mediations")
    family: Family | None = None
    type: Line | None = Field(None, description="a type, or a class for all its types")
    levels: list[Grade] = Field([], max_length=4, description="empty: any")
    scales: list[Scale] = Field([], max_length=3, description="empty: any")
    needs: list[NeedIn] = Field(min_length=1, max_length=MAX_NEEDS)
    source: Line = "district"


class EditedCard(CardIn):
    """A card as edited, whole, with the version that was looked at."""

    version: Version


class VersionQuery(Model):
    """The version that was looked at."""

    version: int = Field(ge=1, le=2**31 - 1)


class NeedOut(Answer):
    """One need of a card."""

    part: Part
    role: str | None
    skill: str | None
    count: int
    step: int
    within_s: int | None


class CardItem(Answer):
    """One card; ``code`` of a card that ships, ``edited``: the district's own."""

    id: int
    code: str | None
    name: str
    name_en: str
    stage: Stage
    family: Family | None
    type: str | None
    levels: list[int]
    scales: list[int]
    needs: list[NeedOut]
    source: str
    version: int
    edited: bool


@api.get("/run-cards", responses={200: Page[CardItem], **problems()})
def get_run_cards() -> Response:
    """List all run cards, oldest first; of those that fit a case the most specific holds."""
    with unscoped(services().pool) as conn:
        found = read_cards(conn)
    return jsonify(page([show_card(card) for card in found], None))


@api.post(
    "/run-cards",
    responses={201: CardItem, **problems(403, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_run_card(body: CardIn) -> Response:
    """Add a card; 409 names the card it contradicts, and the cases both would fit."""
    require(Permission.TYPE_EDIT)

    def work(conn: Conn, actor: Actor) -> Reply:
        return Reply.of(201, show_card(add_card(conn, services().clock, actor, _card(body))))

    return change(work)


@api.put(
    "/run-cards/<id>",
    responses={200: CardItem, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def put_run_card(path: IdPath, body: EditedCard) -> Response:
    """Edit a card; one that was taken away is back by that."""
    require(Permission.TYPE_EDIT)
    card = _card(body, path.id, body.version)

    def work(conn: Conn, actor: Actor) -> Reply:
        return Reply.of(200, show_card(change_card(conn, services().clock, actor, card)))

    return change(work)


@api.delete(
    "/run-cards/<id>",
    responses={200: CardItem, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def delete_run_card(path: IdPath, query: VersionQuery) -> Response:
    """Take a card away, and return it with the version by which PUT brings it back."""
    require(Permission.TYPE_EDIT)

    def work(conn: Conn, actor: Actor) -> Reply:
        gone = remove_card(conn, services().clock, actor, path.id, query.version)
        return Reply.of(200, show_card(gone))

    return change(work)


def _card(body: CardIn, card_id: int | None = None, version: int = 1) -> Card:
    match = Match(
        stage=body.stage,
        family=None if body.family is None else body.family.value,
        type_code=body.type,
        levels=frozenset(body.levels),
        scales=frozenset(body.scales),
    )
    needs = tuple(Need(**need.model_dump()) for need in body.needs)
    return Card(body.name, body.name_en, match, needs, body.source, id=card_id, version=version)


def show_card(card: Card) -> dict[str, Any]:
    """Return a card as the API shows it; the family of a type is the type's."""
    told = match_facts(card.match)
    return {
        "id": card.id,
        "code": card.code,
        "name": card.name,
        "name_en": card.name_en,
        **told,
        "needs": [need_facts(need) for need in card.needs],
        "source": card.source,
        "version": card.version,
        "edited": card.edited,
    }
