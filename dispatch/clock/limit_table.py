"""The limits as a table: how long each step may take, by type, level and urgency.

The most specific row wins: one for the type before one for its class, its family, any; among
those one for the level before one for any level; among those one for the urgency before one for
any (docs/algorithms/limit.md). Rows are data of the product until the district edits them.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

from dispatch.clock.limit import Limit, Unit
from geodata.code import Level
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.errors import DataFault, InvalidInput, NotFound


class Step(StrEnum):
    """What a limit is for: from one moment of a case to another."""

    REGISTER = "register"
    """From the report until the case is accepted."""
    DISPATCH = "dispatch"
    """From acceptance until somebody is sent."""
    ANSWER = "answer"
    """From being asked, on a ladder that goes on by itself, until the next one is."""
    ACKNOWLEDGE = "acknowledge"
    """From being sent until it is signed for."""
    HANDLE = "handle"
    """From the signature until the feedback."""
    VERIFY = "verify"
    """From the feedback until it is verified."""
    CLOSE = "close"
    """From verification until the case is closed."""
    SETTLE = "settle"
    """The whole time from acceptance to feedback."""


LEVELS = (Level.GRID, Level.COMMUNITY, Level.STREET, Level.DISTRICT)
"""Levels that may hold a case."""


@dataclass(frozen=True)
class LimitKey:
    """What a row holds for; None is for all.

    Parameters
    ----------
    type_code
        A type, or a class: then for all its types. ``family`` is None where it is given.
    level
        Level of the body that holds the case at the time.

    Raises
    ------
    InvalidInput
        ``family`` beside ``type_code``, or a level that holds no case.
    """

    step: Step
    family: str | None = None
    type_code: str | None = None
    level: Level | None = None
    urgent: bool | None = None

    def __post_init__(self) -> None:
        if self.family is not None and self.type_code is not None:
            raise InvalidInput("A limit is for a family or for a type, not both", field="family")
        if self.level is not None and self.level not in LEVELS:
            raise InvalidInput("level must be one of " + ", ".join(LEVELS), field="level")


@dataclass(frozen=True)
class LimitRow:
    """One row: so much time for what its key says.

    Parameters
    ----------
    source
        The standard or practice that the amount comes from, ``assumption`` or ``district``.
    id
        None until it is stored.
    edited
        It is the district's own: a new version of the product leaves it.
    """

    key: LimitKey
    limit: Limit
    source: str
    id: int | None = None
    edited: bool = False


class LimitTable:
    """All limits.

    Raises
    ------
    DataFault
        Two rows are for the same: which of them holds could not be told.
    """

    def __init__(self, rows: Iterable[LimitRow]) -> None:
        self.rows = tuple(rows)
        self._by_key = {row.key: row for row in self.rows}
        if len(self._by_key) < len(self.rows):
            twice, _ = Counter(row.key for row in self.rows).most_common(1)[0]
            raise DataFault(f"Two limits are for the same: {twice}")

    def find(
        self,
        type_code: str,
        parent_code: str | None,
        family: str,
        level: Level | None,
        step: Step,
        urgent: bool,
    ) -> Limit | None:
        """Return the limit that holds, None if no row is for this."""
        row = self.find_row(type_code, parent_code, family, level, step, urgent)
        return None if row is None else row.limit

    def find_row(
        self,
        type_code: str,
        parent_code: str | None,
        family: str,
        level: Level | None,
        step: Step,
        urgent: bool,
    ) -> LimitRow | None:
        """Return the most specific row, for those who show why a limit holds."""
        scopes: list[tuple[str | None, str | None]] = [(None, type_code)]
        scopes += [(None, parent_code)] if parent_code is not None else []
        scopes += [(family, None), (None, None)]
        levels = dict.fromkeys((level, None))
        for (of_family, of_type), at, haste in product(scopes, levels, (urgent, None)):
            found = self._by_key.get(LimitKey(step, of_family, of_type, at, haste))
            if found is not None:
                return found
        return None


@cache
def shipped_limits() -> LimitTable:
    """Return the limits that the product ships."""
    return LimitTable(_shipped())


def _shipped() -> Iterator[LimitRow]:
    text = (files("dispatch.clock") / "data" / "limits.tsv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines(), delimiter="\t"):
        empty_is_none: dict[str, Any] = {name: value or None for name, value in row.items()}
        urgent = None if row["urgent"] == "" else row["urgent"] == "1"
        yield _row({**empty_is_none, "urgent": urgent, "amount": int(row["amount"])})


def _row(row: Row) -> LimitRow:
    key = LimitKey(
        step=Step(row["step"]),
        family=row["family"],
        type_code=row["type_code"],
        level=None if row["level"] is None else Level(row["level"]),
        urgent=row["urgent"],
    )
    limit = Limit(row["amount"], Unit(row["unit"]))
    return LimitRow(key, limit, row["source"], row.get("id"), row.get("edited", False))


def _values(row: LimitRow) -> dict[str, Any]:
    return {**vars(row.key), **vars(row.limit), "source": row.source}


def read_limits(conn: Conn) -> LimitTable:
    """Return the limits of the district."""
    return LimitTable(_row(row) for row in conn.execute(query("dispatch.clock", "list_limits")))


def seed_limits(conn: Conn) -> int:
    """Write the shipped limits; return how many were new. Safe to call at every start.

    What the district has edited stays, and what it took away stays away. The types must be there.
    """
    with conn.cursor() as cursor:
        before = cursor.execute("SELECT count(*) AS n FROM dispatch.limits").fetchone()
        values = [_values(row) for row in shipped_limits().rows]
        cursor.executemany(query("dispatch.clock", "seed_limit"), values)
        after = cursor.execute("SELECT count(*) AS n FROM dispatch.limits").fetchone()
    return int(after["n"] - before["n"]) if before and after else 0


def put_limit(conn: Conn, row: LimitRow) -> LimitRow:
    """Write a row of the district, in the place of one with the same key; return it as stored."""
    found = conn.execute(query("dispatch.clock", "put_limit"), _values(row)).fetchone()
    if found is None:
        raise AssertionError("an upsert always returns its row")
    return _row(found)


def remove_limit(conn: Conn, limit_id: int) -> LimitRow:
    """Take a row away for good and return it.

    Raises
    ------
    NotFound
        There is no such row.
    """
    row = conn.execute(query("dispatch.clock", "remove_limit"), {"id": limit_id}).fetchone()
    if row is None:
        raise NotFound("There is no such limit", field="id")
    return _row(row)
