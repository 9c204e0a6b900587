"""The way in: ``/`` leads each role to its page, ``/sign-in`` is for everybody else."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from web.identity.role import home_of
from web.pages.context import load_district
from web.services import services

entry = Blueprint("entry", __name__)


@entry.get("/")
def lead_in() -> Response:
    """Send whoever is signed in to the page of their role."""
    principal = services().gate.find()
    return redirect("/sign-in" if principal is None else home_of(principal.role), 303)


@entry.get("/sign-in")
def show_sign_in() -> str:
    """Show the form that posts to /api/v1/session."""
    return render_template("sign_in.html", district=load_district(services()))
