"""A client that signs in and sends the CSRF token, as a page does."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from geodata.db.scope import unscoped
from web.identity.csrf import HEADER
from web.identity.session import COOKIE, open_session
from web.services import Services


class Client:
    """One user's browser on the application; ``call`` returns the response."""

    def __init__(self, app: Flask, username: str | None = None) -> None:
        self.app = app
        self.http = app.test_client()
        self.csrf: str | None = None
        if username is not None:
            self._open(app.extensions["ganxin"], username)

    def _open(self, services: Services, username: str) -> None:
        with unscoped(services.pool) as conn:
            row = conn.execute("SELECT id FROM web.users WHERE username = %s", (username,))
            user_id = row.fetchone()["id"]
            opened = open_session(conn, user_id, hours=1, address="127.0.0.1", agent="test")
        self.csrf = opened.principal.csrf_token
        self.http.set_cookie(COOKIE, opened.secret)

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send one request; changes carry the CSRF token."""
        headers = dict(options.pop("headers", {}))
        if self.csrf is not None:
            headers.setdefault(HEADER, self.csrf)
        return self.http.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET."""
        return self.call("GET", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        """POST."""
        return self.call("POST", path, **options)
