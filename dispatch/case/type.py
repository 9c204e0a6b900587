"""Types of cases: five families, with the time by which somebody should be there."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import DataFault, InvalidInput


class Family(StrEnum):
    """Families of case types; the responsibility ladder has one table for each."""

    DISPUTE = "dispute"
    HAZARD = "hazard"
    SERVICE = "service"
    POLICE = "police"
    RECOMMENDATION = "recommendation"


@dataclass(frozen=True)
class CaseType:
    """One type of case.

    Parameters
    ----------
    code
        ``D0201`` (dispute, GB/T 31000), ``H01`` hazard, ``S01`` service, ``P01`` police-linked,
        ``R01`` recommendation.
    parent_code
        Class of a dispute's four-digit code, None for classes and for other families.
    arrival_limit_s
        Time on the road within which a rung of the ladder counts as able to answer. Editable by
        the district.
    skills
        What the matter calls for: stationed bodies of these trades are offered.
    source
        The clause a name and limit come from, or ``assumption``.
    """

    code: str
    family: str
    parent_code: str | None
    name: str
    name_en: str
    urgent: bool
    arrival_limit_s: int
    skills: tuple[str, ...]
    source: str


@cache
def known_types() -> tuple[CaseType, ...]:
    """Return the types the product ships, parents before children."""
    text = (files("dispatch.case") / "data" / "case_types.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    types = [_parse(row) for row in rows]
    return tuple(sorted(types, key=lambda t: (t.parent_code is not None, t.code)))


def _parse(row: dict[str, str]) -> CaseType:
    if row["family"] not in set(Family):
        raise DataFault(f"Case type {row['code']} is of no known family")
    return CaseType(
        code=row["code"],
        family=row["family"],
        parent_code=row["parent_code"] or None,
        name=row["name"],
        name_en=row["name_en"],
        urgent=row["urgent"] == "1",
        arrival_limit_s=int(row["arrival_limit_s"]),
        skills=tuple(skill for skill in row["skills"].split(",") if skill),
        source=row["source"],
    )


def seed_types(conn: Conn) -> int:
    """Write the shipped types; return how many were new. Safe to call at every start.

    Names and families follow the product; ``urgent`` and ``arrival_limit_s`` belong to the
    district once written and are left as they are.
    """
    sql = query("dispatch.case", "upsert_type")
    with conn.cursor() as cursor:
        before = cursor.execute("SELECT count(*) AS n FROM dispatch.case_types").fetchone()
        cursor.executemany(
            sql, [(*astuple(t)[:7], list(t.skills), t.source) for t in known_types()]
        )
        after = cursor.execute("SELECT count(*) AS n FROM dispatch.case_types").fetchone()
    return int(after["n"] - before["n"]) if before and after else 0


def list_types(conn: Conn) -> list[CaseType]:
    """Return all types by family and code."""
    return _read(conn, None)


def _read(conn: Conn, code: str | None) -> list[CaseType]:
    rows = conn.execute(query("dispatch.case", "list_types"), {"code": code}).fetchall()
    return [CaseType(**{**row, "skills": tuple(row["skills"])}) for row in rows]


def get_type(conn: Conn, code: str) -> CaseType:
    """Return one type.

    Raises
    ------
    InvalidInput
        ``type``: there is no such code.
    """
    found = _read(conn, code)
    if not found:
        raise unknown_type(code)
    return found[0]


def require_types(conn: Conn, codes: Sequence[str]) -> None:
    """Refuse codes that are no type.

    Raises
    ------
    InvalidInput
        ``type``: names the first.
    """
    if codes:
        known = {kind.code for kind in list_types(conn)}
        for code in codes:
            if code not in known:
                raise unknown_type(code)


def unknown_type(code: str) -> InvalidInput:
    """Return the error for a code that is no type."""
    return InvalidInput(f"There is no case type {code[:20]!r}", field="type")
