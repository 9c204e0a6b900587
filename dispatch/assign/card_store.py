"""Reading and writing run cards: those that ship and the district's own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from psycopg.types.json import Jsonb

from dispatch.assign.card import Card, Match, Need, Part, Stage, find_conflict
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.errors import Conflict, NotFound


@cache
def shipped_cards() -> tuple[Card, ...]:
    """Return the cards that the product ships; the class of a type is not yet known."""
    text = (files("dispatch.assign") / "data" / "cards.toml").read_text("utf-8")
    return tuple(_parse(entry) for entry in tomllib.loads(text)["cards"])


def _parse(entry: Mapping[str, Any]) -> Card:
    match = Match(
        stage=Stage(entry.get("stage", "ordinary")),
        family=entry.get("family"),
        type_code=entry.get("type"),
        levels=frozenset(entry.get("levels", ())),
        scales=frozenset(entry.get("scales", ())),
    )
    needs = tuple(parse_need(need) for need in entry["needs"])
    return Card(entry["name"], entry["name_en"], match, needs, entry["source"], entry["code"])


def parse_need(entry: Mapping[str, Any]) -> Need:
    """Return a need of its stored form."""
    return Need(**{**entry, "part": Part(entry["part"])})


def need_facts(need: Need) -> dict[str, Any]:
    """Return a need as it is stored and told."""
    return {**vars(need), "part": need.part.value}


def read_cards(conn: Conn, *, removed: bool = False) -> list[Card]:
    """Return the cards of the district, oldest first."""
    return list(_read(conn, None, removed))


def get_card(conn: Conn, card_id: int) -> Card:
    """Return one card, also one that was taken away.

    Raises
    ------
    NotFound
        There is no such card.
    """
    for card in _read(conn, card_id, removed=True):
        return card
    raise NotFound("There is no such run card", field="id")


def _read(conn: Conn, card_id: int | None, removed: bool) -> Iterator[Card]:
    values = {"id": card_id, "removed": removed}
    for row in conn.execute(query("dispatch.assign", "list_cards"), values):
        yield _card(row)


def _card(row: Row) -> Card:
    match = Match(
        stage=Stage(row["stage"]),
        family=row["family"],
        type_code=row["type_code"],
        parent_code=row["parent_code"],
        levels=frozenset(row["levels"]),
        scales=frozenset(row["scales"]),
    )
    needs = tuple(parse_need(need) for need in row["needs"])
    return Card(
        row["name"], row["name_en"], match, needs, row["source"], row["code"], row["id"],
        row["version"], row["edited"], row["removed"],
    )  # fmt: skip


def lock_cards(conn: Conn) -> None:
    """Let nobody else save a card until the end: what overlaps is decided one after the other."""
    conn.execute("LOCK TABLE dispatch.run_cards IN SHARE ROW EXCLUSIVE MODE")


def insert_card(conn: Conn, card: Card) -> Card:
    """Write a new card and return it as stored."""
    row = conn.execute(query("dispatch.assign", "insert_card"), _values(card)).fetchone()
    if row is None:
        raise Conflict(f"There is a run card {card.code} already", field="code")
    return get_card(conn, int(row["id"]))


def update_card(conn: Conn, card: Card) -> Card:
    """Write a card as edited; its ``version`` is the one that was looked at.

    Raises
    ------
    Conflict
        ``version``: somebody else edited it meanwhile.
    NotFound
        There is no such card.
    """
    if card.id is None:
        raise NotFound("There is no such run card", field="id")
    row = conn.execute(query("dispatch.assign", "update_card"), _values(card)).fetchone()
    now = get_card(conn, card.id)
    if row is None:
        raise Conflict(
            f"This run card was edited meanwhile: look at version {now.version} first",
            field="version",
            winner={"version": now.version},
        )
    return now


def _values(card: Card) -> dict[str, Any]:
    match = card.match
    return {
        **vars(card),
        "stage": match.stage.value,
        "family": match.family,
        "type_code": match.type_code,
        "levels": sorted(match.levels),
        "scales": sorted(match.scales),
        "needs": Jsonb([need_facts(need) for need in card.needs]),
    }


def seed_cards(conn: Conn) -> int:
    """Write the shipped cards that are missing; return how many. Safe to call at every start.

    The types must be there. A card that contradicts one of the district is left out, one the
    district edited or took away stays as it is, and of one it has not touched the needs follow
    the product.
    """
    known = {card.code: card for card in read_cards(conn, removed=True) if card.code}
    made = 0
    for card in shipped_cards():
        if card.code in known:
            _follow(conn, known[card.code], card)
        else:
            made += _ship(conn, card)
    return made


def _ship(conn: Conn, card: Card) -> int:
    stored = insert_card(conn, card)
    others = [other for other in read_cards(conn) if other.id != stored.id]
    if find_conflict(stored.match, others) is not None:
        conn.execute("DELETE FROM dispatch.run_cards WHERE id = %s", (stored.id,))
        return 0
    return 1


def _follow(conn: Conn, stored: Card, card: Card) -> None:
    if stored.edited or (stored.name, stored.name_en, stored.needs, stored.source) == (
        card.name, card.name_en, card.needs, card.source
    ):  # fmt: skip
        return
    values = {**_values(replace(card, id=stored.id)), "id": stored.id}
    conn.execute(
        "UPDATE dispatch.run_cards SET name = %(name)s, name_en = %(name_en)s,"
        " needs = %(needs)s, source = %(source)s WHERE id = %(id)s",
        values,
    )
