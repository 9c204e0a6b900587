"""The application factory: every route of the web process is joined here."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from pydantic import ValidationError
from werkzeug.middleware.proxy_fix import ProxyFix

from dispatch.case.loop import the_loop
from dispatch.case.loop_check import check_loop
from geodata.errors import InvalidInput
from web import errors, health, map_style, message, pages, security_header, static_file, tiles
from web.api import (
    action,
    address,
    area,
    asset,
    assignment,
    bulk,
    case,
    case_type,
    contact,
    desk,
    document,
    event,
    export,
    figure,
    limit,
    live,
    person,
    position,
    purpose,
    queue,
    result,
    risk,
    risk_backtest,
    risk_map,
    risk_place,
    risk_recommendation,
    risk_report,
    roster,
    roster_file,
    run_card,
    saved_filter,
    search,
    session,
    timeline,
    token,
    turnout,
    way,
    work_calendar,
)
from web.api.schema import Problem
from web.identity.role import PERMISSIONS, home_of
from web.json_format import JsonFormat
from web.openapi import describe
from web.request_body import StrictRequest, text_problem
from web.services import Services

API = (
    session.api,
    token.api,
    area.api,
    asset.api,
    address.api,
    case_type.api,
    work_calendar.api,
    limit.api,
    run_card.api,
    case.api,
    assignment.api,
    turnout.api,
    queue.api,
    action.api,
    bulk.api,
    export.api,
    purpose.api,
    desk.api,
    saved_filter.api,
    timeline.api,
    result.api,
    contact.api,
    document.api,
    person.api,
    roster.api,
    roster_file.api,
    position.api,
    risk.api,
    risk_backtest.api,
    risk_map.api,
    risk_place.api,
    risk_recommendation.api,
    risk_report.api,
    way.api,
    search.api,
    figure.api,
    live.api,
    event.api,
)
OPEN_ROUTES = {("POST", "/api/v1/session"), ("GET", "/api/openapi.json")}
"""What a stranger may ask of the API; everything else under /api needs a session or token."""
CACHED_ROUTES = frozenset({"/api/v1/live"})
"""Reads that come often enough to be admitted by a verdict of at most two seconds."""
CONFIRMING = frozenset(
    each.name
    for each in (
        case.api,
        case_type.api,
        assignment.api,
        action.api,
        result.api,
        contact.api,
        document.api,
        bulk.api,
        export.api,
        roster.api,
        roster_file.api,
        saved_filter.api,
        risk_map.api,
        risk_recommendation.api,
    )
)
"""Changes that confirm the credential in their own transaction (web/identity/confirm.py)."""

SECURITY_SCHEMES: dict[str, Any] = {
    "session": {"type": "apiKey", "in": "cookie", "name": "ganxin_session"},
    "token": {"type": "http", "scheme": "bearer"},
}


def create_app(services: Services) -> Flask:
    """Build the application on services that already stand.

    Raises
    ------
    DataFault
        The table of the closed loop does not hold: nobody should work by it.
    """
    check_loop(the_loop(), PERMISSIONS)
    app = _openapi()
    app.request_class = StrictRequest
    app.config["MAX_CONTENT_LENGTH"] = services.settings.max_body_bytes
    app.json = JsonFormat(app)
    app.extensions["ganxin"] = services
    if services.settings.trusted_proxies:
        hops = services.settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign] # Flask's own way
    errors.register(app)
    security_header.register(app, secure=services.settings.secure_cookies)
    _guard_requests(app, services)
    _add_globals(app, services)
    _join(app, services)
    return app


def _openapi() -> OpenAPI:
    """Return an application that documents itself; by default an operation needs a credential."""
    return OpenAPI(
        "web",
        info=Info(title="ganxin", version="1", description="docs/api.md explains it in words."),
        security_schemes=SECURITY_SCHEMES,
        openapi_extensions={"security": [{name: []} for name in SECURITY_SCHEMES]},
        doc_ui=False,
        static_folder=None,
        validation_error_status=422,
        validation_error_model=Problem,
        validation_error_callback=_refuse,
    )


def _refuse(exc: ValidationError) -> None:
    raise errors.invalid(exc) from None


def _guard_requests(app: Flask, services: Services) -> None:
    @app.before_request
    def check_request() -> None:
        """Admit nobody unknown to the API, and no text that cannot be stored."""
        for name, value in request.args.items(multi=True):
            if problem := text_problem(name + value):
                raise InvalidInput(f"{name[:60]} {problem}", field=name[:60])
        if text_problem(request.path):
            raise InvalidInput("The path holds a character that is not text", field="path")
        if request.path.startswith("/api/") and not _is_open():
            services.gate.admit(cached=_may_be_cached())


def _may_be_cached() -> bool:
    if request.method == "POST":
        return request.blueprint in CONFIRMING
    return request.path in CACHED_ROUTES


def _is_open() -> bool:
    return (request.method, request.path) in OPEN_ROUTES


def _add_globals(app: Flask, services: Services) -> None:
    @app.context_processor
    def globals_of_templates() -> dict[str, Any]:
        """Give every template the user, the texts and the addresses of static files."""
        principal = services.gate.find()
        locale = message.choose_locale(principal.locale if principal else None)

        def t(message_id: str, **values: object) -> str:
            return services.messages.text(locale, message_id, **values)

        return {
            "user": principal,
            "csrf_token": principal.csrf_token if principal else None,
            "home": home_of(principal.role) if principal else "/sign-in",
            "locale": locale,
            "t": t,
            "static_url": services.static.url,
        }


def _join(app: OpenAPI, services: Services) -> None:
    for blueprint in API:
        app.register_api(blueprint)
    app.add_url_rule("/api/openapi.json", "openapi", lambda: describe(app))
    app.register_blueprint(tiles.blueprint)
    app.register_blueprint(map_style.blueprint)
    health.register(app, services)
    message.register(app, services.messages)
    static_file.register(app, services.static)
    pages.register(app, services)
