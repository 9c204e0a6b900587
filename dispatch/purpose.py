"""Purposes: who took what out of the system, and what for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from dispatch.page import Page, check_limit, decode_cursor, encode_cursor
from geodata.db.scope import Conn


@dataclass(frozen=True)
class Purpose:
    """One time something was taken; ``facts`` are those of its event."""

    id: int
    subject: str
    purpose: str
    what: str
    facts: Mapping[str, Any]
    at: datetime


def list_purposes(
    conn: Conn, subject: str | None = None, *, limit: int = 50, cursor: str | None = None
) -> Page[Purpose]:
    """Return purposes in scope, newest first.

    Parameters
    ----------
    subject
        Whose; None for everybody's in scope, which is for supervision.
    """
    before = decode_cursor(cursor, int)[0] if cursor is not None else None
    with conn.cursor(row_factory=class_row(Purpose)) as rows:
        found = rows.execute(
            "SELECT id, subject, purpose, what, facts, at FROM dispatch.purposes"
            " WHERE (%(subject)s::text IS NULL OR subject = %(subject)s)"
            " AND (%(before)s::bigint IS NULL OR id < %(before)s)"
            " ORDER BY id DESC LIMIT %(limit)s",
            {"subject": subject, "before": before, "limit": check_limit(limit) + 1},
        ).fetchall()
    items = found[:limit]
    return Page(items, encode_cursor(items[-1].id) if len(found) > limit else None)
