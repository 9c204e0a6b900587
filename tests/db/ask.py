"""Asking the loaded district: rows of a question, and questions that must find nothing."""

from __future__ import annotations

from typing import Any

from psycopg import sql

from geodata.db.scope import Conn


def rows(conn: Conn, statement: str, *parameters: Any) -> list[dict[str, Any]]:
    return conn.execute(statement.encode(), parameters or None).fetchall()


def none(conn: Conn, statement: str, *parameters: Any) -> None:
    """See that a question about what must not be finds nothing."""
    assert rows(conn, statement, *parameters)[:5] == []


def count(conn: Conn, table: str, column: str) -> dict[str, int]:
    """Return how many rows of a table there are by a column."""
    statement = sql.SQL("SELECT {} AS what, count(*) AS n FROM {} GROUP BY 1").format(
        sql.Identifier(column), sql.Identifier(*table.split("."))
    )
    return {row["what"]: row["n"] for row in conn.execute(statement)}
