"""What a case calls for: its level and scale, sending its card's people, and why not somebody."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch import desk
from dispatch.actor import Actor
from dispatch.assign.ladder import Responder
from dispatch.assign.why_not import Standing, Verdict, WhyNot, sentence
from dispatch.explanation import explain_person
from dispatch.turnout import Sent
from geodata.db.scope import Conn, scoped
from web.api.assignment_model import AssignmentOut, show_assigned
from web.api.case_model import CaseOut, Grade, ReasonOut, Scale, role_label
from web.api.case_view import view_case
from web.api.change import KEY_OPTIONAL, KEY_REQUIRED, change
from web.api.schema import Answer, BodyId, Id, IdPath, Model, Version, problems
from web.idempotency import Reply
from web.identity.guard import current, require
from web.identity.role import Permission
from web.message import choose_locale
from web.services import services

api = APIBlueprint("turnout", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="assignments")])


class GradeIn(Model):
    """Level and scale of a case, with the version looked at; null: not known."""

    version: Version
    level: Grade | None = Field(description="1 especially grave … 4 ordinary")
    scale: Scale | None = Field(description="1 individual, 2 general, 3 major group")


class SentIn(Model):
    """One of the people of the card, and for which of its needs."""

    need: int = Field(strict=True, ge=0, le=99)
    person_id: BodyId


class SendIn(Model):
    """The people of the card as they were recommended, and the version looked at."""

    version: Version
    people: list[SentIn] = Field(min_length=1, max_length=40)


class SentOut(Answer):
    """Everybody who was sent, and the case as it stands now."""

    case: CaseOut
    assignments: list[AssignmentOut]


class PersonQuery(Model):
    """Who is asked about."""

    person: Id


class AheadOut(Answer):
    """Who stands first instead; beyond the scope the role only."""

    person_id: int | None
    name: str | None
    role_label: str


class WhyNotOut(Answer):
    """How a person stands to a case, by which rule; beyond the scope role and rule only."""

    person_id: int | None
    name: str | None
    role: str
    role_label: str
    verdict: Verdict
    rank: int | None
    reasons: list[ReasonOut]
    ahead: AheadOut | None
    text: str


@api.put(
    "/cases/<id>/grade",
    responses={200: CaseOut, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def put_grade(path: IdPath, body: GradeIn) -> Response:
    """Say of what level and scale a case is: both decide which run card it has."""
    require(Permission.CASE_ASSIGN)

    def work(conn: Conn, actor: Actor) -> Reply:
        case = desk.grade_case(
            conn, services().office, actor, path.id, body.version, body.level, body.scale
        )
        return Reply.of(200, view_case(conn, case))

    return change(work)


@api.post(
    "/cases/<id>/run-card",
    responses={201: SentOut, **problems(403, 404, 409)},
    openapi_extensions=KEY_REQUIRED,
)
def post_run_card(path: IdPath, body: SendIn) -> Response:
    """Send the people of the case's card, all or nothing; 409 names who was faster."""
    require(Permission.CASE_ASSIGN)
    roads = services().roads()
    wanted = [Sent(one.need, one.person_id) for one in body.people]

    def work(conn: Conn, actor: Actor) -> Reply:
        made = desk.send_turnout(
            conn, services().office, actor, roads, path.id, body.version, wanted
        )
        locale = choose_locale(current().locale)
        shown = [show_assigned(one, locale, one.role) for one in made]
        return Reply.of(201, {"case": view_case(conn, made[-1].case), "assignments": shown})

    return change(work, key_required=True)


@api.get("/cases/<id>/why-not", responses={200: WhyNotOut, **problems(403, 404)})
def get_why_not(path: IdPath, query: PersonQuery) -> Response:
    """Say which rule excluded a person from a case, or who outranked them and by what."""
    principal, deps = require(Permission.CASE_ASSIGN), services()
    roads, locale = deps.roads(), choose_locale(principal.locale)
    with scoped(deps.pool, principal.scope) as conn:
        standing, found = explain_person(conn, roads, path.id, query.person, deps.clock.now())
    return jsonify(show_why_not(standing, found, locale))


def show_why_not(standing: Standing, found: WhyNot, locale: str) -> dict[str, Any]:
    """Return the answer as the API shows it."""
    seen = standing.in_scope
    reasons = [
        {"code": one.code, "text": sentence(one, locale), "params": dict(one.params)}
        for one in found.answers
    ]
    if standing.in_scope and standing.recusal:
        for reason in reasons:
            if reason["code"] == "recused":
                reason["text"] = f"{reason['text']}{'：' if locale == 'zh' else ': '}" + (
                    standing.recusal
                )
    return {
        "person_id": standing.person_id if seen else None,
        "name": standing.name if seen else None,
        "role": standing.role,
        "role_label": role_label(standing.role, locale),
        "verdict": found.verdict.value,
        "rank": found.rank,
        "reasons": reasons,
        "ahead": None if found.ahead is None else _ahead(found.ahead, locale),
        "text": _words(standing, found, reasons, locale),
    }


def _ahead(first: Responder, locale: str) -> dict[str, Any]:
    seen = first.in_scope
    return {
        "person_id": first.person_id if seen else None,
        "name": first.name if seen else None,
        "role_label": role_label(first.role, locale),
    }


HEADS = {
    Verdict.FIRST: ("{who}{reasons}", "{who}: {reasons}"),
    Verdict.ASSIGNED: ("{who}{reasons}", "{who} {reasons}"),
    Verdict.OUTRANKED: (
        "{who}排第 {rank}，在{first}之后：{reasons}",
        "{who} stands {rank}. on the list, after {first}: {reasons}",
    ),
    Verdict.EXCLUDED: ("{who}不能派遣：{reasons}", "{who} cannot be sent: {reasons}"),
}


def _words(standing: Standing, found: WhyNot, reasons: list[dict[str, Any]], locale: str) -> str:
    """Return the whole answer as one sentence."""
    first = found.ahead
    return HEADS[found.verdict][1 if locale == "en" else 0].format(
        who=_who(standing.name if standing.in_scope else None, standing.role, locale),
        first=""
        if first is None
        else _who(first.name if first.in_scope else None, first.role, locale),
        rank=found.rank,
        reasons=("; " if locale == "en" else "；").join(one["text"] for one in reasons),
    )


def _who(name: str | None, role: str, locale: str) -> str:
    label = role_label(role, locale)
    if locale == "en":
        return f"{name} ({label.lower()})" if name else f"a {label.lower()} beyond your area"
    return f"{name}（{label}）" if name else f"辖区外的{label}"
