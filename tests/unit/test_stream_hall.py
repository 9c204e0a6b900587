"""Seats: so many per user, so many in all, and each comes back."""

from __future__ import annotations

from geodata.db.scope import Scope
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
    first = hall.join(scope)
    assert hall.join(Scope(("210211",), ("u:1",))) is first
    hall.part(scope)
    assert hall.audiences == (first,)
    hall.part(scope)
    assert hall.audiences == ()
