"""Forward-only numbered migrations, run by yoyo; safe to call at every start."""

from __future__ import annotations

from importlib.resources import files
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict
from yoyo import get_backend, read_migrations

from geodata.errors import DataFault


def backend_url(dsn: str) -> str:
    """Return the yoyo URL of a libpq connection string or URL."""
    parts = {key: str(value) for key, value in conninfo_to_dict(dsn).items() if value is not None}
    user = quote(parts.pop("user", ""), safe="")
    password = parts.pop("password", None)
    login = user + (":" + quote(password, safe="") if password else "")
    database = quote(parts.pop("dbname", ""), safe="")
    host = parts.pop("host", "")
    if host.startswith("/"):
        parts["host"], host = host, ""
    port = parts.pop("port", "")
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in parts.items())
    netloc = f"{login}@{host}" + (f":{port}" if port and host else "")
    if port and not host:
        query += f"&port={port}"
    return f"postgresql+psycopg://{netloc}/{database}?{query}"


def migrate(dsn: str) -> list[str]:
    """Apply what is missing; return the names applied. Two callers at once wait for each other.

    Raises
    ------
    DataFault
        The database knows a migration that this version does not: it is from a newer one.
    """
    migrations = read_migrations(str(files("geodata.db") / "migrations"))
    newer = _stored(dsn) - {migration.id for migration in migrations}
    if newer:
        raise DataFault("The database is of a newer version: " + ", ".join(sorted(newer)))
    backend = get_backend(backend_url(dsn))
    try:
        with backend.lock(timeout=60):
            due = backend.to_apply(migrations)
            backend.apply_migrations(due)
            return [migration.id for migration in due]
    finally:
        backend.connection.close()


def pending(dsn: str) -> list[str]:
    """Return the names of migrations not yet applied, without applying them."""
    migrations = read_migrations(str(files("geodata.db") / "migrations"))
    stored = _stored(dsn)
    return [migration.id for migration in migrations if migration.id not in stored]


def _stored(dsn: str) -> set[str]:
    with psycopg.connect(dsn) as conn:
        row = conn.execute("SELECT to_regclass('_yoyo_migration')").fetchone()
        if row is None or row[0] is None:
            return set()
        return {str(r[0]) for r in conn.execute("SELECT migration_id FROM _yoyo_migration")}
