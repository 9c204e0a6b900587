"""The tally of a desk: how many open cases wait for what, and at whose desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg import sql

from dispatch.case.filter import Filter
from dispatch.case.store import cases_of
from geodata.db.query import query
from geodata.db.scope import Conn

STUCK_H = 24.0
"""A case that has not moved for a day is stuck, unless somebody asks for another time: longer than
any limit in hours of the shipped table, shorter than its limits in days (an assumption)."""


@dataclass(frozen=True)
class Tally:
    """Numbers by tab of the desk, and of each area that holds any: open, late, stuck, carded."""

    tabs: Mapping[str, int]
    holders: Mapping[str, Mapping[str, int]]


def count_desk(conn: Conn, wanted: Filter, now: datetime, stuck_h: float = STUCK_H) -> Tally:
    """Return the numbers of the open cases that a filter leaves, in scope.

    Parameters
    ----------
    wanted
        Its states are passed over: all open ones are counted.
    now
        Aware moment at which late and stuck are measured.
    """
    page, values = cases_of(replace(wanted, states=("open",), now=now))
    select = sql.SQL(query("dispatch.case", "count_desk")).format(page=page)
    rows = conn.execute(select, {**values, "at": now, "stuck_after_h": stuck_h}).fetchall()
    counts = {row.pop("holder_code"): row for row in rows}
    tabs = counts.pop(None)
    kept = ("open", "late", "returned", "stuck", "carded")
    return Tally(
        tabs, {code: {name: row[name] for name in kept} for code, row in sorted(counts.items())}
    )
