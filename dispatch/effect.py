"""Effects: what a row of the loop does beside moving a case from one state to another.

Some change columns of the case (pure), some write a record of their own. Both by the names the
table uses (dispatch/case/loop_check.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dispatch.actor import Actor
from dispatch.case.facts import Facts
from dispatch.case.wish import Closure, Colour, Wish
from geodata.code import DIGITS, Level, parent_of
from geodata.db.scope import Conn

Columns = dict[str, Any]
LEVELS = (Level.DISTRICT, Level.STREET, Level.COMMUNITY, Level.GRID)


@dataclass(frozen=True)
class Deed:
    """An action that is being taken.

    Parameters
    ----------
    version
        Of the case after it.
    """

    facts: Facts
    wish: Wish
    actor: Actor
    at: datetime
    version: int


def _hop(deed: Deed) -> Columns:
    return {"hops": deed.facts.hops + 1}


def _closure(deed: Deed) -> Columns:
    return {"closing_kind": deed.wish.kind or Closure.SUBSTANTIVE}


def _settled(deed: Deed) -> Columns:
    return {"closing_kind": Closure.SUBSTANTIVE}


def _reopened(deed: Deed) -> Columns:
    return {"closing_kind": None, "closing_note": None, "closed_at": None}


def _suspension(deed: Deed) -> Columns:
    return {"suspended_from": deed.facts.state}


def _resumption(deed: Deed) -> Columns:
    return {"suspended_from": None}


def _holder_up(deed: Deed) -> Columns:
    return {"holder_code": parent_of(deed.facts.holder_code), "held_since": deed.at}


def _holder_down(deed: Deed) -> Columns:
    below = LEVELS[LEVELS.index(deed.facts.level) + 1]
    return {"holder_code": deed.facts.grid_code[: DIGITS[below]], "held_since": deed.at}


def _card(deed: Deed) -> Columns:
    return {"card": Colour.RED if deed.facts.card == Colour.RED else deed.wish.colour}


def _merging(deed: Deed) -> Columns:
    return {"merged_into": deed.wish.into}


def _unmerging(deed: Deed) -> Columns:
    return {"merged_into": None}


def _failed_mediation(deed: Deed) -> Columns:
    """Count a failed mediation at community level; those of the levels above call nobody."""
    if len(deed.facts.holder_code) < DIGITS[Level.COMMUNITY]:
        return {}
    return {"failed_mediations": deed.facts.failed_mediations + 1}


CHANGES: Mapping[str, Callable[[Deed], Columns]] = {
    "hop": _hop,
    "closure": _closure,
    "self_settled": _settled,
    "reopened": _reopened,
    "suspension": _suspension,
    "resumption": _resumption,
    "holder_up": _holder_up,
    "holder_down": _holder_down,
    "card": _card,
    "merging": _merging,
    "unmerging": _unmerging,
    "failed_mediation": _failed_mediation,
}
"""Columns of dispatch.cases an effect changes."""


def _write_rating(conn: Conn, deed: Deed) -> None:
    conn.execute(
        "INSERT INTO dispatch.ratings (case_id, score, rated_by, on_behalf, rated_at)"
        " VALUES (%s, %s, %s, %s, %s)",
        (deed.facts.id, deed.wish.rating, deed.actor.subject, not deed.facts.my_report, deed.at),
    )


def _write_card(conn: Conn, deed: Deed) -> None:
    conn.execute(
        "INSERT INTO dispatch.cards (case_id, colour, holder_code, given_by, given_at)"
        " VALUES (%s, %s, %s, %s, %s)",
        (deed.facts.id, deed.wish.colour, deed.facts.holder_code, deed.actor.subject, deed.at),
    )


def _write_request(conn: Conn, deed: Deed) -> None:
    conn.execute(
        "INSERT INTO dispatch.extensions (case_id, amount, unit, asked_by, asked_at)"
        " VALUES (%s, %s, %s, %s, %s)",
        (deed.facts.id, deed.wish.amount, deed.wish.unit, deed.actor.subject, deed.at),
    )


def _decide_request(granted: bool) -> Callable[[Conn, Deed], None]:
    def write(conn: Conn, deed: Deed) -> None:
        conn.execute(
            "UPDATE dispatch.extensions SET granted = %s, decided_by = %s, decided_at = %s"
            " WHERE case_id = %s AND granted IS NULL",
            (granted, deed.actor.subject, deed.at, deed.facts.id),
        )

    return write


def drop_requests(conn: Conn, deed: Deed) -> None:
    """Refuse what was asked for and nobody decided: a case that has ended needs no more time."""
    _decide_request(False)(conn, deed)


def _tell_reporters(conn: Conn, deed: Deed) -> None:
    kind = "case.voided" if deed.wish.action == "void" else "case.closed"
    conn.execute(
        "SELECT dispatch.tell_reporters(%s, %s, %s, %s)",
        (deed.facts.id, kind, deed.wish.text, deed.at),
    )


def _show_reporters(conn: Conn, deed: Deed) -> None:
    """Let those who reported the merged case keep sight of the one it became part of."""
    conn.execute(
        "INSERT INTO dispatch.participations (subject, case_id, since)"
        " SELECT r.subject, %s, %s FROM dispatch.reports_of(%s) r ON CONFLICT DO NOTHING",
        (deed.wish.into, deed.at, deed.facts.id),
    )


def _forget_sight(conn: Conn, deed: Deed) -> None:
    """Take back the sight that a merge gave to reporters of what is a case of its own again."""
    conn.execute(
        "SELECT dispatch.forget_sight(%s, %s, %s)",
        (deed.facts.id, deed.facts.merged_into, deed.facts.state_since),
    )


def _begin_offer(conn: Conn, deed: Deed) -> None:
    conn.execute(
        "INSERT INTO dispatch.offers AS o (case_id, state, begun_by, begun_at)"
        " VALUES (%s, 'running', %s, %s) ON CONFLICT (case_id) DO UPDATE SET state = 'running',"
        " begun_by = excluded.begun_by, begun_at = excluded.begun_at, next_at = NULL,"
        " ended_at = NULL, shortfall = NULL",
        (deed.facts.id, deed.actor.subject, deed.at),
    )


def _stop_offer(conn: Conn, deed: Deed) -> None:
    conn.execute(
        "UPDATE dispatch.offers SET state = 'stopped', next_at = NULL, ended_at = %s"
        " WHERE case_id = %s AND state = 'running'",
        (deed.at, deed.facts.id),
    )


RECORDS: Mapping[str, Callable[[Conn, Deed], None]] = {
    "rating": _write_rating,
    "card": _write_card,
    "extension_request": _write_request,
    "extension_grant": _decide_request(True),
    "extension_refusal": _decide_request(False),
    "tell_reporters": _tell_reporters,
    "merging": _show_reporters,
    "unmerging": _forget_sight,
    "offer_begun": _begin_offer,
    "offer_stopped": _stop_offer,
}
"""Records an effect writes, after the case has changed."""
ELSEWHERE = frozenset(["result"])
"""Effects the move of the assignment carries out itself."""


def write_remark(conn: Conn, deed: Deed) -> None:
    """Keep the words that came with an action; events carry none."""
    if deed.wish.text is not None:
        conn.execute(
            "INSERT INTO dispatch.remarks (case_id, action, version, words, said_by, said_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (deed.facts.id, deed.wish.action, deed.version, deed.wish.text, deed.actor.subject,
             deed.at),
        )  # fmt: skip


def public_facts(deed: Deed, columns: Columns) -> dict[str, Any]:
    """Return what the event of an action tells beside the state: no words, no names."""
    wish = deed.wish
    told: dict[str, Any] = {"holder": columns.get("holder_code", deed.facts.holder_code)}
    for name in ("rating", "colour", "amount", "unit", "into"):
        if (value := getattr(wish, name)) is not None:
            told[name] = value
    if "closing_kind" in columns and columns["closing_kind"] is not None:
        told["closure"] = columns["closing_kind"]
    if "failed_mediations" in columns:
        told["failed"] = columns["failed_mediations"]
    return told
