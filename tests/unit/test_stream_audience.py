"""Who sees which event, and whom it names: policies events_scope and people_scope in memory."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.db.scope import Scope
from web.stream.audience import Audience
from web.stream.entry import Entry
from web.stream.frame import frame
from web.stream.ring import Ring
from web.stream.roster import Roster

STREET, OTHER = "210211001", "210211002"
GRID, OTHER_GRID = STREET + "001001", OTHER + "001001"


def make_entry(seq: int = 1, **facts: Any) -> Entry:
    row = {
        "seq": seq,
        "occurred_at": datetime(2026, 11, 20, tzinfo=UTC),
        "kind": "case.assigned",
        "case_id": None,
        "person_id": None,
        "area_code": GRID,
        "actor": "u:1",
        "payload": {},
    }
    return Entry(row | facts)


def make_roster() -> Roster:
    roster = Roster()
    roster.replace({1: (GRID,), 2: (OTHER_GRID,), 3: (OTHER_GRID, STREET + "002")})
    return roster


def read(text: bytes) -> dict[str, Any]:
    (data,) = [line[6:] for line in text.decode().splitlines() if line.startswith("data: ")]
    found: dict[str, Any] = json.loads(data)
    return found


def audience(*areas: str, subjects: tuple[str, ...] = ()) -> Audience:
    return Audience(Scope(areas, subjects), make_roster())


def test_an_event_is_seen_by_its_area():
    assert audience(STREET).sees(make_entry(), {})
    assert audience("210211").sees(make_entry(), {})
    assert not audience(OTHER).sees(make_entry(), {})
    assert not audience().sees(make_entry(), {})


def test_an_event_is_seen_by_whoever_took_part_in_its_case():
    judge = audience(OTHER, subjects=("u:9", "p:2"))
    assert judge.sees(make_entry(case_id=5), {5: frozenset({"p:2", "u:1"})})
    assert not judge.sees(make_entry(case_id=5), {5: frozenset({"u:1"})})
    assert not judge.sees(make_entry(case_id=None), {5: frozenset({"p:2"})})


@pytest.mark.parametrize(("person", "named"), [(1, True), (2, False), (3, True), (99, False)])
def test_a_person_is_named_only_within_reach(person: int, named: bool):
    entry = make_entry(
        person_id=person,
        actor=f"p:{person}",
        payload={"person_id": person, "previous_person_id": person, "minutes": person},
    )
    event = read(audience(STREET).render([entry], {}))
    shown = person if named else None
    assert event["person_id"] == shown
    assert event["actor"] == (f"p:{person}" if named else None)
    assert event["payload"] == {
        "person_id": shown,
        "previous_person_id": shown,
        "minutes": person,
    }


def test_a_person_is_in_reach_of_their_own_account():
    entry = make_entry(person_id=2, case_id=5)
    own = audience(STREET, subjects=("u:9", "p:2"))
    assert read(own.render([entry], {}))["person_id"] == 2


def test_an_event_is_serialised_once_for_all_who_see_the_same():
    entry = make_entry(person_id=2)
    assert entry.frame(frozenset()) is entry.frame(frozenset())
    assert b'"person_id":null' in entry.frame(frozenset({2}))


def test_line_breaks_in_text_do_not_break_the_frame():
    text = frame({"a": "x\n\ndata: y\r\u2028"}, event="message", seq=3).decode()
    assert text.count("\n") == 4
    assert text.endswith("\n\n")


def test_following_goes_past_what_is_out_of_scope():
    ring = Ring(10)
    ring.extend([make_entry(1, area_code=OTHER_GRID), make_entry(2), make_entry(3)])
    street, other = audience(STREET), audience("210211003")
    data, cursor = street.following(0, ring, {})
    assert (data.count(b"data: "), cursor) == (2, 3)
    assert street.following(0, ring, {})[0] is data
    assert other.following(0, ring, {}) == (b"", 3)
    ring.extend([make_entry(4)])
    assert street.following(3, ring, {})[1] == 4


def test_the_ring_refuses_cursors_it_cannot_serve():
    ring = Ring(4)
    ring.restart(100)
    ring.extend([make_entry(seq) for seq in range(101, 107)])
    assert (ring.floor, ring.head) == (102, 106)
    assert [entry.seq for entry in ring.after(102, 2)] == [103, 104]
    with pytest.raises(ValueError, match="floor"):
        ring.after(101, 1)


@given(st.lists(st.integers(1, 40), max_size=80), st.integers(1, 10), st.integers(0, 40))
def test_the_ring_keeps_order_and_drops_doubles(seqs: list[int], capacity: int, cursor: int):
    ring = Ring(capacity)
    kept: list[int] = []
    for seq in seqs:
        ring.extend([make_entry(seq)])
        if not kept or seq > kept[-1]:
            kept.append(seq)
    assert ring.head == (kept[-1] if kept else 0)
    if cursor >= ring.floor:
        assert [entry.seq for entry in ring.after(cursor, 99)] == [s for s in kept if s > cursor]
