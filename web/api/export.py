"""Cases as a file, for a purpose that is recorded."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch.export import MOST_PURPOSE, MOST_ROWS, check_purpose, export_cases
from geodata.clock import LOCAL_ZONE
from mapsvc.workbook import MEDIA_TYPE, make_workbook
from web.api.case_filter import CaseFilter, OrderName, check_filter, filter_of, order_of
from web.api.change import actor_of
from web.api.schema import Text, problems
from web.case_sheet import Reader, case_sheets
from web.identity.confirm import confirmed
from web.identity.guard import require
from web.identity.role import Permission
from web.message import choose_locale
from web.off_loop import off_loop
from web.services import services

api = APIBlueprint("export", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])
ROOM = "export"
COUNT_HEADER, CUT_HEADER = "Ganxin-Rows", "Ganxin-Cut"
FILE = {
    "description": f"the workbook as a download; {COUNT_HEADER} rows, {CUT_HEADER}: true where"
    f" there were more than {MOST_ROWS}",
    "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
}


class ExportIn(CaseFilter):
    """Which cases, in which order, and what for."""

    purpose: Text = Field(description=f"up to {MOST_PURPOSE} characters; recorded")
    order: OrderName = "newest"


@api.post("/cases/export", responses={200: FILE, **problems(403)})
def post_export(body: ExportIn) -> Response:
    """Make a workbook of up to 10,000 cases in scope; personal data are masked.

    What was read and the event that tells of it are one transaction; the file is made afterwards.
    """
    principal, deps = require(Permission.CASE_EXPORT), services()
    check_purpose(body.purpose)
    wanted, order = filter_of(body, principal), order_of(body.order)
    locale = choose_locale(principal.locale)
    with confirmed(deps.pool, principal) as (conn, _):
        check_filter(conn, wanted)
        export = export_cases(conn, deps.office, actor_of(principal), wanted, order, body.purpose)
        codes = {code for case in export.rows for code in (case.grid_code, case.holder_code)}
        names = dict(deps.names.of(conn, codes, deps.clock.now()))
    reader = Reader(locale, partial(deps.messages.text, locale), names, deps.clock.now())
    sheets = case_sheets(export, reader, principal.display_name)
    response = Response(off_loop(lambda: make_workbook(sheets), ROOM), mimetype=MEDIA_TYPE)
    name = f"{reader.say('export.file')}-{reader.now.astimezone(LOCAL_ZONE):%Y%m%d-%H%M}.xlsx"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"cases.xlsx\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers[COUNT_HEADER] = str(len(export.rows))
    response.headers[CUT_HEADER] = "true" if export.cut else "false"
    response.cache_control.no_store = True
    return response
