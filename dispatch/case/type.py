"""Types of cases: five families, each type with when it is taken in, when settled and by whom."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import Conflict, DataFault, InvalidInput


class Family(StrEnum):
    """Families of case types; the responsibility ladder has one table for each."""

    DISPUTE = "dispute"
    HAZARD = "hazard"
    SERVICE = "service"
    POLICE = "police"
    RECOMMENDATION = "recommendation"


class ServiceKind(StrEnum):
    """How a service is given: at once 即办, with help 协办, by several bodies 联办."""

    IMMEDIATE = "immediate"
    ASSISTED = "assisted"
    JOINT = "joint"


@dataclass(frozen=True)
class CaseType:
    """One type of case.

    Parameters
    ----------
    code
        ``D0201`` (dispute, GB/T 31000), ``H01`` hazard or event, ``S01`` service, ``P01``
        police-linked, ``R01`` recommendation; ``D02`` and ``HC01`` are classes.
    parent_code
        Class of the type, None for classes and for families without. A class can be reported too.
    arrival_limit_s
        Time on the road within which a rung of the ladder counts as able to answer. Editable by
        the district.
    skills
        What the matter calls for: stationed bodies of these trades are offered.
    source
        The standard a name and limit come from, ``assumption`` or ``district``; ``[M]`` marks what
        is common knowledge of the field and was not checked against the standard's text.
    service_kind
        Of services, None for others.
    registration_condition, closing_condition
        When a case of the type is taken in, and when it counts as settled; one sentence each.
    responsible_post
        Role on the roster that answers for it first (dispatch/people/role.py).
    responsible_unit
        The body behind that post, in words.
    active
        Whether it may be chosen for new cases; old ones keep it.
    version
        Counts the district's edits, for those who edit at the same time.
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
    service_kind: str | None = None
    registration_condition: str = ""
    registration_condition_en: str = ""
    closing_condition: str = ""
    closing_condition_en: str = ""
    responsible_post: str | None = None
    responsible_unit: str | None = None
    active: bool = True
    version: int = 1


INHERITED = (
    "registration_condition",
    "registration_condition_en",
    "closing_condition",
    "closing_condition_en",
    "responsible_post",
    "responsible_unit",
)
"""What a shipped type has from its class, where its own line leaves it empty."""


@cache
def known_types() -> tuple[CaseType, ...]:
    """Return the types the product ships, parents before children."""
    types = {kind.code: kind for family in Family for kind in _shipped(family)}
    whole = [_inherit(kind, types) for kind in types.values()]
    return tuple(sorted(whole, key=lambda t: (t.parent_code is not None, t.code)))


def _shipped(family: Family) -> Iterator[CaseType]:
    text = (files("dispatch.case") / "data" / f"{family}.tsv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines(), delimiter="\t"):
        yield _parse(family, row)


def _parse(family: Family, row: dict[str, str]) -> CaseType:
    return CaseType(
        code=row["code"],
        family=family.value,
        parent_code=row["parent_code"] or None,
        name=row["name"],
        name_en=row["name_en"],
        urgent=row["urgent"] == "1",
        arrival_limit_s=int(row["arrival_limit_s"]),
        skills=tuple(skill for skill in row["skills"].split(",") if skill),
        source=row["source"],
        service_kind=row["service_kind"] or None,
        registration_condition=row["registration_condition"],
        registration_condition_en=row["registration_condition_en"],
        closing_condition=row["closing_condition"],
        closing_condition_en=row["closing_condition_en"],
        responsible_post=row["responsible_post"] or None,
        responsible_unit=row["responsible_unit"] or None,
    )


def _inherit(kind: CaseType, types: dict[str, CaseType]) -> CaseType:
    if kind.parent_code is None:
        return kind
    if kind.parent_code not in types:
        raise DataFault(f"Case type {kind.code} is of a class that is not shipped")
    parent = types[kind.parent_code]
    missing = {name: getattr(parent, name) for name in INHERITED if not getattr(kind, name)}
    return replace(kind, **missing)


def seed_types(conn: Conn) -> int:
    """Write the shipped types; return how many were new. Safe to call at every start.

    What the district has edited stays as it is. Of other types ``urgent``, ``arrival_limit_s`` and
    ``active`` stay too; the rest follows the product.
    """
    sql = query("dispatch.case", "upsert_type")
    with conn.cursor() as cursor:
        before = cursor.execute("SELECT count(*) AS n FROM dispatch.case_types").fetchone()
        cursor.executemany(sql, [_values(kind) for kind in known_types()])
        after = cursor.execute("SELECT count(*) AS n FROM dispatch.case_types").fetchone()
    return int(after["n"] - before["n"]) if before and after else 0


def _values(kind: CaseType) -> dict[str, Any]:
    return {**vars(kind), "skills": list(kind.skills)}


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


def choose_type(conn: Conn, code: str) -> CaseType:
    """Return the type of a new case.

    Raises
    ------
    InvalidInput
        ``type``: there is no such code, or the district no longer uses it.
    """
    kind = get_type(conn, code)
    if not kind.active:
        raise InvalidInput(
            f"Case type {kind.code} {kind.name} is no longer used for new cases: choose another",
            field="type",
        )
    return kind


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


def insert_type(conn: Conn, kind: CaseType) -> CaseType:
    """Write a new type of the district.

    Raises
    ------
    Conflict
        ``code``: there is such a type already.
    """
    if conn.execute(query("dispatch.case", "insert_type"), _values(kind)).fetchone() is None:
        raise Conflict(f"There is a case type {kind.code} already", field="code")
    return get_type(conn, kind.code)


def update_type(conn: Conn, kind: CaseType) -> CaseType:
    """Write a type as edited; its ``version`` is the one that was looked at.

    Raises
    ------
    Conflict
        ``version``: somebody else edited it meanwhile.
    InvalidInput
        ``type``: there is no such code.
    """
    row = conn.execute(query("dispatch.case", "update_type"), _values(kind)).fetchone()
    now = get_type(conn, kind.code)
    if row is None:
        raise Conflict(
            f"Case type {kind.code} was edited meanwhile: look at version {now.version} first",
            field="version",
            winner={"version": now.version},
        )
    return now
