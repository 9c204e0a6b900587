"""HTML pages. ``register`` joins every page's blueprint to the application."""

from __future__ import annotations

from flask import Flask

from web.pages.entry import entry
from web.services import Services


def register(app: Flask, services: Services) -> None:
    """Join the pages to ``app``, with what their templates need."""
    app.register_blueprint(entry)
