"""What to list of the cases, as clauses of a WHERE: for what dispatch.find_cases does not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

from psycopg import sql

from dispatch.case.filter import Filter, check_filter, like_pattern, phone_of
from geodata.code import DIGITS, Level

_CONDITIONS: Mapping[str, LiteralString] = {
    "families": "t.family = ANY (%(families)s)",
    "type_codes": "(c.type_code = ANY (%(type_codes)s) OR t.parent_code = ANY (%(type_codes)s))",
    "urgent": "c.urgent = %(urgent)s",
    "area_code": "c.grid_code ^@ %(area_code)s",
    "reported_from": "c.reported_at >= %(reported_from)s",
    "reported_to": "c.reported_at < %(reported_to)s",
    "holders": "c.holder_code ^@ ANY (%(holders)s)",
    "lights": "CASE WHEN c.due_at <= %(now)s THEN 'red' WHEN c.yellow_at <= %(now)s THEN 'yellow'"
    " WHEN c.due_at IS NOT NULL THEN 'green' END = ANY (%(lights)s)",
    "cards": "c.card = ANY (%(cards)s)",
    "returned": "(c.hops > 0) = %(returned)s",
    "stuck_h": "c.state_since <= %(now)s - %(stuck_h)s * interval '1 hour'",
    "lead": "EXISTS (SELECT FROM dispatch.assignments l WHERE l.case_id = c.id AND l.live"
    " AND l.role = 'lead' AND l.person_id = %(lead)s)",
}


def conditions(wanted: Filter) -> tuple[list[sql.Composable], dict[str, Any]]:
    """Return the clauses of a filter over dispatch.cases c and case_types t, and their values."""
    wanted = check_filter(wanted)
    values: dict[str, Any] = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in vars(wanted).items()
        if value not in ((), None)
    }
    clauses: list[sql.Composable] = [
        sql.SQL(text) for name, text in _CONDITIONS.items() if name in values
    ]
    if wanted.states:
        clauses.append(sql.SQL("c.state = ANY (%(states)s)"))
    if wanted.text is not None:
        values["text"] = like_pattern(wanted.text)
        clauses.append(_text(phone_of(wanted), values))
    if wanted.levels:
        values["digits"] = [DIGITS[Level(level)] for level in wanted.levels]
        clauses.append(sql.SQL("length(c.holder_code) = ANY (%(digits)s)"))
    if wanted.mine:
        clauses.append(_mine(wanted.mine, values))
    return clauses, values


def _text(phone: str | None, values: dict[str, Any]) -> sql.Composable:
    """Return where a text is looked for; a phone number, or its last four digits, is one, too."""
    places = "c.number ILIKE %(text)s OR c.description ILIKE %(text)s OR c.address ILIKE %(text)s"
    if phone is None:
        return sql.SQL("(" + places + ")")
    values["phone"] = phone
    by_phone = "c.id IN (SELECT dispatch.cases_of_phone(%(phone)s))"
    return sql.SQL("(" + places + " OR " + by_phone + ")")


def _mine(subjects: tuple[str, ...], values: dict[str, Any]) -> sql.Composable:
    people = [int(subject[2:]) for subject in subjects if subject.startswith("p:")]
    if people:
        values["people"] = people
        return sql.SQL(
            "EXISTS (SELECT FROM dispatch.assignments m WHERE m.case_id = c.id AND m.live"
            " AND m.person_id = ANY (%(people)s))"
        )
    return sql.SQL(
        "c.id IN (SELECT p.case_id FROM dispatch.participations p WHERE p.subject = ANY (%(mine)s))"
    )
