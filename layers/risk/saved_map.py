"""Saved maps: a question that can be asked again, and what its map said of itself that day.

Who may see one follows from row security: whoever sees all the areas it was made in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import Forbidden, InvalidInput, NotFound

MOST_NAME, MOST_QUERY, MOST_FIELDS = 120, 2000, 200
_ADDRESS = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]+", re.ASCII)
"""What the query of an address may hold (RFC 3986, 3.4)."""
KEPT = timedelta(days=1)
"""How long a deleted map may be brought back."""


@dataclass(frozen=True)
class Draft:
    """A map to be saved; bad values are refused when it is made.

    Parameters
    ----------
    query
        Of the page's address, without its question mark.
    trust
        What the map says of itself (:func:`make_trust`).
    made_by, made_by_name
        Subject (``u:12``) and name of the maker.
    areas
        The scope it was made in, never empty.

    Raises
    ------
    InvalidInput
        ``name`` or ``query``.
    """

    name: str
    query: str
    trust: Mapping[str, Any]
    made_by: str
    made_by_name: str
    areas: tuple[str, ...]
    made_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name.strip())
        if not 1 <= len(self.name) <= MOST_NAME:
            raise InvalidInput(f"name has 1 to {MOST_NAME} characters", field="name")
        split_query(self.query)


@dataclass(frozen=True)
class SavedMap:
    """A map that was saved."""

    id: int
    name: str
    query: str
    trust: dict[str, Any]
    made_by: str
    made_by_name: str
    areas: list[str]
    made_at: datetime


def split_query(text: str) -> list[tuple[str, str]]:
    """Return names and values of the query of an address, decoded, in their order.

    Raises
    ------
    InvalidInput
        ``query``: too long, or not made of pairs.
    """
    problem = InvalidInput(
        f"query is what stands behind the question mark of the page's address: name=value pairs,"
        f" at most {MOST_QUERY} characters",
        field="query",
    )
    if len(text) > MOST_QUERY or not _ADDRESS.fullmatch(text):
        raise problem
    try:
        return parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, errors="strict",
            max_num_fields=MOST_FIELDS,
        )  # fmt: skip
    except ValueError:
        raise problem from None


def make_trust(
    facts: Mapping[str, Any], backtest: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what is kept of a map: its facts, and how well it would have predicted, if known."""
    return {"facts": dict(facts), "backtest": None if backtest is None else dict(backtest)}


def save_map(conn: Conn, draft: Draft) -> SavedMap:
    """Write a map and return it; what its maker deleted over a day ago goes for good."""
    conn.execute(
        "DELETE FROM layers.risk_maps WHERE made_by = %s AND deleted_at < %s",
        (draft.made_by, draft.made_at - KEPT),
    )
    values = vars(draft) | {"trust": Jsonb(dict(draft.trust)), "areas": list(draft.areas)}
    with conn.cursor(row_factory=class_row(SavedMap)) as rows:
        saved = rows.execute(query("layers.risk", "insert_map"), values).fetchone()
    if saved is None:
        raise AssertionError("an INSERT returns its row")
    return saved


def list_maps(conn: Conn, *, before: int | None = None, limit: int = 50) -> list[SavedMap]:
    """Return maps in scope, newest first.

    Parameters
    ----------
    before
        Cursor: only ids below it.
    """
    return _read(conn, before=before, limit=limit)


def get_map(conn: Conn, map_id: int) -> SavedMap:
    """Return one map in scope.

    Raises
    ------
    NotFound
        No such map, or none within reach.
    """
    found = _read(conn, map_id=map_id, limit=1)
    if not found:
        raise NotFound("There is no such map in your area", field="id")
    return found[0]


def delete_map(conn: Conn, map_id: int, subject: str, now: datetime) -> None:
    """Take away a map of one's own; it can be brought back for a day.

    Raises
    ------
    NotFound, Forbidden
        No such map within reach; somebody else's.
    """
    if get_map(conn, map_id).made_by != subject:
        raise Forbidden("Only who saved a map may delete it")
    conn.execute("UPDATE layers.risk_maps SET deleted_at = %s WHERE id = %s", (now, map_id))


def restore_map(conn: Conn, map_id: int, subject: str, now: datetime) -> SavedMap:
    """Bring back a map of one's own as it was, and return it; one that is there stays there.

    Raises
    ------
    NotFound, Forbidden
        No such map within reach, or deleted over a day ago; somebody else's.
    """
    conn.execute(
        "UPDATE layers.risk_maps SET deleted_at = NULL"
        " WHERE id = %s AND made_by = %s AND deleted_at >= %s",
        (map_id, subject, now - KEPT),
    )
    found = get_map(conn, map_id)
    if found.made_by != subject:
        raise Forbidden("Only who saved a map may bring it back")
    return found


def _read(
    conn: Conn, *, map_id: int | None = None, before: int | None = None, limit: int
) -> list[SavedMap]:
    values = {"id": map_id, "before": before, "limit": limit}
    with conn.cursor(row_factory=class_row(SavedMap)) as rows:
        return rows.execute(query("layers.risk", "list_maps"), values).fetchall()
