"""Roles and what each may do. A role decides actions; the scope (row security) decides rows."""

from __future__ import annotations

from enum import StrEnum

from geodata.errors import InvalidInput


class Permission(StrEnum):
    """One thing somebody may do, within their scope."""

    CASE_READ = "case.read"
    CASE_REPORT = "case.report"
    CASE_RECOMMEND = "case.recommend"
    CASE_ASSIGN = "case.assign"
    CASE_WORK = "case.work"
    CASE_CLOSE = "case.close"
    CONTACT_READ = "contact.read"
    CONTACT_EDIT = "contact.edit"
    CASE_EXPORT = "case.export"
    PURPOSE_READ = "purpose.read"
    PERSON_READ = "person.read"
    ROSTER_READ = "roster.read"
    ROSTER_EDIT = "roster.edit"
    DUTY_OWN = "duty.own"
    DUTY_ANY = "duty.any"
    POSITION_OWN = "position.own"
    POSITION_ANY = "position.any"
    FIGURE_READ = "figure.read"
    EVENT_READ = "event.read"
    CALENDAR_EDIT = "calendar.edit"
    TYPE_EDIT = "type.edit"
    QUEUE_EDIT = "queue.edit"
    PAGE_WALL = "page.wall"
    PAGE_DISPATCH = "page.dispatch"
    PAGE_DESK = "page.desk"
    PAGE_RISK = "page.risk"
    PAGE_WORK = "page.work"


P = Permission
_READ = frozenset({P.CASE_READ, P.PERSON_READ, P.FIGURE_READ, P.EVENT_READ})
_DESK = _READ | {
    P.CASE_REPORT,
    P.CASE_RECOMMEND,
    P.CASE_ASSIGN,
    P.CASE_CLOSE,
    P.CONTACT_READ,
    P.CONTACT_EDIT,
    P.CASE_EXPORT,
    P.ROSTER_READ,
    P.ROSTER_EDIT,
    P.DUTY_ANY,
    P.PAGE_WALL,
    P.PAGE_DISPATCH,
    P.PAGE_DESK,
    P.PAGE_RISK,
}
_FIELD = _READ | {
    P.CASE_WORK,
    P.CASE_CLOSE,
    P.CONTACT_READ,
    P.CONTACT_EDIT,
    P.DUTY_OWN,
    P.POSITION_OWN,
    P.PAGE_WORK,
}

PERMISSIONS: dict[str, frozenset[Permission]] = {
    "commander": _DESK | {P.PURPOSE_READ, P.QUEUE_EDIT},
    "dispatcher": _DESK,
    "clerk": _DESK,
    "grid_worker": _FIELD | {P.CASE_REPORT},
    "mediator": _FIELD | {P.CASE_REPORT},
    "judge": _FIELD,
    "lawyer": _FIELD,
    "planner": _READ | {P.CASE_RECOMMEND, P.PAGE_RISK, P.PAGE_WALL},
    "supervisor": _READ
    | {
        P.CONTACT_READ,
        P.CASE_RECOMMEND,
        P.CASE_EXPORT,
        P.PURPOSE_READ,
        P.ROSTER_READ,
        P.PAGE_WALL,
        P.PAGE_RISK,
        P.PAGE_DISPATCH,
        P.PAGE_DESK,
    },
    "administrator": _READ
    | {
        P.ROSTER_READ,
        P.ROSTER_EDIT,
        P.DUTY_ANY,
        P.POSITION_ANY,
        P.CALENDAR_EDIT,
        P.TYPE_EDIT,
        P.QUEUE_EDIT,
        P.PAGE_WALL,
        P.PAGE_RISK,
    },
    "system": _READ | {P.CASE_REPORT, P.CASE_ASSIGN, P.POSITION_ANY},
}
"""``system`` is for machines: alarm pillars and gateways that send positions by token."""

HOME: tuple[tuple[Permission, str], ...] = (
    (P.PAGE_DISPATCH, "/dispatch"),
    (P.PAGE_WORK, "/me"),
    (P.PAGE_RISK, "/risk"),
    (P.PAGE_WALL, "/wall"),
)
HOME_OF_ROLE = {"commander": "/wall", "supervisor": "/wall", "administrator": "/wall"}


def permissions_of(role: str) -> frozenset[Permission]:
    """Return what a role may do.

    Raises
    ------
    InvalidInput
        There is no such role.
    """
    try:
        return PERMISSIONS[role]
    except KeyError:
        raise InvalidInput(f"There is no role {role!r}", field="role") from None


def home_of(role: str) -> str:
    """Return the page on which a role starts the day."""
    allowed = permissions_of(role)
    first = next((path for permission, path in HOME if permission in allowed), "/sign-in")
    return HOME_OF_ROLE.get(role, first)
