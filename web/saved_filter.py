"""Filters of the desk that somebody keeps under a name: the address of the view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from geodata.db.scope import Conn
from geodata.errors import Conflict, NotFound

MOST_FILTERS = 50
MOST_NAME = 80
MOST_QUERY = 2000


@dataclass(frozen=True)
class SavedFilter:
    """One filter; ``query`` is of /desk?<query>."""

    id: int
    name: str
    query: str
    made_at: datetime


def list_filters(conn: Conn) -> list[SavedFilter]:
    """Return the filters of whoever the transaction's scope is of, by name."""
    with conn.cursor(row_factory=class_row(SavedFilter)) as rows:
        return rows.execute(
            "SELECT id, name, query, made_at FROM web.saved_filters ORDER BY name, id"
        ).fetchall()


def save_filter(conn: Conn, owner: str, name: str, query: str, at: datetime) -> SavedFilter:
    """Keep a filter; one of the same name is replaced.

    Raises
    ------
    Conflict
        There are :data:`MOST_FILTERS` already.
    """
    kept = conn.execute("SELECT name FROM web.saved_filters").fetchall()
    if len(kept) >= MOST_FILTERS and name not in {row["name"] for row in kept}:
        raise Conflict(f"You keep {MOST_FILTERS} filters: delete one first", field="name")
    with conn.cursor(row_factory=class_row(SavedFilter)) as rows:
        saved = rows.execute(
            "INSERT INTO web.saved_filters AS f (owner, name, query, made_at)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT (owner, name)"
            " DO UPDATE SET query = excluded.query, made_at = excluded.made_at"
            " RETURNING f.id, f.name, f.query, f.made_at",
            (owner, name, query, at),
        ).fetchone()
    if saved is None:
        raise NotFound("The filter could not be kept: you are not in your own scope")
    return saved


def delete_filter(conn: Conn, filter_id: int) -> None:
    """Delete a filter of one's own; NotFound."""
    gone = conn.execute("DELETE FROM web.saved_filters WHERE id = %s", (filter_id,))
    if gone.rowcount == 0:
        raise NotFound("You keep no such filter")
