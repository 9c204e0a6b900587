"""Population by grid, rolled up to any area. Public ground: totals, never persons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geodata.code import Level, parse_code
from geodata.db.query import query
from geodata.db.scope import Conn


@dataclass(frozen=True)
class Population:
    """Head counts of one area as of the newest count not after the day asked for."""

    code: str
    as_of: date
    households: int
    residents: int
    elders: int
    children: int


def list_population(
    conn: Conn, on: date, level: Level, within: str | None = None
) -> list[Population]:
    """Return the population of every area of a level, by code.

    Grids without a count by that day are not in the sum. ``as_of`` is the oldest count in it.

    Parameters
    ----------
    on
        Counts of this day or the last before it.
    level
        District to grid; populations are not kept below the grid.
    within
        Area code: only areas in it.
    """
    digits = {Level.DISTRICT: 6, Level.STREET: 9, Level.COMMUNITY: 12}.get(level, 15)
    rows = conn.execute(
        query("layers", "list_population"),
        {
            "on": on,
            "digits": digits,
            "within": parse_code(within, field="within") if within else None,
        },
    ).fetchall()
    return [Population(**row) for row in rows]
