"""Health: is the process alive, and do the things it depends on answer."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import psycopg
from flask import Flask, Response, jsonify
from psycopg_pool import PoolTimeout

from geodata.db.migrate import pending
from geodata.db.scope import unscoped
from geodata.errors import GanxinError
from web.services import Services
from web.stream.handoff import probe

MIGRATIONS_TTL_S = 30.0
Check = Callable[[], str | None]


def register(app: Flask, deps: Services) -> None:
    """Serve ``/health/live`` and ``/health/ready`` to anybody; without secrets."""
    checks = make_checks(deps)

    @app.get("/health/live")
    def live() -> Response:
        """Tell that this process answers."""
        return _answer({"status": "live"}, 200)

    @app.get("/health/ready")
    def ready() -> Response:
        """Tell what works and how to repair what does not."""
        repairs = {name: check() for name, check in checks.items()}
        ok = not any(repairs.values())
        parts = {name: repair or "ok" for name, repair in repairs.items()}
        return _answer(
            {"status": "ready" if ok else "not_ready", "checks": parts}, 200 if ok else 503
        )


def make_checks(deps: Services) -> dict[str, Check]:
    """Return the checks by name; each returns what to do, None when all is well."""
    return {
        "database": lambda: _database(deps),
        "migrations": _Migrations(deps.dsn),
        "stream": lambda: _stream(deps),
        "graph": lambda: _graph(deps),
    }


def _answer(body: dict[str, object], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.cache_control.no_store = True
    return response


def _database(deps: Services) -> str | None:
    try:
        with unscoped(deps.pool) as conn:
            conn.execute("SELECT 1")
    except (psycopg.Error, PoolTimeout):
        return "the database does not answer: start it, or check GANXIN_DATABASE_URL"
    return None


class _Migrations:
    """Asks the database at most every half minute: it opens a connection of its own."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._good_until = 0.0

    def __call__(self) -> str | None:
        if monotonic() < self._good_until:
            return None
        try:
            missing = pending(self._dsn)
        except psycopg.Error:
            return "cannot be read: the database does not answer"
        if missing:
            return "run `ganxin migrate`: " + ", ".join(missing)
        self._good_until = monotonic() + MIGRATIONS_TTL_S
        return None


def _stream(deps: Services) -> str | None:
    try:
        stale = probe(deps.settings.stream_socket)["stale"]
    except GanxinError:
        return "the stream process does not answer: `ganxin serve` starts it"
    return None if stale is None else f"the event stream is behind ({stale}); it recovers by itself"


def _graph(deps: Services) -> str | None:
    try:
        deps.roads()
    except (GanxinError, psycopg.Error, PoolTimeout):
        return "the road graph cannot be loaded: load a district with `ganxin demo`"
    return None
