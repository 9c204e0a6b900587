"""Seats: so many per user, so many in all, and each comes back."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from geodata.db.scope import Scope
from web.stream.entry import Entry
from web.stream.facts import StreamFacts
from web.stream.hall import Hall
from web.stream.roster import Roster


def make_facts(user_id: int) -> StreamFacts:
    return StreamFacts(f"sessions:{user_id}", user_id, Scope(("210211",)))


def test_a_user_has_so_many_streams_and_no_more():
    hall = Hall(Roster(), per_user=2, total=10)
    assert [hall.promise(make_facts(1)) for _ in range(2)] == [None, None]
    refused = hall.promise(make_facts(1))
    assert refused is not None
    assert refused.status == 429
    assert hall.promise(make_facts(2)) is None
    hall.release(make_facts(1))
    assert hall.promise(make_facts(1)) is None


def test_a_full_hall_says_try_again():
    hall = Hall(Roster(), per_user=9, total=2)
    assert hall.promise(make_facts(1)) is None
    assert hall.promise(make_facts(2)) is None
    refused = hall.promise(make_facts(3))
    assert refused is not None
    assert refused.status == 503


def test_an_audience_lives_as_long_as_somebody_is_in_it():
    hall = Hall(Roster(), per_user=9, total=9)
    scope = Scope(("210211",), ("u:1",))
    first = hall.join(scope, 7)
    assert hall.join(Scope(("210211",), ("u:1",)), 9) is first
    assert first.due == 9
    hall.part(scope)
    assert hall.audiences == (first,)
    hall.part(scope)
    assert hall.audiences == ()


def make_entry(seq: int, area_code: str, case_id: int | None = None) -> Entry:
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    return Entry(
        {
            **{"seq": seq, "occurred_at": moment, "kind": "x", "case_id": case_id},
            **{"person_id": None, "area_code": area_code, "actor": "u:1", "payload": {}},
        }
    )


codes = st.sampled_from(["210211", "210211001", "210211002", "210211001001", "210211001001001"])
subjects = st.lists(st.sampled_from(["u:1", "p:2", "p:3"]), max_size=2)


@given(st.lists(codes, max_size=3), subjects, codes, st.none() | st.just(5), subjects)
def test_everybody_who_sees_an_event_is_found(
    areas: list[str], own: list[str], code: str, case_id: int | None, took_part: list[str]
):
    hall = Hall(Roster(), per_user=9, total=9)
    scope = Scope(tuple(areas), tuple(own))
    audience = hall.join(scope, 0)
    entry, participants = make_entry(4, code, case_id), {5: frozenset(took_part)}
    hall.concerned([entry], participants)
    assert (audience.due == 4) == audience.sees(entry, participants)
    hall.part(scope)
    hall.concerned([make_entry(5, code, case_id)], participants)
    assert audience.due in (0, 4)
