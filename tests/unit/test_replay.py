"""The replay: each policy and figure worked by hand in a town of two places and three people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from dispatch.assign.flow.problem import NOBODY
from dispatch.replay.figure import is_responsible, measure
from dispatch.replay.play import PATIENCE_S, Record, play
from dispatch.replay.policy import Moment, Nearest, Policy, ResponsibleFirst, Sent, WholeQueue
from dispatch.replay.town import DAY_S, Case, Town, multiply, suitable_roles
from geodata.errors import DataFault, InvalidInput
from tests.replay_town import (
    ALWAYS,
    NEAR_A,
    NEAR_B,
    STAFF,
    A,
    B,
    case,
    crossroads,
    people,
    place,
    ways,
)

POLICIES: tuple[Policy, ...] = (Nearest(), ResponsibleFirst(), WholeQueue(), WholeQueue(300.0))
INF, NAN = float("inf"), float("nan")


def _shown(record: Record) -> list[tuple[int, float, float, float]]:
    """Return person, sent, road and arrival of each case."""
    columns = (record.person, record.sent_s, record.road_s, record.arrived_s)
    return [tuple(row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def test_the_nearest_goes_whoever_is_responsible() -> None:
    """The community worker lives next to A; the second place of B's worker is on A's way."""
    record = play(crossroads(), Nearest())
    assert _shown(record) == [
        (STAFF, 0.0, 60.0, 60.0),
        (NEAR_B, 60.0, 120.0, 180.0),  # the community worker's one place is taken
        (NEAR_B, 120.0, 240.0, 780.0 + 240.0),  # stays at A until 780, and then goes on
        (STAFF, 7200.0, 60.0, 7260.0),  # long back at the post
    ]
    found = measure(record)
    assert (found.road_mean_min, found.road_p90_min) == pytest.approx((2.0, 3.4))
    assert (found.wait_mean_min, found.wait_p90_min) == pytest.approx((4.75, 11.1))
    assert (found.cases, found.late, found.responsible, found.unassigned) == (4, 0.25, 0.25, 0.0)
    assert found.gini == pytest.approx(1 / 3)  # 0, 2, 2
    assert found.gini_of_role == {"community_worker": 0.0, "grid_worker": 0.5}


def test_the_responsible_go_first() -> None:
    """A's worker goes as long as there is room, then the neighbour."""
    record = play(crossroads(), ResponsibleFirst())
    assert _shown(record) == [
        (NEAR_A, 0.0, 300.0, 300.0),
        (NEAR_B, 60.0, 120.0, 180.0),
        (NEAR_B, 120.0, 240.0, 1020.0),
        (NEAR_A, 7200.0, 300.0, 7500.0),
    ]
    found = measure(record)
    assert (found.road_mean_min, found.road_p90_min) == pytest.approx((4.0, 5.0))
    assert (found.wait_mean_min, found.wait_p90_min) == pytest.approx((6.75, 12.0))
    assert (found.late, found.responsible, found.unassigned) == (0.25, 0.75, 0.0)
    assert found.gini == pytest.approx(1 / 3)  # 2, 2, 0
    assert found.gini_of_role == {"community_worker": None, "grid_worker": 0.0}


def test_the_whole_queue_is_solved_on_the_round() -> None:
    """Three cases wait until 300 s and are given at once, within the room of everybody."""
    record = play(crossroads(), WholeQueue(300.0))
    assert _shown(record) == [
        (NEAR_A, 300.0, 300.0, 600.0),  # 1.083 x 1.83 + 1.067 x 3.13 is less than the other way
        (NEAR_B, 300.0, 120.0, 420.0),
        (NEAR_B, 300.0, 240.0, 1020.0 + 240.0),
        (NEAR_A, 7500.0, 300.0, 7800.0),  # came in on a round: the next one is its own
    ]
    found = measure(record)
    assert (found.road_mean_min, found.road_p90_min) == pytest.approx((4.0, 5.0))
    assert found.wait_mean_min == pytest.approx(11.25)
    assert (found.late, found.responsible) == (0.25, 0.75)


def test_the_whole_queue_steps_back_where_one_by_one_does_not() -> None:
    """Two of a rung: one by one the first takes the only one who is in time for the second."""
    there = place(0, (0, 2), (1, 2))
    far = place(1, (0, 2), (1, 2))
    town = Town(
        [case(1, 10.0, there), case(2, 20.0, far)],
        people(["grid_worker"] * 2, [1, 1]),
        ways([[90, 180], [270, 1800]], [[0, 240], [240, 0]]),
        length_s=100.0,
    )
    one_by_one, together = play(town, ResponsibleFirst()), play(town, WholeQueue())
    assert one_by_one.road_s.tolist() == [90.0, 1800.0]
    assert together.road_s.tolist() == [180.0, 270.0]
    assert measure(one_by_one).late == 0.5
    assert measure(together).late == 0.0


def test_a_lawyer_who_need_not_travel_keeps_the_rung_of_a_late_mediator_open() -> None:
    """The product's rule; asked without the lawyer, and by the queue, the street's goes."""
    where = place(0, (0, 4), (1, 4), (2, 5), family="dispute")
    town = Town(
        [case(1, 0.0, where, limit_s=3600.0)],
        people(["mediator", "lawyer", "mediator"], [1, 1, 1]),
        ways([[4000, NAN, 1200]], [[0]]),
        length_s=10.0,
    )
    sent = [
        play(town, one).person.tolist()
        for one in (ResponsibleFirst(), ResponsibleFirst(leads_alone=True), WholeQueue())
    ]
    assert sent == [[0], [2], [2]]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_case_waits_until_a_place_is_free(policy: Policy) -> None:
    """Held from 60 (or the round) on for 1,200 s from arrival; looked at again on the round."""
    town = Town(
        [case(1, 0.0, place(0, (0, 2))), case(2, 1.0, place(0, (0, 2)))],
        people(["grid_worker"], [1]), ways([[60]], [[0]]), length_s=10.0,
    )  # fmt: skip
    record = play(town, policy)
    first = 0.0 if not policy.together else policy.every_s
    done = first + 60.0 + 1200.0
    again = done if policy.together and done % policy.every_s == 0 else None
    expected = again or (done // policy.every_s + (done % policy.every_s > 0)) * policy.every_s
    assert record.sent_s.tolist() == [first, expected]
    assert record.most_load.tolist() == [1]


def test_somebody_on_the_way_back_counts_where_they_were_until_they_are_there() -> None:
    """Leaves A at 60 + 600, is back at 720: at 700 B is 240 s from A, at 720 it is 600 s."""
    for at_s, road_s in ((700.0, 240.0), (720.0, 600.0)):
        town = replace(
            crossroads(),
            cases=[case(1, 0.0, place(0, (STAFF, 4))), case(2, at_s, place(1, (STAFF, 4)))],
            people=people(["grid_worker", "grid_worker", "community_worker"], [1, 1, 2]),
        )
        assert play(town, ResponsibleFirst()).road_s.tolist() == [60.0, road_s]


def test_who_is_off_duty_is_not_sent_and_finishes_what_they_have() -> None:
    """A's worker ends at 30 s with a task in hand; the next case goes to the neighbour."""
    town = replace(crossroads(), people=people(
        ["grid_worker", "grid_worker", "community_worker"], [2, 2, 2], [((0.0, 30.0),), ALWAYS, ()]
    ))  # fmt: skip
    record = play(town, ResponsibleFirst())
    assert record.person.tolist() == [NEAR_A, NEAR_B, NEAR_B, NEAR_B]
    assert record.arrived_s[0] == 300.0


def test_a_shift_that_begins_lets_a_waiting_case_go() -> None:
    town = Town(
        [case(1, 0.0, place(0, (0, 2)))],
        people(["grid_worker"], [1], [((600.0, 900.0), (900.0, 1000.0))]),
        ways([[60]], [[0]]),
        length_s=10.0,
    )
    assert play(town, ResponsibleFirst()).sent_s.tolist() == [600.0]
    later = replace(town, people=people(["grid_worker"], [1], [((0.0, 0.0), (880.0, 930.0))]))
    assert play(later, Nearest(every_s=450.0)).sent_s.tolist() == [900.0]


def test_a_case_that_nobody_can_take_is_left_after_a_day_and_late() -> None:
    town = Town(
        [case(1, 0.0, place(0)), case(2, 5.0, place(1, (0, 2)))],
        people(["judge"], [9]), ways([[INF], [INF]], [[0, INF], [INF, 0]]), length_s=10.0,
    )  # fmt: skip
    for policy in POLICIES:
        record = play(town, policy)
        assert record.person.tolist() == [NOBODY, NOBODY]
        found = measure(record)
        assert (found.late, found.unassigned) == (1.0, 1.0)
        assert found.road_mean_min is found.wait_p90_min is found.responsible is found.gini is None


def test_a_case_is_given_up_only_after_a_day() -> None:
    for begins_s, person in ((PATIENCE_S - 60.0, 0), (PATIENCE_S, NOBODY)):
        town = Town(
            [case(1, 0.0, place(0, (0, 2)))],
            people(["grid_worker"], [1], [((begins_s, 2 * PATIENCE_S),)]),
            ways([[60]], [[0]]),
            length_s=10.0,
        )
        assert play(town, WholeQueue()).person.tolist() == [person]


def test_who_does_not_travel_is_there_at_once_and_has_no_road() -> None:
    town = Town(
        [case(1, 0.0, place(0, (0, 4)))],
        people(["cadre"], [1]), ways([[NAN]], [[0]]), length_s=10.0,
    )  # fmt: skip
    record = play(town, ResponsibleFirst())
    assert record.arrived_s.tolist() == [0.0]
    found = measure(record)
    assert (found.road_mean_min, found.wait_mean_min, found.late) == (None, 0.0, 0.0)


def test_no_road_leads_nobody_goes() -> None:
    town = Town(
        [case(1, 0.0, place(0, (0, 2)))],
        people(["grid_worker"], [1]), ways([[INF]], [[0]]), length_s=10.0,
    )  # fmt: skip
    for policy in POLICIES:
        assert play(town, policy).person.tolist() == [NOBODY]


def test_of_two_equally_near_the_less_burdened_goes_then_the_lower_id() -> None:
    equal = Town(
        [case(n, n, place(0, (0, 2), (1, 2))) for n in range(3)],
        people(["grid_worker"] * 2, [3, 3]), ways([[60, 60.04]], [[0]]), length_s=10.0,
    )  # fmt: skip
    # The third: the first is under way to the place and counts there, as the second does.
    assert play(equal, Nearest()).person.tolist() == [0, 0, 0]
    apart = replace(equal, ways=ways([[60, 60.04]], [[60]]))
    assert play(apart, Nearest()).person.tolist() == [0, 1, 0]


def test_responsible_is_the_lowest_rung_that_may_lead_on_duty_or_not() -> None:
    staff = people(["lawyer", "mediator", "mediator", "justice_officer"], [1] * 4, [()] * 4)
    where = place(0, (0, 4), (1, 4), (2, 5), (3, 5), family="dispute")
    found = [is_responsible(staff, case(1, 0.0, where), row) for row in range(4)]
    assert found == [False, True, False, False]
    street = case(1, 0.0, place(0, (0, 4), (2, 5), (3, 5), family="dispute"))
    assert [is_responsible(staff, street, row) for row in (0, 2, 3)] == [False, True, True]


def test_cases_of_the_warm_up_are_played_and_not_counted() -> None:
    town = replace(crossroads(), counted_s=100.0)
    found = measure(play(town, Nearest()))
    assert (found.cases, found.late) == (2, 0.5)
    assert found.road_mean_min == pytest.approx(2.5)  # 240 and 60 s


def test_a_family_has_figures_of_its_own() -> None:
    town = crossroads()
    quarrel = place(1, (NEAR_A, 3), (NEAR_B, 2), (STAFF, 4), family="service")
    cases = [*town.cases[:2], case(3, 120.0, quarrel, 600.0), town.cases[3]]
    record = play(replace(town, cases=cases), ResponsibleFirst())
    found = {family: measure(record, family) for family in ("hazard", "service", "police")}
    assert [one.cases for one in found.values()] == [3, 1, 0]
    assert [one.late for one in found.values()] == [0.0, 1.0, None]
    assert found["hazard"].road_mean_min == pytest.approx(4.0)  # 300, 120, 300 s
    assert found["hazard"].responsible == pytest.approx(2 / 3)


class _Wrong:
    """A policy that always sends the same."""

    together, every_s = False, 60.0

    def __init__(self, who: int) -> None:
        self.who = who

    def choose(self, moment: Moment, waiting: Sequence[Case]) -> list[Sent]:
        return [(0, self.who)]


def test_a_policy_that_sends_who_cannot_go_is_a_fault() -> None:
    town = crossroads()
    with pytest.raises(DataFault):
        play(town, _Wrong(NEAR_A))  # the second case is beyond the one place
    off = replace(town, people=people(["grid_worker"] * 3, [4] * 3, [ALWAYS, (), ALWAYS]))
    with pytest.raises(DataFault):
        play(off, _Wrong(NEAR_B))
    cut_off = replace(town, ways=ways([[INF] * 3, [INF] * 3], [[0, 240], [240, 0]]))
    with pytest.raises(DataFault):
        play(cut_off, _Wrong(STAFF))


def test_cases_out_of_order_are_refused() -> None:
    with pytest.raises(InvalidInput):
        replace(crossroads(), cases=[case(1, 5.0, A), case(2, 1.0, B)])


def test_a_load_is_multiplied_by_the_same_cases_on_other_days() -> None:
    town = replace(
        crossroads(), cases=[case(n, n * 40_000.0, A if n % 2 else B) for n in range(10)],
        length_s=5 * DAY_S,
    )  # fmt: skip
    assert multiply(town, 1, seed=7).cases == town.cases
    more = multiply(town, 4, seed=7)
    assert more.cases == multiply(town, 4, seed=7).cases != multiply(town, 4, seed=8).cases
    assert len(more.cases) == len({one.id for one in more.cases}) == 40
    assert sum(one.place is A for one in more.cases) == 20
    assert set(town.cases) <= set(more.cases)
    hours = sorted(one.at_s % DAY_S for one in town.cases)
    for one in more.cases:
        assert 0.0 <= one.at_s < town.length_s
        gaps = [abs(one.at_s % DAY_S - hour) for hour in hours]
        assert min(min(gap, DAY_S - gap) for gap in gaps) <= 1800.0
    with pytest.raises(InvalidInput):
        multiply(town, 0, seed=7)


def test_suitable_roles_are_those_of_the_ladder_that_may_lead() -> None:
    assert suitable_roles("dispute", ()) == {"mediator", "justice_officer"}
    assert suitable_roles("police", ()) == {"police_officer"}
    assert suitable_roles("police", ("front_line",)) == {"police_officer", "grid_worker"}
    assert "gas_fitter" in suitable_roles("hazard", ("gas",)) - suitable_roles("hazard", ())


def _draw(seed: int) -> Town:
    """Return a town drawn at random."""
    rng = np.random.default_rng(seed)
    staff, spots, many = int(rng.integers(1, 6)), int(rng.integers(1, 5)), 25
    roles = rng.choice(["grid_worker", "community_worker", "cadre", "lawyer"], staff).tolist()
    begins, lasts = rng.uniform(0.0, 9e3, staff), rng.uniform(0.0, 3e4, staff)
    on = [((a, a + b),) for a, b in zip(begins.tolist(), lasts.tolist(), strict=True)]
    places = [
        place(n, *((row, int(rng.integers(1, 7))) for row in range(staff) if rng.random() < 0.7))
        for n in range(spots)
    ]
    from_post = rng.uniform(0.0, 2000.0, (spots, staff))
    from_post[rng.random(from_post.shape) < 0.1] = INF
    at = np.sort(rng.uniform(0.0, 20_000.0, many)).tolist()
    draw = [
        rng.uniform(low, high, many).tolist() for low, high in ((300, 2000), (0, 900), (0, 5e3))
    ]
    where = [places[n] for n in rng.integers(0, spots, many).tolist()]
    return Town(
        [case(*one) for one in zip(range(many), at, where, *draw, strict=True)],
        people(roles, rng.integers(0, 4, staff).tolist(), on),
        ways(from_post.tolist(), rng.uniform(0.0, 900.0, (spots, spots)).tolist()),
        length_s=20_000.0,
    )


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("seed", range(10))
def test_any_town_keeps_room_duty_and_one_journey_at_a_time(seed: int, policy: Policy) -> None:
    """Reckoned anew from the record alone."""
    town = _draw(seed)
    record, again = play(town, policy), play(town, policy)
    for name in ("person", "sent_s", "road_s", "arrived_s"):
        np.testing.assert_array_equal(getattr(record, name), getattr(again, name))
    for who in range(len(town.people)):
        own = np.flatnonzero(record.person == who).tolist()
        _check_duty_and_room(record, who, own)
        _check_journeys(record, sorted(own, key=lambda n: record.arrived_s[n]))
    for n in np.flatnonzero(record.person != NOBODY).tolist():
        assert 0.0 <= record.sent_s[n] - town.cases[n].at_s < PATIENCE_S
        assert town.people.leads[record.person[n]]


def _check_duty_and_room(record: Record, who: int, own: Sequence[int]) -> None:
    ((begins_s, ends_s),) = record.town.people.on[who]
    sent_s, cases = record.sent_s, record.town.cases
    done_s = {n: record.arrived_s[n] + max(cases[n].open_s, cases[n].stay_s) for n in own}
    for n in own:
        assert begins_s <= sent_s[n] < ends_s
        held = [m for m in own if sent_s[m] <= sent_s[n] < done_s[m]]
        assert len(held) <= record.town.people.capacity[who]


def _check_journeys(record: Record, in_turn: Sequence[int]) -> None:
    for before, after in pairwise(in_turn):
        set_out_s = record.arrived_s[after] - record.road_s[after]
        assert set_out_s >= record.arrived_s[before] + record.town.cases[before].stay_s - 1e-6
