"""Assignments of a case and the steps to its end. Every step needs the version looked at."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dispatch import desk
from dispatch.actor import Actor
from dispatch.assign.store import Assignment, list_assignments
from dispatch.case.store import Case
from geodata.db.scope import Conn, scoped
from geodata.errors import Conflict, InvalidInput, NotFound
from web.api.assignment_model import AssignmentOut, show_assigned, show_assignment
from web.api.case_model import (
    AssignIn,
    AssignmentPath,
    CaseOut,
    CloseIn,
    StepIn,
    VoidIn,
)
from web.api.case_view import view_case
from web.api.change import KEY_OPTIONAL, KEY_REQUIRED, change
from web.api.schema import IdPath, Page, problems
from web.idempotency import Reply
from web.identity.guard import current, require
from web.identity.role import Permission
from web.message import choose_locale
from web.pagination import page
from web.services import services

api = APIBlueprint("assignment", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="assignments")])
Step = Callable[[Conn, Actor, Assignment], Case]


class MadeAssignment(AssignmentOut):
    """A new assignment with the case as it stands now."""

    case: CaseOut


@api.get("/cases/<id>/assignments", responses={200: Page[AssignmentOut], **problems(403, 404)})
def get_assignments(path: IdPath) -> Response:
    """List all assignments of a case, oldest first."""
    principal = require(Permission.CASE_READ)
    locale = choose_locale(principal.locale)
    with scoped(services().pool, principal.scope) as conn:
        found = desk.get_case(conn, path.id).assignments
    return jsonify(page([show_assignment(a, locale) for a in found], None))


@api.post(
    "/cases/<id>/assignments",
    responses={201: MadeAssignment, **problems(403, 404, 409)},
    openapi_extensions=KEY_REQUIRED,
)
def post_assignment(path: IdPath, body: AssignIn) -> Response:
    """Assign a person; whoever loses a race gets 409 with the winner."""
    require(Permission.CASE_ASSIGN)
    roads = services().roads()

    def work(conn: Conn, actor: Actor) -> Reply:
        made = desk.assign(
            conn,
            services().office,
            actor,
            roads,
            path.id,
            body.person_id,
            body.version,
            body.role,
        )
        shown = show_assigned(made, choose_locale(current().locale), body.role)
        return Reply.of(201, {**shown, "case": view_case(conn, made.case)})

    return change(work, key_required=True)


@api.post(
    "/cases/<id>/assignments/<aid>/undo",
    responses={200: CaseOut, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_undo(path: AssignmentPath, body: StepIn) -> Response:
    """Take an assignment back before it is acknowledged."""
    require(Permission.CASE_ASSIGN)
    return _step(
        path,
        lambda conn, actor, a: desk.undo(
            conn, services().office, actor, a.case_id, body.version, a.role
        ),
    )


@api.post(
    "/cases/<id>/assignments/<aid>/acknowledge",
    responses={200: CaseOut, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_acknowledge(path: AssignmentPath, body: StepIn) -> Response:
    """Sign for an assignment: the assignee, or the desk on behalf."""
    _require_any(Permission.CASE_WORK, Permission.CASE_ASSIGN)
    return _step(
        path,
        lambda conn, actor, a: desk.acknowledge(
            conn, services().office, actor, a.case_id, body.version, a.role
        ),
    )


@api.post(
    "/cases/<id>/assignments/<aid>/arrive",
    responses={200: CaseOut, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_arrive(path: AssignmentPath, body: StepIn) -> Response:
    """Say that the assignee is there."""
    _require_any(Permission.CASE_WORK, Permission.CASE_ASSIGN)
    return _step(
        path,
        lambda conn, actor, a: desk.arrive(
            conn, services().office, actor, a.case_id, body.version, a.role
        ),
    )


@api.post(
    "/cases/<id>/assignments/<aid>/return",
    responses={200: CaseOut, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_return(path: AssignmentPath, body: StepIn) -> Response:
    """Give an assignment back with a reason; the case waits again."""
    _require_any(Permission.CASE_WORK, Permission.CASE_ASSIGN)
    if body.reason is None:
        raise InvalidInput("Say why: a reason is needed", field="reason")
    reason = body.reason
    return _step(
        path,
        lambda conn, actor, a: desk.return_case(
            conn, services().office, actor, a.case_id, body.version, reason, a.role
        ),
    )


@api.post(
    "/cases/<id>/close",
    responses={200: CaseOut, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_close(path: IdPath, body: CloseIn) -> Response:
    """Close a case; all its assignments are done."""
    require(Permission.CASE_CLOSE)

    def work(conn: Conn, actor: Actor) -> Reply:
        case = desk.close_case(conn, services().office, actor, path.id, body.version, body.note)
        return Reply.of(200, view_case(conn, case))

    return change(work)


@api.post(
    "/cases/<id>/void",
    responses={200: CaseOut, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_void(path: IdPath, body: VoidIn) -> Response:
    """Strike a waiting case that was none."""
    require(Permission.CASE_ASSIGN)

    def work(conn: Conn, actor: Actor) -> Reply:
        case = desk.void_case(conn, services().office, actor, path.id, body.version, body.reason)
        return Reply.of(200, view_case(conn, case))

    return change(work)


def _step(path: AssignmentPath, step: Step) -> Response:
    """Run one step of one assignment; the conditional update in it decides, not this look-up."""

    def work(conn: Conn, actor: Actor) -> Reply:
        found = list_assignments(conn, path.id)
        chosen = next((a for a in found if a.id == path.aid), None)
        if chosen is None:
            raise NotFound("There is no such assignment in your area", field="aid")
        if not chosen.live:
            raise Conflict(
                f"This assignment has ended: it is {chosen.state}. Look at the case again.",
                field="aid",
                winner={"state": chosen.state, "at": chosen.ended_at},
            )
        return Reply.of(200, view_case(conn, step(conn, actor, chosen)))

    return change(work)


def _require_any(*permissions: Permission) -> None:
    principal = current()
    if not any(principal.may(permission) for permission in permissions):
        principal.require(permissions[0])
