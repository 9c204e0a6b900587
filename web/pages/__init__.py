"""HTML pages. ``register`` joins every page's blueprint to the application."""

from __future__ import annotations

from flask import Flask

from web.pages import context
from web.pages.entry import entry
from web.pages.language import language
from web.pages.view import view
from web.services import Services


def register(app: Flask, services: Services) -> None:
    """Join the pages to ``app``, with what their templates need."""
    context.register(app, services)
    for blueprint in (entry, language, view):
        app.register_blueprint(blueprint)
