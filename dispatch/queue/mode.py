"""What is done with the whole queue's proposals, by type: off, advise, or automatic."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from psycopg.rows import class_row

from dispatch.actor import Actor
from dispatch.case.type import Family, get_type
from dispatch.notice import tell
from dispatch.rule import EDITORS, district_of
from geodata.clock import Clock
from geodata.db.event import Event
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import InvalidInput


class Mode(StrEnum):
    """What is done with proposals for a type."""

    OFF = "off"
    ADVISE = "advise"
    AUTOMATIC = "automatic"


MODE_EDITORS = EDITORS | {"commander"}
"""Whether people are sent without being asked is for whoever commands to say, too."""
DEFAULT = Mode.ADVISE
"""Of a type for which no row holds."""


@dataclass(frozen=True)
class ModeRow:
    """The mode of a type (a class holds for its types), or of a family; one of the two."""

    family: str | None
    type_code: str | None
    mode: str


def read_modes(conn: Conn) -> list[ModeRow]:
    """Return all rows, families first; the most special one holds."""
    with conn.cursor(row_factory=class_row(ModeRow)) as cursor:
        return cursor.execute(
            "SELECT family, type_code, mode FROM dispatch.queue_modes"
            " ORDER BY family NULLS LAST, type_code"
        ).fetchall()


def set_mode(
    conn: Conn,
    clock: Clock,
    actor: Actor,
    family: str | None,
    type_code: str | None,
    mode: Mode | None,
) -> list[ModeRow]:
    """Set the mode of a type or family, None takes it away; return all rows.

    Raises
    ------
    Forbidden
        The rules are the district's: its commander's and administrator's.
    InvalidInput
        Not one of type and family, or there is no such type.
    """  # fmt: skip
    area = district_of(actor, MODE_EDITORS)
    if (family is None) == (type_code is None):
        raise InvalidInput("Name a type or a family, one of the two", field="type")
    if family is not None and family not in set(Family):
        raise InvalidInput("family must be one of " + ", ".join(Family), field="family")
    if type_code is not None:
        get_type(conn, type_code)
    key = {"family": family, "type_code": type_code}
    before = next((r.mode for r in read_modes(conn) if _is(r, family, type_code)), None)
    conn.execute(query("dispatch.queue", "put_queue_mode"), {**key, "mode": mode})
    payload = {"type": type_code, "family": family, "before": before, "now": mode}
    tell(conn, Event("queue.mode_changed", clock.now(), area, actor.subject, payload=payload))
    return read_modes(conn)


def _is(row: ModeRow, family: str | None, type_code: str | None) -> bool:
    return (row.family, row.type_code) == (family, type_code)
