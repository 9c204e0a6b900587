"""The pages behind the door: the wall, the desks, the risk map, the worker's phone.

A page is an empty frame with its texts; what it shows comes from the API under the same scope as
any other client's.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from geodata.errors import Unavailable
from web.identity.role import Permission
from web.pages.context import PAGES, load_district
from web.services import services

view = Blueprint("view", __name__)
READ_BY_ALL = {"case": Permission.CASE_READ, "run_cards": Permission.CASE_READ}
"""Pages without a link of their own in every bar: whoever reads cases may open them."""


@view.get("/wall")
def show_wall() -> str | Response:
    """Show the command centre's map."""
    return _show("wall")


@view.get("/dispatch")
def show_dispatch() -> str | Response:
    """Show the dispatcher's desk."""
    return _show("dispatch")


@view.get("/desk")
def show_desk() -> str | Response:
    """Show the lists of a level: what is to be done with which case."""
    return _show("desk")


@view.get("/roster")
def show_roster() -> str | Response:
    """Show who works when in a week."""
    return _show("roster")


@view.get("/cases/<int:case_id>")
def show_case(case_id: int) -> str | Response:
    """Show one case: what happened, who held it how long, what may be done with it now."""
    return _show("case", case_id=case_id)


@view.get("/run-cards")
def show_run_cards() -> str | Response:
    """Show the run cards; the administrator edits them."""
    return _show("run_cards")


@view.get("/risk")
def show_risk() -> str | Response:
    """Show the planner's density map."""
    return _show("risk")


@view.get("/me")
def show_me() -> str | Response:
    """Show a worker's own page."""
    return _show("me")


def _show(name: str, **more: object) -> str | Response:
    """Render a page for who may open it; strangers are led to the door and back."""
    principal = services().gate.find()
    if principal is None:
        target = request.full_path.rstrip("?")
        return redirect(f"/sign-in?next={quote(target, safe='/')}", 303)
    principal.require(_permission(name))
    district = load_district(services())
    if district is None:
        raise Unavailable("No district is loaded yet: load one with `ganxin demo`, then try again")
    return render_template(f"{name}.html", district=district, **more)


def _permission(name: str) -> Permission:
    return READ_BY_ALL.get(name) or dict(PAGES)[name]
