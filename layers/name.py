"""Names of areas by code, for whatever speaks of a grid and wants to say where that is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from geodata.code import DIGITS
from geodata.db.scope import Conn


def names_of(conn: Conn, codes: Iterable[str], at: datetime) -> dict[str, str]:
    """Return the names of areas and of all that contain them; unknown codes are left out."""
    wanted = {code[:digits] for code in codes for digits in DIGITS.values() if digits <= len(code)}
    rows = conn.execute(
        "SELECT code, name FROM layers.areas WHERE code = ANY (%s) AND valid @> %s::timestamptz",
        (sorted(wanted), at),
    ).fetchall()
    return {row["code"]: row["name"] for row in rows}


def all_names(conn: Conn, at: datetime) -> dict[str, str]:
    """Return the name of every area there is at a moment, by code: some thousands."""
    rows = conn.execute(
        "SELECT code, name FROM layers.areas WHERE valid @> %s::timestamptz", (at,)
    ).fetchall()
    return {row["code"]: row["name"] for row in rows}
