"""The district's rules: types and limits as it edits them, each change with its event.

The rules hold for everybody, so only an account whose reach is the whole district changes them.
Every function that writes takes a connection inside a transaction; the conflict of two who edit
the same type is decided by its version, the later of two writers of one limit wins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime

from dispatch.actor import Actor
from dispatch.assign.card_store import seed_cards
from dispatch.assign.rung import LADDER
from dispatch.case.type import (
    CaseType,
    Family,
    ServiceKind,
    get_type,
    insert_type,
    list_types,
    seed_types,
    update_type,
)
from dispatch.clock.limit_table import (
    LimitKey,
    LimitRow,
    LimitTable,
    Step,
    put_limit,
    read_limits,
    remove_limit,
    seed_limits,
)
from dispatch.clock.store import seed_calendar
from dispatch.notice import tell
from dispatch.people.role import ROLES
from geodata.clock import Clock
from geodata.code import Level, level_of
from geodata.db.event import Event
from geodata.db.scope import Conn
from geodata.errors import Forbidden, InvalidInput, NotFound

EDITORS = frozenset({"administrator"})
SKILLS = frozenset(rule.skill for rule in LADDER if rule.skill is not None)
"""Skills that the responsibility ladder asks for: another would bring nobody."""
FIXED = frozenset({"code", "family", "parent_code", "source", "version"})
"""What an edit of a type leaves: cases, limits and maps refer to it."""


def seed_rules(conn: Conn) -> None:
    """Write the shipped types, limits, calendar and run cards as far as missing; safe to repeat."""
    seed_types(conn)
    seed_calendar(conn)
    seed_limits(conn)
    seed_cards(conn)


def rules_version(conn: Conn) -> int:
    """Return a number that grows whenever a type, a limit or a run card changes."""
    row = conn.execute("SELECT version FROM dispatch.rules_version").fetchone()
    return 0 if row is None else int(row["version"])


def add_type(conn: Conn, clock: Clock, actor: Actor, kind: CaseType) -> CaseType:
    """Add a type of the district's own; it may be reported from then on.

    Raises
    ------
    Forbidden, InvalidInput
    Conflict
        ``code``: there is such a type already.
    """
    area = district_of(actor)
    known = {one.code: one for one in list_types(conn)}
    check_class(kind, known)
    check_type(kind)
    made = insert_type(conn, kind)
    tell(conn, _type_changed(actor, area, clock.now(), None, made))
    return made


def change_type(conn: Conn, clock: Clock, actor: Actor, kind: CaseType) -> CaseType:
    """Write a type as edited; family, class and source stay what they were.

    Parameters
    ----------
    kind
        With the ``version`` that was looked at.

    Raises
    ------
    Forbidden, InvalidInput
    NotFound
        There is no such type.
    Conflict
        ``version``: somebody else edited it meanwhile.
    """
    area = district_of(actor)
    before = _existing(conn, kind.code)
    kind = replace(kind, family=before.family, parent_code=before.parent_code, source=before.source)
    check_type(kind)
    now = update_type(conn, kind)
    tell(conn, _type_changed(actor, area, clock.now(), before, now))
    return now


def set_limit(conn: Conn, clock: Clock, actor: Actor, row: LimitRow) -> LimitRow:
    """Write a limit, in the place of the one for the same; it holds from then on.

    Raises
    ------
    Forbidden, InvalidInput
    """
    area = district_of(actor)
    if row.key.family is not None and row.key.family not in set(Family):
        raise InvalidInput("family must be one of " + ", ".join(Family), field="family")
    if row.key.type_code is not None:
        get_type(conn, row.key.type_code)
    before = next((one for one in read_limits(conn).rows if one.key == row.key), None)
    now = put_limit(conn, row)
    tell(conn, _limit_changed(actor, area, clock.now(), before, now))
    return now


def drop_limit(conn: Conn, clock: Clock, actor: Actor, limit_id: int) -> None:
    """Take a limit away: the next more general one holds from then on.

    Raises
    ------
    Forbidden
    NotFound
        There is no such limit.
    """
    area = district_of(actor)
    gone = remove_limit(conn, limit_id)
    tell(conn, _limit_changed(actor, area, clock.now(), gone, None))


def check_class(kind: CaseType, known: dict[str, CaseType]) -> None:
    """Refuse a class that is none, or one of another family.

    Raises
    ------
    InvalidInput
        ``parent_code``.
    """
    if kind.parent_code is None:
        return
    parent = known.get(kind.parent_code)
    if parent is None or parent.parent_code is not None:
        raise InvalidInput("parent_code must be the code of a class", field="parent_code")
    if parent.family != kind.family:
        raise InvalidInput(f"Class {parent.code} is of the family {parent.family}", field="family")


def check_type(kind: CaseType) -> None:
    """Refuse values that no part of the system would know what to do with.

    Raises
    ------
    InvalidInput
        Names the field.
    """
    if kind.family not in set(Family):
        raise InvalidInput("family must be one of " + ", ".join(Family), field="family")
    if (kind.family == Family.SERVICE) != (kind.service_kind is not None):
        raise InvalidInput("A service has a service_kind, others have none", field="service_kind")
    if kind.responsible_post not in ROLES:
        raise InvalidInput(
            "responsible_post must be one of " + ", ".join(ROLES), field="responsible_post"
        )
    unknown = set(kind.skills) - SKILLS
    if unknown:
        raise InvalidInput("skills must be of " + ", ".join(sorted(SKILLS)), field="skills")


def types_without_limit(types: Iterable[CaseType], table: LimitTable) -> list[str]:
    """Return active types that no limit says by when they are to be dealt with."""
    return [kind.code for kind in types if kind.active and not _is_timed(kind, table)]


def _is_timed(kind: CaseType, table: LimitTable) -> bool:
    steps = (Step.SETTLE, Step.HANDLE)
    asked = (kind.code, kind.parent_code, kind.family, None)
    return any(table.find(*asked, step, kind.urgent) is not None for step in steps)


def types_without_post(types: Iterable[CaseType]) -> list[str]:
    """Return active types that nobody on any roster answers for."""
    return [kind.code for kind in types if kind.active and kind.responsible_post not in ROLES]


def services_without_kind(types: Iterable[CaseType]) -> list[str]:
    """Return active services of no kind."""
    services = [kind for kind in types if kind.active and kind.family == Family.SERVICE]
    return [kind.code for kind in services if kind.service_kind is None]


def kinds_without_service(types: Iterable[CaseType]) -> list[str]:
    """Return the kinds of services of which the catalogue has no active one."""
    found = {kind.service_kind for kind in types if kind.active}
    return [kind.value for kind in ServiceKind if kind.value not in found]


def _existing(conn: Conn, code: str) -> CaseType:
    found = next((kind for kind in list_types(conn) if kind.code == code), None)
    if found is None:
        raise NotFound("There is no such case type", field="code")
    return found


def district_of(actor: Actor, editors: frozenset[str] = EDITORS) -> str:
    """Return the district whose rules an actor may change.

    Parameters
    ----------
    editors
        Roles that may.

    Raises
    ------
    Forbidden
        Not their role, or not the whole district.
    """
    whole = [code for code in actor.scope.areas if level_of(code) is Level.DISTRICT]
    if actor.role not in editors or not whole:
        raise Forbidden(f"The rules hold for the whole district: its {_listed(editors)} edits them")
    return whole[0]


def _listed(roles: frozenset[str]) -> str:
    return " or ".join(sorted(roles))


def _type_changed(
    actor: Actor, area: str, at: datetime, before: CaseType | None, now: CaseType
) -> Event:
    names = [field.name for field in fields(CaseType) if field.name not in FIXED]
    changed = [n for n in names if before is None or getattr(before, n) != getattr(now, n)]
    payload = {
        "type": now.code,
        "family": now.family,
        "version": now.version,
        "active": now.active,
        "added": before is None,
        "changed": changed,
    }
    return Event("type.changed", at, area, actor.subject, payload=payload)


def _limit_changed(
    actor: Actor, area: str, at: datetime, before: LimitRow | None, now: LimitRow | None
) -> Event:
    row = now or before
    if row is None:
        raise AssertionError("a change has a before or a now")
    payload = {
        **_told_key(row.key),
        "before": _told_limit(before),
        "now": _told_limit(now),
    }
    return Event("limit.changed", at, area, actor.subject, payload=payload)


def _told_key(key: LimitKey) -> dict[str, object]:
    told = {"type": key.type_code, "family": key.family, "step": key.step.value}
    return {**told, "level": key.level and key.level.value, "urgent": key.urgent}


def _told_limit(row: LimitRow | None) -> dict[str, object] | None:
    return None if row is None else {"amount": row.limit.amount, "unit": row.limit.unit.value}
