"""Orders of lists of cases: by what they are sorted, and where the next page begins.

Both end in the id, so that no two cases are equal and a page begins exactly behind the last row of
the one before, whatever was written between.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, Protocol

from psycopg import sql

from dispatch.page import decode_cursor, decode_moment, encode_cursor
from geodata.errors import InvalidInput

Behind = tuple[sql.SQL, dict[str, Any]]
"""A condition on rows ``c`` of dispatch.cases, and its values."""


class Sorted(Protocol):
    """What a case is sorted by."""

    @property
    def id(self) -> int:
        """The id, which decides between equals."""

    @property
    def reported_at(self) -> datetime:
        """When it was reported."""

    @property
    def due_at(self) -> datetime | None:
        """When its running clock is due, None without one."""


class Order(ABC):
    """One way to sort cases."""

    name: str
    by: sql.SQL

    @abstractmethod
    def cursor(self, last: Sorted) -> str:
        """Return the cursor behind a case."""

    @abstractmethod
    def behind(self, cursor: str) -> Behind:
        """Return what holds of the cases behind a cursor; InvalidInput for one of another list."""


class _Newest(Order):
    name = "newest"
    by = sql.SQL("c.reported_at DESC, c.id DESC")

    def cursor(self, last: Sorted) -> str:
        return encode_cursor(last.reported_at.isoformat(), last.id)

    def behind(self, cursor: str) -> Behind:
        at, last_id = decode_cursor(cursor, str, int)
        condition = sql.SQL("(c.reported_at, c.id) < (%(cursor_at)s, %(cursor_id)s)")
        return condition, {"cursor_at": decode_moment(at), "cursor_id": last_id}


class _Due(Order):
    """The most urgent first; what has no clock comes last, the oldest of it first."""

    name = "due"
    by = sql.SQL("c.due_at, c.id")  # ascending: NULL is last

    def cursor(self, last: Sorted) -> str:
        return encode_cursor(self.name, last.due_at.isoformat() if last.due_at else "", last.id)

    def behind(self, cursor: str) -> Behind:
        name, at, last_id = decode_cursor(cursor, str, str, int)
        if name != self.name:
            raise InvalidInput("The cursor is of another order; start without it", field="cursor")
        if at == "":
            return sql.SQL("c.due_at IS NULL AND c.id > %(cursor_id)s"), {"cursor_id": last_id}
        condition = sql.SQL(
            "((c.due_at, c.id) > (%(cursor_at)s, %(cursor_id)s) OR c.due_at IS NULL)"
        )
        return condition, {"cursor_at": decode_moment(at), "cursor_id": last_id}


NEWEST: Order = _Newest()
DUE: Order = _Due()
ORDERS = {order.name: order for order in (NEWEST, DUE)}
