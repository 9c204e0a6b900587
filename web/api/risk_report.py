"""The report that travels: the risk map in one file, to read, print, load or count with."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from geodata.db.scope import Scope, unscoped
from layers.risk.foresight.trial import Verdict
from mapsvc.report.base import read_base
from mapsvc.report.form import MEDIA_TYPES, PLAIN, Format
from mapsvc.report.make import file_name, make_report
from mapsvc.report.proof import trial_of, try_judging
from mapsvc.report.subject import Subject
from mapsvc.report.words import Words
from web.api.risk import check_kind
from web.api.risk_model import QuestionQuery
from web.api.schema import Locale, Model, problems
from web.identity.guard import require
from web.identity.role import Permission
from web.message import choose_locale
from web.services import services

api = APIBlueprint("risk_report", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="risk")])
FILES = {
    "description": "the file, as a download",
    "content": {
        media_type: {"schema": {"type": "string", "format": "binary"}}
        for media_type in MEDIA_TYPES.values()
    },
}


class FormatPath(Model):
    """In which form."""

    format: Format


class ReportQuery(QuestionQuery):
    """Of which map: its measure and unit are what the page shows first."""

    locale: Locale | None = Field(None, description="as the reader's if left out")


@api.get("/risk/report.<format>", responses={200: FILES, **problems(403, 422, 503)})
def download_report(path: FormatPath, query: ReportQuery) -> Response:
    """Make the report in one form: HTML (opens offline), PNG, PDF, GeoTIFF, GeoJSON or XLSX.

    It takes seconds. All that is read from the database is read before the work begins.
    """
    principal = require(Permission.PAGE_RISK)
    check_kind(query)
    locale = query.locale or choose_locale(principal.locale)
    subject = _subject(principal.scope, query, Words("en" if locale == "en" else "zh"), path.format)
    body = services().risk.work_long(lambda: make_report(subject, path.format))
    response = Response(body, mimetype=MEDIA_TYPES[path.format])
    response.headers["Content-Disposition"] = _attachment(file_name(subject, path.format))
    return response


def _subject(scope: Scope, query: ReportQuery, words: Words, form: Format) -> Subject:
    source, now = services().risk, services().clock.now()
    question = query.question(scope, query.measure, query.unit)
    with unscoped(services().pool) as conn:
        base = read_base(conn, now)

    def judge() -> Verdict | None:
        return try_judging(trial_of(question), lambda trial: source.judge(scope, trial))

    return Subject(
        question=question,
        incidents=source.incidents(scope),
        ground=source.ground(),
        base=base,
        words=words,
        made_at=now,
        verdict=None if form in PLAIN else judge(),
        limits=tuple(query.limits or ()),
    )


def _attachment(name: str) -> str:
    """Return the header for a name in any script (RFC 6266, with the form of RFC 5987)."""
    plain = "report." + name.rpartition(".")[2]
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
