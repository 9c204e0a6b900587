"""Events as JSON, without the people beyond the scope of who asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from geodata.db.scope import Conn, Row
from web.api.schema import Answer
from web.stream.entry import Entry


class EventItem(Answer):
    """One sealed event in scope; ids of people beyond it are null."""

    seq: int
    kind: str
    at: str
    case_id: int | None
    person_id: int | None
    area_code: str | None
    actor: str | None
    payload: dict[str, Any]


def show_events(conn: Conn, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return events as they may be told within the scope of the transaction."""
    entries = [Entry({"case_id": None, "area_code": None, **row}) for row in rows]
    named = frozenset[int]().union(*(entry.people for entry in entries))
    seen = conn.execute("SELECT id FROM dispatch.people WHERE id = ANY (%s)", (list(named),))
    hidden = named - {row["id"] for row in seen}
    return [entry.public(hidden) for entry in entries]
