"""The roster as a file: sent out as a workbook, taken in by its rows."""

from __future__ import annotations

import base64
import binascii
from functools import partial
from typing import Annotated, Literal
from urllib.parse import quote

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch.actor import Actor
from dispatch.roster_file import Problem, export_roster, take_file
from geodata.clock import LOCAL_ZONE
from geodata.db.scope import Conn
from geodata.errors import InvalidInput
from geodata.table_file import read_table
from layers.area import require_area
from mapsvc.workbook import MEDIA_TYPE, make_workbook
from web.api.change import KEY_OPTIONAL, actor_of, change
from web.api.roster import RosterFilter, filter_of
from web.api.schema import Answer, Model, problems
from web.idempotency import Reply
from web.identity.confirm import confirmed
from web.identity.guard import current, require
from web.identity.role import Permission
from web.message import choose_locale
from web.off_loop import off_loop
from web.roster_sheet import read_lines, roster_sheets
from web.roster_word import say_wrong
from web.services import services

api = APIBlueprint("roster_file", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="people")])
ROOM = "export"
FILE = {
    "description": "the workbook as a download; it can be changed and sent back",
    "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
}


class FileIn(Model):
    """A file of up to 2,000 rows; ``check`` writes nothing, ``good`` leaves out what is wrong."""

    content: Annotated[str, Field(max_length=1_000_000, description="base64 of a CSV or XLSX")]
    mode: Literal["check", "all", "good"] = "check"


class ProblemOut(Answer):
    """What is wrong with a row, as the file numbers it; ``field`` null: the whole of it."""

    row: int
    field: str | None
    message: str


class FileOut(Answer):
    """What became of the rows: those that are on the roster already are ``unchanged``."""

    rows: int
    good: int
    unchanged: int
    written: int
    problems: list[ProblemOut]


@api.post("/roster/export", responses={200: FILE, **problems(403, 404)})
def post_export(body: RosterFilter) -> Response:
    """Make a workbook of the roster of up to 10,000 people in scope; the taking is recorded."""
    principal, deps = require(Permission.ROSTER_READ), services()
    locale = choose_locale(principal.locale)
    with confirmed(deps.pool, principal) as (conn, _):
        require_area(conn, body.area)
        rows = export_roster(conn, deps.office, actor_of(principal), filter_of(body))
    say = partial(deps.messages.text, locale)
    sheets = roster_sheets(rows, say)
    response = Response(off_loop(lambda: make_workbook(sheets), ROOM), mimetype=MEDIA_TYPE)
    at = deps.clock.now().astimezone(LOCAL_ZONE)
    name = f"{say('roster_file.sheet')}-{at:%Y%m%d-%H%M}.xlsx"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"roster.xlsx\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.cache_control.no_store = True
    return response


@api.post(
    "/roster/import",
    responses={200: FileOut, **problems(403)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_import(body: FileIn) -> Response:
    """Check a file row by row, and write it whole or by its good rows."""
    require(Permission.ROSTER_EDIT)
    deps = services()
    lines = read_lines(read_table(_decoded(body.content)), deps.messages)

    def work(conn: Conn, actor: Actor) -> Reply:
        found = take_file(conn, deps.office, actor, lines, body.mode)
        return Reply.of(200, {**vars(found), "problems": [_shown(one) for one in found.problems]})

    return change(work)


def _shown(one: Problem) -> dict[str, object]:
    locale = choose_locale(current().locale)
    words = say_wrong(services().messages, locale, one.reason, one.values, one.message)
    return {"row": one.row, "field": one.field, "message": words}


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("The file must be base64", field="content") from None
