"""One table from error type to HTTP status; RFC 9457 problem documents and HTML error pages.

Source: RFC 9457 (problem details), with the members ``field``, ``code``, ``winner`` and
``incident`` added as it allows. The text of an unknown error is never sent: it may hold a secret,
a name or SQL. It gets an incident id that stands in the log beside the traceback instead.
"""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from flask import Flask, Response, g, render_template, request
from jinja2 import TemplateError
from psycopg_pool import PoolTimeout
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

from geodata import errors
from geodata.db.pool import unavailable
from web.json_format import plain

PROBLEM_TYPE = "application/problem+json"
MACHINE_PATHS = ("/api/", "/tiles/", "/health/")
RETRY_AFTER_S = 2
_log = structlog.get_logger("web.errors")


class MalformedBody(errors.InvalidInput):
    """The body is not strict JSON: broken, too deep, a number too long, a key twice, NaN."""

    code = "malformed_body"


class WrongContentType(errors.InvalidInput):
    """The body is not declared as JSON."""

    code = "wrong_content_type"


class BadCsrfToken(errors.Forbidden):
    """A change came with a cookie but without the token that proves where it came from."""

    code = "bad_csrf_token"


STATUS: dict[type[errors.GanxinError], HTTPStatus] = {
    errors.InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    MalformedBody: HTTPStatus.BAD_REQUEST,
    WrongContentType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    BadCsrfToken: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.IdempotencyMismatch: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.DataFault: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""Every error of the tree and its status; tests/web/test_error.py fails on one left out."""

HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def status_of(error: type[errors.GanxinError]) -> HTTPStatus:
    """Return the status of an error type, that of its nearest mapped ancestor."""
    for ancestor in error.__mro__:
        if ancestor in STATUS:
            return STATUS[ancestor]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(exc: errors.GanxinError) -> dict[str, Any]:
    """Return the problem document of an error."""
    status = status_of(type(exc))
    document = _document(exc.code, status, exc.public_message)
    if exc.field is not None:
        document["field"] = exc.field
    if isinstance(exc, errors.Conflict) and exc.winner is not None:
        document["winner"] = exc.winner
    return document


def invalid(exc: ValidationError, where: str = "") -> errors.InvalidInput:
    """Turn pydantic's first finding into the error people see, its field written with dots."""
    first = exc.errors(include_url=False, include_context=False, include_input=False)[0]
    names = [name for name in first["loc"] if not _is_branch(name)]
    field = ".".join(str(name) for name in names) or where or "body"
    return errors.InvalidInput(_sentence(field, first["type"], first["msg"]), field=field)


def register(app: Flask) -> None:
    """Answer every error of ``app`` with a problem document or an error page."""
    app.register_error_handler(errors.GanxinError, _on_known)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(psycopg.OperationalError, _on_database)
    app.register_error_handler(psycopg.InterfaceError, _on_database)
    app.register_error_handler(PoolTimeout, _on_database)
    app.register_error_handler(Exception, _on_unknown)


def _document(code: str, status: HTTPStatus, detail: str) -> dict[str, Any]:
    return {
        "type": f"/docs/errors#{code}",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
    }


def _sentence(field: str, kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return f"{field} is not known here"
    if kind == "missing":
        return f"{field} is missing"
    return f"{field}: {message[:200]}"


def _is_branch(name: int | str) -> bool:
    """Tell pydantic's names for the members of a union from names of fields."""
    return isinstance(name, str) and ("[" in name or name.startswith("function-"))


def _wants_page() -> bool:
    return not request.path.startswith(MACHINE_PATHS)


def _answer(document: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    status = int(document["status"])
    if _wants_page():
        body, media = _render(document), "text/html"
    else:
        body, media = json.dumps(document, ensure_ascii=False, default=plain), PROBLEM_TYPE
    response = Response(body, status=status, mimetype=media, headers=headers)
    response.cache_control.no_store = True
    return response


def _render(document: dict[str, Any]) -> str:
    """Return the error page; a plain one when what the page is made of is what has failed."""
    g.setdefault("principal", None)
    try:
        return render_template("error.html", problem=document)
    except (psycopg.Error, PoolTimeout, TemplateError, errors.GanxinError) as exc:
        _log.warning("error page failed", exc_info=exc)
        return f"<!doctype html><title>{document['status']}</title><p>{document['title']}</p>"


def _on_known(exc: errors.GanxinError) -> Response:
    document = problem(exc)
    if isinstance(exc, errors.DataFault):
        document["incident"] = _incident(exc)
    elif exc.context:
        _log.info("refused", code=exc.code, path=request.path, **{"context": exc.context})
    return _answer(document, _headers(exc))


def _headers(exc: errors.GanxinError) -> dict[str, str]:
    if isinstance(exc, errors.TooManyRequests):
        return {"Retry-After": str(exc.retry_after_s)}
    if isinstance(exc, errors.Unavailable):
        return {"Retry-After": str(RETRY_AFTER_S)}
    if isinstance(exc, errors.Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    return {}


def _on_http(exc: HTTPException) -> Response:
    if isinstance(exc, RequestRedirect):
        return Response(status=exc.code, headers={"Location": exc.new_url})
    status = HTTPStatus(exc.code or 500)
    code = HTTP_CODES.get(int(status), "bad_request" if int(status) < 500 else "unknown")
    allowed = (exc.valid_methods or ()) if isinstance(exc, MethodNotAllowed) else ()
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
    return _answer(_document(code, status, exc.description or status.phrase), headers)


def _on_database(exc: psycopg.Error | PoolTimeout) -> Response:
    known = unavailable(exc)
    _log.warning("database unavailable", path=request.path, exc_info=exc)
    return _answer(problem(known), _headers(known))


def _on_unknown(exc: Exception) -> Response:
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "An error of ours. Nothing of this request was stored. Name the incident to support."
    return _answer(_document("unknown", status, detail) | {"incident": _incident(exc)})


def _incident(exc: Exception) -> str:
    incident = secrets.token_hex(6)
    _log.error(
        "incident",
        incident=incident,
        method=request.method,
        path=request.path,
        user=getattr(g.get("principal"), "user_id", None),
        exc_info=exc,
    )
    return incident
