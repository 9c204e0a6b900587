"""Cases that leave the system as a file: for a purpose, with an event, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from dispatch.actor import Actor
from dispatch.case import store as cases
from dispatch.case.filter import Filter
from dispatch.case.order import Order
from dispatch.case.store import Case
from dispatch.office import Office
from geodata.code import DIGITS, contains
from geodata.db import event
from geodata.db.event import Event, dump_row
from geodata.db.scope import Conn, Scope
from geodata.errors import InvalidInput

MOST_ROWS = 10_000
MOST_PURPOSE = 500
PERSONAL = frozenset(["text", "mine", "now"])
"""Parts of a filter that no event tells: words may name somebody."""


@dataclass(frozen=True)
class Export:
    """The rows of a file. ``cut``: there were more, which are left out."""

    rows: list[Case]
    cut: bool


def export_cases(
    conn: Conn, office: Office, actor: Actor, wanted: Filter, order: Order, purpose: str
) -> Export:
    """Read the cases of a filter, and write who took them for what.

    The words of the purpose stay in dispatch.purposes, where they can be deleted; the event tells
    how many cases and by which filter.

    Raises
    ------
    InvalidInput
        Without a purpose.
    """
    words = check_purpose(purpose)
    found = cases.read_cases(conn, wanted, order, MOST_ROWS + 1)
    export = Export(found[:MOST_ROWS], len(found) > MOST_ROWS)
    facts = {"count": len(export.rows), "cut": export.cut, "filter": filter_facts(wanted)}
    at = office.now()
    conn.execute(
        "INSERT INTO dispatch.purposes (subject, areas, purpose, what, facts, at)"
        " VALUES (%s, %s, %s, 'cases', %s, %s)",
        (actor.subject, sorted(actor.scope.areas), words, Jsonb(facts, dumps=dump_row), at),
    )
    made = Event("export.made", at, area_of(actor.scope), actor.subject, payload=facts)
    event.append(conn, made)
    return export


def check_purpose(purpose: str) -> str:
    """Return the words of a purpose without the space around them, or refuse them."""
    words = purpose.strip()
    if not 0 < len(words) <= MOST_PURPOSE:
        raise InvalidInput(
            f"Say what the file is for, in at most {MOST_PURPOSE} characters; it is recorded",
            field="purpose",
        )
    return words


def filter_facts(wanted: Filter) -> Mapping[str, Any]:
    """Return what was asked for as an event may tell it; ``person_id`` is whose cases."""
    facts: dict[str, Any] = {}
    for name, value in vars(wanted).items():
        if value in ((), None):
            continue
        if name in PERSONAL:
            facts |= {name: True} if name != "now" else {}
        elif name == "lead":
            facts["person_id"] = value
        else:
            facts[name] = value.isoformat() if name.startswith("reported_") else value
    return facts


def area_of(scope: Scope) -> str:
    """Return the smallest area that holds all areas of a scope: whose matter an export is."""
    one = scope.areas[0]
    around = (one[:digits] for digits in sorted(DIGITS.values(), reverse=True))
    return next(code for code in around if all(contains(code, area) for area in scope.areas))
