"""What the stream process reads from the database, as the system role."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from geodata.db import event
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from web.stream.entry import Entry

Participants = dict[int, frozenset[str]]

_HERE = "web.stream"


def read_entries(conn: Conn, since: int, limit: int) -> list[Entry]:
    """Return up to ``limit`` sealed events after ``since``, in order."""
    return [Entry(row) for row in event.read_since(conn, since, limit)]


def read_participants(conn: Conn, entries: Iterable[Entry]) -> Participants:
    """Return the subjects that have taken part in the cases of these events.

    A participation is written in the transaction of the event that founds it, so whoever can
    read the event can read the participation.
    """
    case_ids = sorted({entry.case_id for entry in entries if entry.case_id is not None})
    if not case_ids:
        return {}
    rows = conn.execute(query(_HERE, "read_participants"), {"case_ids": case_ids})
    return {row["case_id"]: frozenset(row["subjects"]) for row in rows}


def read_roster(conn: Conn, person_ids: Sequence[int] | None = None) -> dict[int, tuple[str, ...]]:
    """Return the area codes of each person, of all when ``person_ids`` is None."""
    ids = None if person_ids is None else list(person_ids)
    rows = conn.execute(query(_HERE, "read_roster"), {"person_ids": ids})
    return {row["id"]: tuple(row["codes"]) for row in rows}


def newest_position(conn: Conn) -> datetime | None:
    """Return when the newest position was received, None when there is none."""
    row = conn.execute("SELECT max(received_at) AS newest FROM dispatch.positions").fetchone()
    newest: datetime | None = None if row is None else row["newest"]
    return newest


def read_positions(conn: Conn, since: datetime) -> list[Row]:
    """Return positions of people on duty received after ``since``."""
    return conn.execute(query(_HERE, "read_positions"), {"since": since}).fetchall()


def check_credentials(conn: Conn, credentials: Iterable[str]) -> dict[str, str]:
    """Return the authority behind each credential that is still valid."""
    ids: dict[str, list[int]] = {"sessions": [], "tokens": []}
    for credential in credentials:
        table, _, row_id = credential.partition(":")
        ids[table].append(int(row_id))
    rows = conn.execute(query(_HERE, "check_credentials"), ids)
    return {row["credential"]: row["authority"] for row in rows}


def oldest_pending(conn: Conn) -> int | None:
    """Return the id of the oldest event not yet sealed, None when all are."""
    row = conn.execute("SELECT min(id) AS id FROM geodata.events_pending").fetchone()
    oldest: int | None = None if row is None else row["id"]
    return oldest


def chain_end(conn: Conn) -> tuple[int, bytes]:
    """Return seq and hash of the newest sealed event."""
    row = conn.execute("SELECT seq, hash FROM geodata.event_head").fetchone()
    return (0, b"") if row is None else (row["seq"], bytes(row["hash"]))


def hash_of(conn: Conn, seq: int) -> bytes | None:
    """Return the hash of one sealed event, None when it is not (or no longer) there."""
    row = conn.execute("SELECT hash FROM geodata.events WHERE seq = %s", (seq,)).fetchone()
    return None if row is None else bytes(row["hash"])
