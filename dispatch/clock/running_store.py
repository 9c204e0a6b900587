"""Reading and writing the clocks of a case. The caller holds the lock of the case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg.types.json import Jsonb

from dispatch.clock.limit import Unit
from dispatch.clock.running import Running
from geodata.db.event import dump_row
from geodata.db.query import query
from geodata.db.scope import Conn, Row


def read_running(conn: Conn, case_id: int) -> list[Running]:
    """Return the clocks of a case that have not stopped."""
    return _read(conn, case_id, live=True)


def read_clocks(conn: Conn, case_id: int) -> list[Running]:
    """Return every clock a case ever had, as they began."""
    return _read(conn, case_id, live=False)


def _read(conn: Conn, case_id: int, *, live: bool) -> list[Running]:
    rows = conn.execute(
        query("dispatch.clock", "list_clocks"), {"case_id": case_id, "live": live}
    ).fetchall()
    return [_running(row) for row in rows]


def _running(row: Row) -> Running:
    return Running(**{**row, "unit": Unit(row["unit"])})


def write_running(
    conn: Conn, case_id: int, before: Sequence[Running], after: Iterable[Running]
) -> None:
    """Write what changed between two readings of a case's clocks, in one statement."""
    known = {clock.id: clock for clock in before}
    changed = [clock for clock in after if clock.id is None or clock != known.get(clock.id)]
    if changed:
        conn.execute(
            query("dispatch.clock", "write_clocks"),
            {"case_id": case_id, "clocks": clock_rows(changed)},
        )


def clock_rows(clocks: Iterable[Running]) -> Jsonb:
    """Return clocks as a JSON array of rows of dispatch.clocks."""
    return Jsonb([vars(clock) for clock in clocks], dumps=dump_row)
