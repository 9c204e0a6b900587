"""The district's run cards: added, edited, taken away, each change with its event.

A card that would contradict another is refused when it is saved, with the cases that both would
fit. Saving is one at a time (a lock on the table), so that two editors cannot bring in between
them what neither of them could alone. Who may edit is as for types and limits (dispatch/rule.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dispatch.actor import Actor
from dispatch.assign.card import Card, Overlap, check_card, find_conflict, match_facts
from dispatch.assign.card_store import (
    get_card,
    insert_card,
    lock_cards,
    need_facts,
    read_cards,
    update_card,
)
from dispatch.case.type import Family, get_type
from dispatch.case.words import check_text
from dispatch.notice import tell
from dispatch.people.role import ROLES
from dispatch.rule import SKILLS, district_of
from geodata.clock import Clock
from geodata.db.event import Event
from geodata.db.scope import Conn
from geodata.errors import Conflict, InvalidInput


def add_card(conn: Conn, clock: Clock, actor: Actor, card: Card) -> Card:
    """Add a card of the district's own; it holds from then on.

    Raises
    ------
    Forbidden, InvalidInput
    Conflict
        ``match``: another card fits some of the same cases and neither is more specific.
    """
    area = district_of(actor)
    card = _checked(conn, replace(card, code=None, edited=True, removed=False))
    made = insert_card(conn, card)
    tell(conn, _changed(actor, area, clock.now(), None, made))
    return made


def change_card(conn: Conn, clock: Clock, actor: Actor, card: Card) -> Card:
    """Write a card as edited; one that was taken away is back by that.

    Parameters
    ----------
    card
        With the ``id`` and the ``version`` that were looked at.

    Raises
    ------
    Forbidden, InvalidInput, NotFound
    Conflict
        ``match``: it contradicts another card; ``version``: somebody else edited it meanwhile.
    """
    area = district_of(actor)
    before = get_card(conn, card.id or 0)
    card = replace(card, code=before.code, source=before.source, removed=False)
    now = update_card(conn, _checked(conn, card))
    tell(conn, _changed(actor, area, clock.now(), before, now))
    return now


def remove_card(conn: Conn, clock: Clock, actor: Actor, card_id: int, version: int) -> Card:
    """Take a card away: the next more general one holds, or the ladder alone.

    Raises
    ------
    Forbidden, NotFound
    Conflict
        ``version``: somebody else edited it meanwhile.
    """
    area = district_of(actor)
    lock_cards(conn)
    before = get_card(conn, card_id)
    now = update_card(conn, replace(before, version=version, removed=True))
    tell(conn, _changed(actor, area, clock.now(), before, now))
    return now


def _checked(conn: Conn, card: Card) -> Card:
    """Return a card that may be saved, with family and class of its type; others wait."""
    lock_cards(conn)
    card = _resolved(conn, card)
    _check(card)
    found = find_conflict(card.match, [one for one in read_cards(conn) if one.id != card.id])
    if found is not None:
        raise _contradiction(found)
    return card


def _resolved(conn: Conn, card: Card) -> Card:
    match = card.match
    if match.type_code is None:
        if match.family is not None and match.family not in set(Family):
            raise InvalidInput("family must be one of " + ", ".join(Family), field="family")
        return card
    kind = get_type(conn, match.type_code)
    if match.family not in (None, kind.family):
        raise InvalidInput(f"Type {kind.code} is of the family {kind.family}", field="family")
    whole = replace(match, family=kind.family, parent_code=kind.parent_code)
    return replace(card, match=whole)


def _check(card: Card) -> None:
    check_text(card.name, "name")
    check_text(card.name_en, "name_en")
    check_card(card, ROLES, SKILLS)


def _contradiction(found: Overlap) -> Conflict:
    other = found.card
    return Conflict(
        f"This card and {other.name} ({other.name_en}) fit some of the same cases, and neither is"
        " more specific: narrow one of them by type, level or scale",
        field="match",
        winner={
            "card": other.id,
            "name": other.name,
            "name_en": other.name_en,
            "match": match_facts(other.match),
            "both": match_facts(found.match),
            "needs": [need_facts(need) for need in other.needs],
        },
    )


def _changed(actor: Actor, area: str, at: datetime, before: Card | None, now: Card) -> Event:
    payload = {
        "card": now.id,
        "code": now.code,
        "version": now.version,
        "before": _told(before),
        "now": _told(now),
    }
    return Event("run_card.changed", at, area, actor.subject, payload=payload)


def _told(card: Card | None) -> dict[str, object] | None:
    """Return what a card says, None where there is none."""
    if card is None or card.removed:
        return None
    return {"match": match_facts(card.match), "needs": [need_facts(need) for need in card.needs]}
