"""Cases in one line each, by id: what a list beside a map tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from geodata.db.query import query
from geodata.db.scope import Conn


@dataclass(frozen=True)
class Brief:
    """A case without anybody's words or name."""

    id: int
    number: str
    type_code: str
    type_name: str
    type_name_en: str
    state: str
    urgent: bool
    reported_at: datetime


def list_briefs(conn: Conn, ids: Sequence[int]) -> list[Brief]:
    """Return those of the cases that are in scope, newest first."""
    with conn.cursor(row_factory=class_row(Brief)) as rows:
        return rows.execute(query("dispatch.case", "list_briefs"), {"ids": list(ids)}).fetchall()
