"""Events: written with the state they tell of, sealed by one sequencer, read by a gapless seq.

See docs/decisions/0003-sequencer.md for why the cursor is neither an identity column nor an xmin.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from geodata.db.query import query
from geodata.db.scope import Conn, Row

CHANNEL = "ganxin_events"
BATCH = 2000


@dataclass(frozen=True)
class Event:
    """Something that happened, as its writer tells it.

    Parameters
    ----------
    kind
        ``case.reported``, ``assignment.assigned`` …; the full list is in docs/events.md.
    area_code
        Whose matter it is: decides who may read it.
    actor
        Subject (``u:12``, ``p:345``) or ``system:<name>``.
    payload
        Public facts for those in scope. Never a name, a phone or free text of a person.
    """

    kind: str
    occurred_at: datetime
    area_code: str
    actor: str
    case_id: int | None = None
    person_id: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


def append(conn: Conn, *events: Event) -> None:
    """Write events in the transaction of the change they tell of, in their order, at once."""
    conn.execute(
        _statement(len(events)),
        [value for event in events for value in _values(event)],
    )


def tidings(*events: Event) -> Jsonb:
    """Return events as a JSON array of rows of geodata.events_pending, for a statement that writes.

    Which must take the rows as they are, in their order (``jsonb_populate_record``).
    """
    return Jsonb([vars(event) for event in events], dumps=dump_row)


def dump_row(value: Any) -> str:
    """Return the JSON of rows as PostgreSQL reads them back: moments in ISO 8601."""
    return json.dumps(value, default=datetime.isoformat, ensure_ascii=False)


@cache
def _statement(count: int) -> bytes:
    insert = sql.SQL(
        "INSERT INTO geodata.events_pending"
        " (occurred_at, kind, case_id, person_id, area_code, actor, payload) VALUES "
    )
    rows = sql.SQL(", ").join([sql.SQL("(%s, %s, %s, %s, %s, %s, %s)")] * count)
    return (insert + rows).as_bytes(None)


def _values(event: Event) -> tuple[Any, ...]:
    return (
        event.occurred_at,
        event.kind,
        event.case_id,
        event.person_id,
        event.area_code,
        event.actor,
        Jsonb(dict(event.payload)),
    )


def seal(conn: Conn, batch_size: int = BATCH) -> int | None:
    """Seal pending events; return the last seq sealed, or None if there was nothing to do."""
    row = conn.execute("SELECT geodata.seal_events(%s) AS seq", (batch_size,)).fetchone()
    return None if row is None else row["seq"]


def read_since(conn: Conn, seq: int, limit: int) -> list[Row]:
    """Return sealed events after ``seq`` in order, within the scope of the transaction."""
    return conn.execute(
        "SELECT seq, occurred_at, kind, case_id, person_id, area_code, actor, payload"
        " FROM geodata.events WHERE seq > %s ORDER BY seq LIMIT %s",
        (seq, limit),
    ).fetchall()


def last_seq(conn: Conn) -> int:
    """Return the seq of the newest sealed event (system role)."""
    row = conn.execute("SELECT seq FROM geodata.event_head").fetchone()
    return 0 if row is None else int(row["seq"])


@dataclass(frozen=True)
class Fault:
    """The first place where the chain does not hold."""

    seq: int
    problem: str


def verify(conn: Conn) -> Fault | None:
    """Walk the hash chain; return its first fault, None when every row is as it was sealed."""
    row = conn.execute(query("geodata.db", "verify_chain")).fetchone()
    return None if row is None else Fault(seq=row["seq"], problem=row["problem"])


def walk(conn: Conn, since: int = 0, page: int = 5000) -> Iterator[Row]:
    """Yield every sealed event after ``since`` page by page."""
    while rows := read_since(conn, since, page):
        yield from rows
        since = rows[-1]["seq"]
