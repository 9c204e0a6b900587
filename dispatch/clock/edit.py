"""Edits of the work calendar by an administrator, each an event in the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dispatch.clock.calendar import Window
from dispatch.clock.store import set_day, set_hours, set_year
from geodata.db import event
from geodata.db.event import Event
from geodata.db.scope import Conn


@dataclass(frozen=True)
class Editor:
    """Who edits, when, and whose calendar it is.

    Parameters
    ----------
    districts
        Codes of the districts; each gets the event, so that its people may read it.
    """

    subject: str
    districts: tuple[str, ...]
    at: datetime


def edit_day(conn: Conn, editor: Editor, day: date, *, working: bool, name: str) -> None:
    """Say whether a day is worked (``ganxin_system``).

    Raises
    ------
    InvalidInput
        ``day``, ``name``.
    """
    if set_day(conn, day, working=working, name=name):
        _tell(conn, editor, what="day", day=day.isoformat(), working=working)


def edit_hours(conn: Conn, editor: Editor, hours: Sequence[Window]) -> None:
    """Set the office hours (``ganxin_system``).

    Raises
    ------
    InvalidInput
        ``hours``.
    """
    if set_hours(conn, hours):
        told = [[f"{w.opens:%H:%M}", f"{w.closes:%H:%M}"] for w in sorted(hours)]
        _tell(conn, editor, what="hours", hours=told)


def edit_year(conn: Conn, editor: Editor, year: int, *, published: bool) -> None:
    """Declare a year's calendar complete, or no longer so (``ganxin_system``).

    Raises
    ------
    InvalidInput
        ``year``, ``published``.
    """
    if set_year(conn, year, published=published):
        _tell(conn, editor, what="year", year=year, published=published)


def _tell(conn: Conn, editor: Editor, **facts: Any) -> None:
    """Append the event; a day's name is somebody's text and stays in the table."""
    event.append(
        conn,
        *(
            Event("calendar.changed", editor.at, code, editor.subject, payload=facts)
            for code in editor.districts
        ),
    )
