"""The switch between the languages: a cookie, and back to where one was."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from geodata.errors import NotFound
from web.message import LOCALE_COOKIE, LOCALES
from web.services import services

YEAR_S = 31_536_000

language = Blueprint("language", __name__)


@language.get("/locale/<locale>")
def choose_language(locale: str) -> Response:
    """Keep the language in this browser and go back to the page."""
    if locale not in LOCALES:
        raise NotFound("There is no such language")
    response = redirect(safe_path(request.args.get("next", "/")), 303)
    response.set_cookie(
        LOCALE_COOKIE,
        locale,
        max_age=YEAR_S,
        samesite="Lax",
        secure=services().settings.secure_cookies,
    )
    return response


def safe_path(target: str) -> str:
    """Return a path on this server; anything that could lead elsewhere becomes ``/``."""
    leads_away = target.startswith(("//", "/\\")) or any(char in target for char in "\\\r\n\t")
    return target if target.startswith("/") and not leads_away else "/"
