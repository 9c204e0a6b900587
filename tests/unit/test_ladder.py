"""The ladder's order by hand and against a brute force that knows nothing of sorting keys."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.assign.ladder import Responder, candidate, first_assignable, order, rank
from dispatch.assign.reason import SENTENCES, Reason, sentence
from dispatch.assign.rung import LADDER, Rung, columns
from dispatch.case.type import Family
from dispatch.people.role import ROLES
from tests.ladder_rule import brute_force

GRID = "210211001001001"
LIMIT_S = 600.0


def someone(
    person_id: int,
    rung: int,
    travel_s: float | None,
    load: int = 0,
    role: str = "grid_worker",
    **more: object,
) -> Responder:
    facts = {
        "person_id": person_id,
        "role": role,
        "rung": rung,
        "area_code": GRID,
        "shared_m": None,
        "mode": "none" if travel_s is None else "ebike",
        "edge_id": 1,
        "fraction": 0.5,
        "lon": 121.5,
        "lat": 38.9,
        "measured_at": None,
        "load": load,
        "capacity": 3,
        "in_scope": True,
        "name": "x",
        "phone": "100",
        "travel_s": travel_s,
        "distance_m": None if travel_s is None else 1000.0,
    }
    return Responder(**(facts | more))


def ids(*responders: Responder) -> list[int]:
    return [r.person_id for r in order(responders, LIMIT_S).responders]


def test_a_lower_rung_goes_first_even_if_slower():
    assert ids(someone(1, Rung.GRID, 10.0), someone(2, Rung.BUILDING, 599.9)) == [2, 1]


def test_a_rung_where_nobody_can_meet_the_limit_is_skipped():
    assert ids(someone(1, Rung.BUILDING, 600.1), someone(2, Rung.GRID, 600.0)) == [2, 1]


def test_who_is_late_on_an_open_rung_stays_on_it():
    late, quick = someone(1, Rung.GRID, 700.0), someone(2, Rung.GRID, 599.0)
    assert ids(late, quick, someone(3, Rung.STREET, 100.0)) == [2, 1, 3]


def test_within_a_rung_minutes_then_load_then_id():
    """59.96 s and 60.04 s are the same tenth: 60.0."""
    rung = Rung.GRID
    people = [
        someone(4, rung, 60.04),
        someone(3, rung, 59.96, load=1),
        someone(2, rung, 60.0, load=1),
        someone(1, rung, 60.2),
    ]
    assert ids(*people) == [4, 2, 3, 1]


def test_who_joins_beside_the_lead_follows_who_may_lead():
    people = [
        someone(1, Rung.COMMUNITY, None, load=1, role="judge"),
        someone(2, Rung.COMMUNITY, None, role="lawyer"),
        someone(3, Rung.COMMUNITY, 600.0, role="mediator"),
        someone(4, Rung.STREET, 10.0, role="mediator"),
    ]
    assert ids(*people) == [3, 2, 1, 4]


def test_a_rung_without_anybody_who_may_lead_is_skipped():
    judge = someone(1, Rung.COMMUNITY, None, role="judge")
    late = someone(3, Rung.COMMUNITY, 900.0, role="mediator")
    nowhere = someone(5, Rung.COMMUNITY, math.inf, role="mediator")
    elsewhere = someone(4, Rung.STREET, 10.0, role="mediator")
    assert ids(judge, late, elsewhere) == [3, 1, 4]
    assert ids(judge, elsewhere) == [4, 1]
    assert ids(judge, nowhere, elsewhere) == [4, 1, 5]
    last = rank([judge, elsewhere], LIMIT_S, GRID)[-1]
    assert Reason("rung_skipped") not in last.reasons  # nobody was late: there is just no lead


def test_who_does_not_travel_always_meets_and_follows_who_does():
    people = [
        someone(1, Rung.COMMUNITY, None, role="cadre"),
        someone(2, Rung.COMMUNITY, 900.0, role="cadre"),
        someone(3, Rung.STREET, 10.0, role="cadre"),
    ]
    assert ids(*people) == [2, 1, 3]


def test_with_no_open_rung_who_may_lead_goes_first():
    judge = someone(1, Rung.COMMUNITY, None, role="judge")
    late = someone(2, Rung.STREET, 900.0, role="mediator")
    gone = someone(3, Rung.COMMUNITY, math.inf, role="mediator")
    assert ids(judge, late) == [2, 1]
    assert ids(judge, gone) == [1, 3]
    assert Reason("nobody_meets_limit") not in rank([judge, late], LIMIT_S, GRID)[1].reasons


def test_nobody_who_only_joins_is_sent_alone():
    people = [
        someone(n, Rung.COMMUNITY, None, role=role) for n, role in ((1, "judge"), (2, "lawyer"))
    ]
    assert first_assignable(order(people, LIMIT_S)) is None


def test_with_no_open_rung_the_nearest_of_all_goes():
    people = [someone(1, Rung.BUILDING, 900.0), someone(2, Rung.DISTRICT, 700.0)]
    found = rank(people, LIMIT_S, GRID)
    assert [c.person_id for c in found] == [2, 1]
    assert [r.code for r in found[0].reasons] == [
        "part_of_district", "late", "nobody_meets_limit", "load",
    ]  # fmt: skip


def test_whom_no_road_connects_comes_last():
    people = [someone(1, Rung.BUILDING, math.inf), someone(2, Rung.DISTRICT, 9000.0)]
    assert ids(*people, someone(3, Rung.STREET, 20.0)) == [3, 2, 1]
    found = rank(people, LIMIT_S, GRID)
    assert found[-1].travel_s is None
    assert found[-1].distance_m is None
    assert found[-1].reasons[1] == Reason("unreachable")


@pytest.mark.parametrize(
    ("rung", "area_code", "role", "code"),
    [
        (Rung.BUILDING, GRID, "info_officer", "own_building"),
        (Rung.GRID, GRID, "grid_worker", "own_grid"),
        (Rung.COMMUNITY, GRID[:12], "cadre", "community"),
        (Rung.COMMUNITY, GRID[:12], "judge", "resident_of_community"),
        (Rung.COMMUNITY, GRID[:12] + "009", "grid_worker", "part_of_community"),
        (Rung.STREET, GRID[:9], "police_officer", "street"),
        (Rung.STREET, GRID[:9] + "009", "mediator", "part_of_street"),
        (Rung.DISTRICT, GRID[:6], "gas_fitter", "district"),
        (Rung.DISTRICT, "210211009", "gas_fitter", "part_of_district"),
    ],
)
def test_the_first_reason_says_why_this_person(rung: Rung, area_code: str, role: str, code: str):
    (line,) = rank([someone(1, rung, 30.0, role=role, area_code=area_code)], LIMIT_S, GRID)
    assert line.reasons[0].code == code


def test_the_desks_own_choice_is_called_that():
    ordered = order([someone(1, Rung.GRID, 30.0)], LIMIT_S)
    chosen = replace(ordered, responders=(someone(2, 0, 90.0),))
    line = candidate(chosen, 0, GRID)
    assert line.rung == "choice"
    assert [r.code for r in line.reasons] == ["chosen_by_desk", "meets_limit", "load"]


def test_beyond_the_scope_little_is_told():
    (line,) = rank([someone(7, Rung.NEIGHBOUR, 61.23, in_scope=False, shared_m=88.0)], 600.0, GRID)
    told = {name for name, value in vars(line).items() if value is not None}
    assert told == {
        "rank", "role", "rung", "assignment_role", "travel_s", "reasons", "in_scope",
    }  # fmt: skip
    assert [r.code for r in line.reasons] == ["neighbouring_grid", "meets_limit", "beyond_scope"]
    assert line.travel_s == 61.2


def test_the_first_who_may_be_assigned_is_in_scope_and_not_taken():
    people = [someone(n, Rung.GRID, 10.0 * n, in_scope=n != 1) for n in (1, 2, 3)]
    ordered = order(people, LIMIT_S)
    assert first_assignable(ordered) == 1
    assert first_assignable(ordered, [2]) == 2
    assert first_assignable(ordered, [2, 3]) is None
    assert candidate(ordered, 1, GRID).rank == 2


_TIMES = st.one_of(
    st.none(),
    st.just(math.inf),
    st.floats(0, 2000, width=32),
    st.sampled_from([60.0, 60.04, 600.0]),
)
_ROLES = st.sampled_from(["grid_worker", "mediator", "lawyer", "judge"])
_PEOPLE = st.lists(
    st.tuples(st.integers(1, 6), _TIMES, st.integers(0, 3), _ROLES), max_size=30
).map(lambda rows: [someone(n, *row) for n, row in enumerate(rows, 1)])


@given(people=_PEOPLE, seed=st.randoms(use_true_random=False))
def test_the_order_equals_a_brute_force_whatever_order_people_come_in(people, seed):
    expected = brute_force(people, LIMIT_S)
    seed.shuffle(people)
    assert ids(*people) == expected


def test_every_reason_has_its_sentence_in_both_languages():
    params = {"travel_s": 61, "limit_s": 600, "late_s": 1, "shared_m": 88.4, "load": 1,
              "capacity": 3}  # fmt: skip
    for code in SENTENCES:
        zh, en = (sentence(code, params, locale) for locale in ("zh", "en"))
        assert zh != en
        assert "{" not in zh + en
    assert sentence("neighbouring_grid", {"shared_m": 88.4}, "zh") == "负责相邻网格,共边 88 米"
    assert sentence("load", {"load": 1, "capacity": 3}, "en") == "1 open of at most 3"


def test_the_table_names_known_families_and_roles():
    assert {rule.family for rule in LADDER} == set(Family)
    assert {rule.role for rule in LADDER} == set(ROLES) - {"prosecutor"}, "by run cards only"
    for rule in LADDER:
        assert rule.family in ROLES[rule.role].families
    assert len(set(LADDER)) == len(LADDER)
    for role in ROLES.values():
        assert set(role.families) == {rule.family for rule in LADDER if rule.role == role.code}


def test_the_table_becomes_columns_of_equal_length():
    told = columns()
    lengths = {len(text.split(",")) for text in vars(told).values()}
    assert lengths == {len(LADDER)}
