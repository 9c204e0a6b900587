"""The whole queue: what is proposed, what becomes of lines, and types that go by themselves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import permutations
from threading import Barrier

import pytest

from dispatch import desk
from dispatch.actor import Actor
from dispatch.assign.candidate import read_candidates
from dispatch.assign.card import Card, Match, Need, Part
from dispatch.assign.ladder import Responder
from dispatch.case.locate import Location
from dispatch.case.store import Case
from dispatch.case.wish import Wish
from dispatch.people.store import get_person, set_duty
from dispatch.queue import store as queue_store
from dispatch.queue.acceptance import HOLDS, accept
from dispatch.queue.mode import Mode, set_mode
from dispatch.queue.plan import Waiting
from dispatch.queue.proposal import MOST, new_memory, plan_queue, propose, time_options
from dispatch.queue.store import ShownLine, read_options, read_waiting
from dispatch.queue.sweep import AGAIN, KEPT, UNTOUCHED_KEPT, QueueSweep
from dispatch.run_card import add_card
from geodata.crs import Datum
from geodata.db.scope import Row, Scope, scoped, unscoped
from geodata.errors import Forbidden, InvalidInput, NotFound
from tests.db import world as w
from tests.small_town import place

BOSS = w.commander()
ADMIN = Actor("u:9", "administrator", Scope(("210211",), ("u:9",)))
NEAR, FAR = (0.5, 0.0), (1.5, 0.0)


def take_in(world: w.World, at: tuple[float, float] = NEAR, type_code: str = "H05") -> Case:
    report = desk.Report(type_code, "x", Location(*place(*at), Datum.WGS84))
    with scoped(world.app, BOSS.scope) as conn:
        return desk.report_case(conn, world.office, BOSS, report)


def solve(world: w.World, actor: Actor = BOSS) -> int:
    with scoped(world.app, actor.scope) as conn:
        return propose(conn, world.office, actor, world.roads, new_memory())


def lines(world: w.World, proposal: int, actor: Actor = BOSS) -> dict[int, ShownLine]:
    with scoped(world.app, actor.scope) as conn:
        return {line.case_id: line for line in queue_store.read_lines(conn, proposal)}


def take(
    world: w.World, proposal: int, cases: list[int] | None = None, actor: Actor = BOSS
) -> dict[int, ShownLine]:
    begin = partial(scoped, world.app, actor.scope)
    made = accept(begin, world.office, actor, world.roads, proposal, cases)
    return {line.case_id: line for line in made}


def ask(world: w.World, statement: str) -> list[Row]:
    with unscoped(world.system) as conn:
        return conn.execute(statement.encode()).fetchall()


def assign(world: w.World, case: Case, person_id: int) -> None:
    with scoped(world.app, BOSS.scope) as conn:
        desk.assign(conn, world.office, BOSS, world.roads, case.id, person_id, case.version)


def off_duty(world: w.World, person_id: int) -> None:
    with scoped(world.app, BOSS.scope) as conn:
        version = get_person(conn, person_id).version
        set_duty(conn, world.clock, BOSS, person_id, "off_duty", version)


def set_type(world: w.World, mode: Mode | None, type_code: str = "H05") -> None:
    with scoped(world.app, ADMIN.scope) as conn:
        set_mode(conn, world.clock, ADMIN, None, type_code, mode)


def test_everybody_who_may_lead_is_timed_as_by_the_ladder(world: w.World):
    """Two of each kind, so that the upper rungs are read once for both; one stands aside there."""
    kinds = ["H05", "H01", "D0201", "S03", "P04"]
    places = [(kind, (0.4 + 0.35 * n, 0.3 + 0.25 * n)) for n, kind in enumerate(kinds * 2)]
    cases = [take_in(world, at, kind) for kind, at in places]
    with scoped(world.app, BOSS.scope) as conn:
        people = read_candidates(conn, world.roads, cases[0].id, world.clock.now())[1]
        upper = next(r.person_id for r in people if r.rung >= 5 and r.may_lead)
        desk.recuse(conn, world.office, BOSS, cases[0].id, upper, "亲属")
    with scoped(world.app, BOSS.scope) as conn:
        waiting, count = read_waiting(conn, BOSS.scope.areas, MOST)
        rows = read_options(conn, [case.id for case in waiting], world.clock.now())
        found = time_options(world.roads, new_memory(), waiting, rows)
        assert count == len(cases)
        for case in cases:
            _, people = read_candidates(conn, world.roads, case.id, world.clock.now())
            leads = {r.person_id: told(r) for r in people if r.may_lead and r.in_scope}
            assert {r.person_id: told(r) for r in found.get(case.id, ())} == leads, case.type_code


def told(r: Responder) -> tuple[object, ...]:
    """Return what does not hang on who asks."""
    return (r.role, r.rung, r.area_code, r.shared_m, r.load, r.capacity, r.travel_s)


def test_together_somebody_steps_back_whom_one_by_one_would_have_sent_first(world: w.World):
    """One place with the grid's worker, who can be spared for the case next door and not for this.

    First in turn is a case of the grid; its neighbour's worker stands close to it. The second, of
    the same grid, lies a walk away from everybody else.
    """
    keep = f"({w.WORKER}, {w.NEXT_DOOR})"
    ask(world, f"UPDATE dispatch.people SET duty = 'off_duty' WHERE id NOT IN {keep} RETURNING id")  # noqa: S608
    ask(world, f"UPDATE dispatch.people SET capacity = 1 WHERE id IN {keep} RETURNING id")  # noqa: S608
    first = take_in(world, (0.99, 0.0), "S01")
    world.clock.at += timedelta(minutes=1)
    second = take_in(world, (0.01, 1.0), "S01")
    with scoped(world.app, BOSS.scope) as conn:
        plan, queue = plan_queue(
            conn, world.roads, new_memory(), BOSS.scope.areas, world.clock.now()
        )
    assert [case.id for case in queue.cases] == [first.id, second.id]
    assert plan.people == 2
    assert sorted(line.person_id for line in plan.lines) == [w.WORKER, w.NEXT_DOOR]
    assert plan.together.cost <= plan.one_by_one.cost
    assert plan.together.left == plan.one_by_one.left == 0
    best = min(both_ways(world, queue.cases), key=lambda one: one[0])
    assert (plan.together.cost, [line.person_id for line in plan.lines]) == (
        pytest.approx(best[0]), best[1],
    )  # fmt: skip
    shown = lines(world, solve(world))
    for line in plan.lines:
        assert (shown[line.case_id].person_id, shown[line.case_id].cost) == (
            line.person_id, line.cost,
        )  # fmt: skip


def both_ways(world: w.World, cases: list[Waiting]) -> list[tuple[float, list[int]]]:
    """Return what either of two people to either of two cases costs, by the formula."""
    answers = []
    for people in permutations([w.WORKER, w.NEXT_DOOR]):
        cost = 0.0
        for case, person in zip(cases, people, strict=True):
            with scoped(world.app, BOSS.scope) as conn:
                found = read_candidates(conn, world.roads, case.id, world.clock.now())[1]
            r = next(one for one in found if one.person_id == person)
            waited = (world.clock.now() - case.reported_at).total_seconds()
            urgency = 1.0 + 0.25 * waited / case.arrival_limit_s
            late = 8.0 if r.travel_s > case.arrival_limit_s else 0.0
            travel = r.travel_s / case.arrival_limit_s
            cost += urgency * (travel + 1.5 * (r.rung - 1) + late)
        answers.append((cost, list(people)))
    return answers


def test_a_proposal_takes_nobodys_place_and_is_accepted_in_part(world: w.World):
    one, other = take_in(world), take_in(world, FAR)
    proposal = solve(world)
    assert not ask(world, "SELECT id FROM dispatch.assignments")
    done = take(world, proposal, [one.id])
    assert done[one.id].state == "accepted"
    assert done[one.id].case_state == "assigned"
    made = ask(
        world, "SELECT id, case_id, person_id, assigned_by, reasons FROM dispatch.assignments"
    )
    assert [(row["id"], row["case_id"], row["person_id"]) for row in made] == [
        (done[one.id].assignment_id, one.id, done[one.id].person_id)
    ]
    assert made[0]["assigned_by"] == BOSS.subject
    assert made[0]["reasons"][0]["code"] == "own_grid"
    assert lines(world, proposal)[other.id].state == "open"
    again = take(world, proposal, [one.id])
    assert again == done, "asked again it is answered as it stands"
    rest = take(world, proposal)
    assert {case: line.state for case, line in rest.items()} == {other.id: "accepted"}
    assert len(ask(world, "SELECT id FROM dispatch.assignments WHERE live")) == 2


def test_a_line_that_no_longer_holds_is_refused_with_its_reason(world: w.World):
    places = [(0.5, 0.0), (0.5, 0.2), (0.5, 0.4), (0.5, 0.6), (0.5, 0.8)]
    taken, moved, duty, room, stands_aside = [take_in(world, at) for at in places]
    proposal = solve(world)
    proposed = {case: line.person_id for case, line in lines(world, proposal).items()}
    assert None not in proposed.values()
    assign(world, taken, w.STAFF)
    with scoped(world.app, BOSS.scope) as conn:
        desk.act(conn, world.office, BOSS, moved.id, Wish("void", moved.version, reason="误报"))
        desk.recuse(conn, world.office, BOSS, stands_aside.id, proposed[stands_aside.id], "亲属")
    done = take(world, proposal, [taken.id, moved.id, stands_aside.id])
    assert {case: (line.state, line.why) for case, line in done.items()} == {
        taken.id: ("stale", "taken_by"),
        moved.id: ("stale", "case_moved"),
        stands_aside.id: ("stale", "recused"),
    }
    assert done[taken.id].why_facts["person_id"] == w.STAFF
    assert done[taken.id].why_facts["name"] == f"人员{w.STAFF}"
    off_duty(world, proposed[duty.id])
    assert take(world, proposal, [duty.id])[duty.id].why == "off_duty"
    with scoped(world.app, BOSS.scope) as conn:
        person = proposed[room.id]
        version = get_person(conn, person).version
        if person == proposed[duty.id]:
            set_duty(conn, world.clock, BOSS, person, "on_duty", version)
    ask(world, f"UPDATE dispatch.people SET capacity = 0 WHERE id = {person} RETURNING id")  # noqa: S608
    assert take(world, proposal, [room.id])[room.id].why == "no_room"
    assert len(ask(world, "SELECT id FROM dispatch.assignments")) == 1


def test_whoever_no_longer_answers_for_the_place_is_not_sent_by_the_back_door(world: w.World):
    case = take_in(world)
    proposal = solve(world)
    person = lines(world, proposal)[case.id].person_id
    ended = "UPDATE dispatch.responsibilities SET valid = '(,2026-01-01)' WHERE person_id ="
    ask(world, f"{ended} {person} RETURNING id")
    assert take(world, proposal)[case.id].why == "not_answering"
    assert not ask(world, "SELECT id FROM dispatch.assignments")


def test_after_ten_minutes_it_has_expired(world: w.World):
    case = take_in(world)
    proposal = solve(world)
    world.clock.at += HOLDS + timedelta(seconds=1)
    assert take(world, proposal)[case.id].why == "expired"
    assert not ask(world, "SELECT id FROM dispatch.assignments")


def test_who_may_not_dispatch_is_refused(world: w.World):
    case = take_in(world)
    proposal = solve(world)
    planner = Actor("u:7", "planner", BOSS.scope)
    line = take(world, proposal, None, planner)[case.id]
    assert (line.state, line.why) == ("refused", "not_allowed")


def test_a_case_with_nobody_is_left_and_says_why(world: w.World):
    ask(world, "UPDATE dispatch.people SET duty = 'off_duty' RETURNING id")
    case = take_in(world)
    proposal = solve(world)
    line = lines(world, proposal)[case.id]
    assert (line.state, line.left_why) == ("left", "nobody")
    assert take(world, proposal) == {}
    with pytest.raises(InvalidInput):
        take(world, proposal, [case.id])


def test_a_case_whose_card_names_who_leads_is_left_to_the_card(world: w.World):
    named, other = take_in(world), take_in(world, type_code="D0402")
    card = Card("卡", "card", Match(type_code="H05"), (Need(Part.LEAD, "urban_officer"),))
    with scoped(world.app, ADMIN.scope) as conn:
        add_card(conn, world.clock, ADMIN, card)
    shown = lines(world, solve(world))
    assert (shown[named.id].state, shown[named.id].left_why) == ("left", "by_card")
    assert shown[other.id].person_id is not None


def test_a_proposal_is_of_the_areas_of_who_asked_and_seen_by_nobody_of_less(world: w.World):
    here, there = take_in(world), take_in(world, (5.5, 0.5))
    street = w.dispatcher()
    proposal = solve(world, street)
    assert set(lines(world, proposal, street)) == {here.id}
    whole = solve(world)
    assert set(lines(world, whole)) == {here.id, there.id}
    assert lines(world, whole, street) == {}
    with pytest.raises(NotFound):
        take(world, whole, None, street)


def test_a_case_on_its_ladder_and_a_type_that_is_off_are_not_asked(world: w.World):
    on_ladder, off, other = take_in(world), take_in(world, FAR, "H04"), take_in(world, FAR)
    with scoped(world.app, BOSS.scope) as conn:
        desk.act(conn, world.office, BOSS, on_ladder.id, Wish("offer", on_ladder.version))
    set_type(world, Mode.OFF, off.type_code)
    assert set(lines(world, solve(world))) == {other.id}


def test_automatic_types_are_sent_once_and_others_wait(world: w.World):
    set_type(world, Mode.AUTOMATIC)
    automatic, advised = [take_in(world), take_in(world, FAR)], take_in(world, FAR, "H04")
    sweepers = [QueueSweep(), QueueSweep()]
    told = [one.sweep(world.system, world.office, lambda: world.roads).told for one in sweepers]
    assert told == [2, 0]
    made = ask(world, "SELECT case_id, assigned_by FROM dispatch.assignments ORDER BY case_id")
    assert made == [{"case_id": case.id, "assigned_by": "system:sweeper"} for case in automatic]
    assert ask(world, f"SELECT state FROM dispatch.cases WHERE id = {advised.id}") == [  # noqa: S608
        {"state": "pending"}
    ]
    kinds = ask(world, "SELECT kind FROM geodata.events_pending WHERE kind LIKE 'queue.%'")
    assert [row["kind"] for row in kinds] == ["queue.mode_changed"]


def test_of_four_sweepers_at_once_each_case_is_sent_by_one(world: w.World):
    set_type(world, Mode.AUTOMATIC)
    cases = [take_in(world, (0.3 + n % 3, 0.3)) for n in range(12)]
    start = Barrier(4)

    def sweep(_: int) -> int:
        start.wait()
        return QueueSweep().sweep(world.system, world.office, lambda: world.roads).told

    with ThreadPoolExecutor(4) as pool:
        told = sum(pool.map(sweep, range(4)))
    sent = ask(world, "SELECT case_id FROM dispatch.assignments ORDER BY case_id")
    assert len({row["case_id"] for row in sent}) == len(sent) == told
    assert 0 < told <= len(cases)
    above = ask(
        world,
        "SELECT p.id FROM dispatch.people p JOIN dispatch.assignments a ON a.person_id = p.id"
        " WHERE a.live GROUP BY p.id, p.capacity HAVING count(*) > p.capacity",
    )
    assert not above


class Killed(Exception):
    """A process that dies between two lines."""


def test_whoever_dies_between_two_lines_leaves_each_done_or_not(world: w.World):
    cases = [take_in(world), take_in(world, FAR), take_in(world, (2.5, 0.0))]
    proposal = solve(world)
    lent = []

    @contextmanager
    def begin():
        lent.append(1)
        with scoped(world.app, BOSS.scope) as conn:
            yield conn
            if len(lent) == 3:  # the head is read, the first line is done, the second is written
                raise Killed

    with pytest.raises(Killed):
        accept(begin, world.office, BOSS, world.roads, proposal)
    states = [line.state for line in lines(world, proposal).values()]
    assert states == ["accepted", "open", "open"]
    assert len(ask(world, "SELECT id FROM dispatch.assignments")) == 1
    again = take(world, proposal, [case.id for case in cases])
    assert [line.state for line in again.values()] == ["accepted"] * 3
    assert len(ask(world, "SELECT id FROM dispatch.assignments")) == 3


def test_a_queue_is_solved_again_only_when_something_changed(world: w.World):
    set_type(world, Mode.AUTOMATIC)
    ask(world, "UPDATE dispatch.people SET duty = 'off_duty' RETURNING id")
    take_in(world)
    asked = []

    def roads():
        asked.append(world.clock.now())
        return world.roads

    sweeper = QueueSweep()
    for _ in range(3):
        sweeper.sweep(world.system, world.office, roads)
    assert len(asked) == 1
    world.clock.at += AGAIN
    sweeper.sweep(world.system, world.office, roads)
    assert len(asked) == 2, "people may have moved"
    with scoped(world.app, BOSS.scope) as conn:
        set_duty(conn, world.clock, BOSS, w.WORKER, "on_duty", get_person(conn, w.WORKER).version)
    assert sweeper.sweep(world.system, world.office, roads).told == 1


def test_old_proposals_are_taken_away_and_assignments_stay(world: w.World):
    """One that somebody decided of is kept for long, one that nobody did for an hour."""
    take_in(world)
    decided, untouched = solve(world), solve(world)
    take(world, decided)
    sweeper = QueueSweep()

    def left() -> list[int]:
        sweeper.sweep(world.system, world.office, lambda: world.roads)
        return [row["id"] for row in ask(world, "SELECT id FROM dispatch.proposals ORDER BY id")]

    assert left() == [decided, untouched]
    world.clock.at += UNTOUCHED_KEPT + timedelta(seconds=1)
    assert left() == [decided]
    world.clock.at += KEPT
    fresh = solve(world)
    assert left() == [fresh]
    assert not ask(world, "SELECT case_id FROM dispatch.proposal_lines")
    assert len(ask(world, "SELECT id FROM dispatch.assignments WHERE live")) == 1


def test_modes_are_the_districts_and_the_most_special_one_holds(world: w.World):
    with scoped(world.app, ADMIN.scope) as conn:
        set_mode(conn, world.clock, ADMIN, "hazard", None, Mode.OFF)
    set_type(world, Mode.ADVISE, "H05")
    set_type(world, Mode.AUTOMATIC, "H05")
    hazard, special = take_in(world, NEAR, "H04"), take_in(world)
    assert set(lines(world, solve(world))) == {special.id}
    set_type(world, None, "H05")
    assert lines(world, solve(world)) == {}
    for who in (w.dispatcher(), Actor("u:8", "commander", w.dispatcher().scope)):
        with scoped(world.app, who.scope) as conn, pytest.raises(Forbidden):
            set_mode(conn, world.clock, who, None, hazard.type_code, Mode.OFF)
    with scoped(world.app, BOSS.scope) as conn:
        set_mode(conn, world.clock, BOSS, None, hazard.type_code, Mode.OFF)
    with scoped(world.app, ADMIN.scope) as conn, pytest.raises(InvalidInput):
        set_mode(conn, world.clock, ADMIN, "hazard", "H05", Mode.OFF)
