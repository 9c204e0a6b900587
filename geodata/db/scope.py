"""Who may see what: a set of code prefixes plus participation, set once per transaction.

Row-level security (migration 0007) reads what :func:`scoped` sets; :class:`Scope` answers the
same question in memory, for the event stream. A transaction without a scope sees no rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool

from geodata.code import contains, parse_code

Row = dict[str, Any]
Conn = Connection[Row]
Pool = ConnectionPool[Conn]


@dataclass(frozen=True)
class Scope:
    """The reach of one user.

    Parameters
    ----------
    areas
        Truncated area codes; everything below them is in reach.
    subjects
        ``u:<user id>`` and, for staff, ``p:<person id>``: what one took part in stays in reach.
    """

    areas: tuple[str, ...]
    subjects: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for code in self.areas:
            parse_code(code, field="area_codes")
        for subject in self.subjects:
            if subject[:2] not in ("u:", "p:") or not subject[2:].isdigit():
                raise ValueError(f"not a subject: {subject!r}")

    def covers(self, code: str) -> bool:
        """Tell whether an area lies within the scope's areas."""
        return any(contains(area, code) for area in self.areas)

    @property
    def key(self) -> str:
        """A text equal for equal scopes: the part of every cache key that keeps them apart."""
        return ",".join(sorted(self.areas)) + "|" + ",".join(sorted(self.subjects))


NOTHING = Scope(areas=())


def set_scope(conn: Conn, scope: Scope) -> None:
    """Bind the scope to the transaction in progress; it ends with the transaction."""
    conn.execute(
        "SELECT set_config('ganxin.areas', %s, true), set_config('ganxin.subjects', %s, true)",
        (",".join(scope.areas), ",".join(scope.subjects)),
    )


@contextmanager
def scoped(pool: Pool, scope: Scope) -> Iterator[Conn]:
    """Lend a connection inside one transaction that sees the scope's rows only."""
    with pool.connection() as conn:  # its first statement begins the transaction, its end commits
        set_scope(conn, scope)
        yield conn


@contextmanager
def unscoped(pool: Pool) -> Iterator[Conn]:
    """Lend a connection inside one transaction for tables that know no scope."""
    with pool.connection() as conn, conn.transaction():
        yield conn
