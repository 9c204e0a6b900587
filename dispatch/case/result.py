"""Results: what somebody who reported a matter is told of its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from dispatch.page import Page, check_limit, decode_cursor, encode_cursor
from geodata.db.scope import Conn
from geodata.errors import NotFound


@dataclass(frozen=True)
class Result:
    """One notice to a reporter.

    Parameters
    ----------
    report_number
        Number of the reader's own report.
    case_number
        Number of the case it was settled with; another one if the report was merged into it.
    words
        The closing note.
    """

    id: int
    report_id: int
    report_number: str
    case_id: int
    case_number: str
    kind: str
    words: str | None
    told_at: datetime
    read_at: datetime | None


def list_results(conn: Conn, *, limit: int = 50, cursor: str | None = None) -> Page[Result]:
    """Return what the present subjects were told, newest first; row security limits it to them."""
    last_id = None if cursor is None else decode_cursor(cursor, int)[0]
    with conn.cursor(row_factory=class_row(Result)) as rows:
        found = rows.execute(
            "SELECT n.id, n.report_id, r.number AS report_number, n.case_id,"
            " c.number AS case_number, n.kind, n.words, n.told_at, n.read_at"
            " FROM dispatch.notices n JOIN dispatch.cases r ON r.id = n.report_id"
            " JOIN dispatch.cases c ON c.id = n.case_id"
            " WHERE %(last)s::bigint IS NULL OR n.id < %(last)s"
            " ORDER BY n.id DESC LIMIT %(limit)s",
            {"last": last_id, "limit": check_limit(limit) + 1},
        ).fetchall()
    more = len(found) > limit
    return Page(found[:limit], encode_cursor(found[limit - 1].id) if more else None)


def list_unverified(conn: Conn, subjects: Sequence[str]) -> list[int]:
    """Return the ids of cases that these subjects reported and that wait for their verification."""
    rows = conn.execute(
        "SELECT id FROM dispatch.cases WHERE state = 'handled' AND reported_by = ANY (%s)"
        " ORDER BY state_since, id LIMIT 50",
        (list(subjects),),
    ).fetchall()
    return [row["id"] for row in rows]


def mark_read(conn: Conn, result_id: int, at: datetime) -> None:
    """Note that a result was read; the first time counts.

    Raises
    ------
    NotFound
        It is nobody's of the present subjects.
    """
    done = conn.execute(
        "UPDATE dispatch.notices SET read_at = coalesce(read_at, %s) WHERE id = %s",
        (at, result_id),
    )
    if done.rowcount == 0:
        raise NotFound("There is no such result of yours")
