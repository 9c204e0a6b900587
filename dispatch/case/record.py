"""The record of a case: who held it how long, and the words that came with each step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from geodata.db.scope import Conn


@dataclass(frozen=True)
class Custody:
    """A stretch of a case's life: one state at one level, without a gap to the next.

    ``until`` is None for the present one.
    """

    holder_code: str
    state: str
    since: datetime
    until: datetime | None

    def held_s(self, now: datetime) -> float:
        """Return how long it lasted, up to now for the present one."""
        return ((self.until or max(now, self.since)) - self.since).total_seconds()


@dataclass(frozen=True)
class Remark:
    """The words that came with the action that made the case ``version``."""

    version: int
    action: str
    words: str
    said_by: str


@dataclass(frozen=True)
class Merged:
    """A case that became part of another."""

    id: int
    number: str


def list_merged(conn: Conn, case_id: int) -> list[Merged]:
    """Return the cases in sight that were merged into one, in the order of their ids."""
    with conn.cursor(row_factory=class_row(Merged)) as rows:
        return rows.execute(
            "SELECT id, number FROM dispatch.cases WHERE merged_into = %s ORDER BY id", (case_id,)
        ).fetchall()


def list_custody(conn: Conn, case_id: int) -> list[Custody]:
    """Return the stretches of a case's life in their order."""
    with conn.cursor(row_factory=class_row(Custody)) as rows:
        return rows.execute(
            "SELECT holder_code, state, since, until FROM dispatch.custody"
            " WHERE case_id = %s ORDER BY id",
            (case_id,),
        ).fetchall()


def list_remarks(conn: Conn, case_id: int) -> list[Remark]:
    """Return what was said with the steps of a case, in their order."""
    with conn.cursor(row_factory=class_row(Remark)) as rows:
        return rows.execute(
            "SELECT version, action, words, said_by FROM dispatch.remarks"
            " WHERE case_id = %s ORDER BY id",
            (case_id,),
        ).fetchall()
