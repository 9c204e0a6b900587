"""The roster in the database: the past is kept, the present follows, each turn is taken once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from dispatch import desk, roster_desk
from dispatch.actor import Actor
from dispatch.case.locate import Location
from dispatch.case.store import Case
from dispatch.people.store import get_person, set_duty
from dispatch.roster import store
from dispatch.roster.change import (
    Change,
    EndLeave,
    EndRecusal,
    PutLeave,
    PutShift,
    PutTerms,
    Recuse,
)
from dispatch.roster.entry import Leave, Shift
from dispatch.roster_desk import Saved
from dispatch.turn import sweep_roster, take_turns
from geodata.crs import Datum
from geodata.db.scope import scoped, unscoped
from geodata.errors import Conflict, Forbidden, InvalidInput
from tests.db import world as w
from tests.db.world import NOW, World, commander, dispatcher
from tests.small_town import grid_code, place

# NOW is Friday 20 November 2026, 10:00 local time.
DAYS = Shift((1, 2, 3, 4, 5), 8 * 60, 10 * 60, date(2026, 11, 20))
HOUR = timedelta(hours=1)


def save(world: World, person: int, version: int, change: Change, by: Actor | None = None) -> Saved:
    actor = by or commander()
    with scoped(world.app, actor.scope) as conn:
        return roster_desk.save(conn, world.office, actor, person, version, change)


def duty(world: World, person: int) -> str:
    with unscoped(world.system) as conn:
        return get_person(conn, person).duty


def told(world: World, person: int, kind: str) -> list[dict[str, object]]:
    with unscoped(world.system) as conn:
        rows = conn.execute(
            "SELECT payload FROM geodata.events_pending WHERE person_id = %s AND kind = %s"
            " ORDER BY id",
            (person, kind),
        ).fetchall()
    return [row["payload"] for row in rows]


def report(world: World, kind: str = "H01") -> Case:
    boss = commander()
    wanted = desk.Report(kind, "x", Location(*place(0.5, 0.5), Datum.WGS84))
    with scoped(world.app, boss.scope) as conn:
        return desk.report_case(conn, world.office, boss, wanted)


def test_entries_come_and_go_with_a_version_and_stay_to_be_told(world: World) -> None:
    first = save(world, w.WORKER, 1, PutShift(DAYS)).row.plan
    assert first.version == 2
    new = Shift((1, 2), 9 * 60, 60, date(2026, 11, 23))
    second = save(world, w.WORKER, 2, PutShift(new, replaces=first.shifts[0].id)).row.plan
    assert [(one.starts_min, one.until_day) for one in second.shifts] == [
        (480, date(2026, 11, 22)),
        (540, None),
    ]
    with unscoped(world.system) as conn:
        rows = conn.execute(
            "SELECT starts_min, made_in, removed_in FROM dispatch.shifts ORDER BY id"
        ).fetchall()
    assert [tuple(row.values()) for row in rows] == [(480, 2, 3), (480, 3, None), (540, 3, None)]
    with unscoped(world.system) as conn:
        log = store.read_changes(conn, w.WORKER)
    assert [(one.version, one.kind, one.changed_by) for one in log] == [
        (3, "shift", "u:1"),
        (2, "shift", "u:1"),
    ]


def test_a_stale_version_is_refused_and_names_who_changed_it(world: World) -> None:
    save(world, w.WORKER, 1, PutShift(DAYS))
    with pytest.raises(Conflict) as refused:
        save(world, w.WORKER, 1, PutLeave(Leave(NOW + HOUR, NOW + 9 * HOUR)), dispatcher())
    assert refused.value.winner == {"version": 2, "by": "u:1"}


def test_two_who_save_at_once_do_not_both_win(world: World) -> None:
    def leave(hour: int) -> bool:
        change = PutLeave(Leave(NOW + hour * HOUR, NOW + (hour + 1) * HOUR))
        try:
            save(world, w.WORKER, 1, change)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(leave, range(1, 9)))
    assert won.count(True) == 1
    with unscoped(world.system) as conn:
        assert len(store.read_plan(conn, w.WORKER, NOW).leaves) == 1


def test_the_sweeper_switches_at_each_turn_once_and_the_own_switch_holds_until_then(
    world: World,
) -> None:
    save(world, w.WORKER, 1, PutShift(DAYS))
    save(world, w.WORKER, 2, PutLeave(Leave(NOW + HOUR, NOW + 3 * HOUR)))
    assert sweep_roster(world.system, world.office) == 0
    world.clock.at = NOW + HOUR
    with ThreadPoolExecutor(4) as pool:
        took = list(pool.map(lambda _: sweep_roster(world.system, world.office), range(4)))
    assert sum(took) == 1
    assert duty(world, w.WORKER) == "on_leave"
    with scoped(world.app, commander().scope) as conn:  # back early, by the switch
        person = get_person(conn, w.WORKER)
        set_duty(conn, world.clock, commander(), w.WORKER, "on_duty", person.version)
    world.clock.at = NOW + 2 * HOUR
    assert sweep_roster(world.system, world.office) == 0
    assert duty(world, w.WORKER) == "on_duty"
    world.clock.at = NOW + 8 * HOUR  # 18:00; the end of the leave went by meanwhile
    assert sweep_roster(world.system, world.office) == 1
    assert duty(world, w.WORKER) == "off_duty"
    assert [one["duty"] for one in told(world, w.WORKER, "person.duty_changed")] == [
        "on_leave",
        "on_duty",
        "off_duty",
    ]
    with unscoped(world.system) as conn:
        row = conn.execute("SELECT turn_at FROM dispatch.rosters").fetchone()
    # Monday, 08:00 local time.
    assert row is not None
    assert row["turn_at"] == NOW + timedelta(days=2, hours=22)


class Killed(Exception):
    """The process ends before it commits."""


def die_sweeping(world: World) -> None:
    with unscoped(world.system) as conn:
        assert take_turns(conn, world.clock.at) == 1
        raise Killed


def test_a_sweeper_that_dies_leaves_the_turn_to_another(world: World) -> None:
    save(world, w.WORKER, 1, PutLeave(Leave(NOW + HOUR, None)))
    world.clock.at = NOW + HOUR
    with pytest.raises(Killed):
        die_sweeping(world)
    assert duty(world, w.WORKER) == "on_duty"
    with unscoped(world.system) as busy:
        assert take_turns(busy, world.clock.at) == 1
        assert sweep_roster(world.system, world.office) == 0, "somebody else works on it"
    assert sweep_roster(world.system, world.office) == 0
    assert len(told(world, w.WORKER, "person.duty_changed")) == 1


def test_leave_from_now_counts_at_once_and_can_be_taken_back(world: World) -> None:
    saved = save(world, w.WORKER, 1, PutLeave(Leave(NOW, NOW + HOUR, "sick", "牙痛")))
    assert saved.consequence.duty == ("on_duty", "on_leave")
    assert duty(world, w.WORKER) == "on_leave"
    events = told(world, w.WORKER, "person.roster_changed")
    assert events == [{"change": "leave", "version": 2, "from": NOW.isoformat()}]
    with scoped(world.app, commander().scope) as conn:
        back = roster_desk.undo(conn, world.office, commander(), w.WORKER, 2)
    assert (back.row.plan.version, back.row.plan.leaves) == (3, ())
    assert duty(world, w.WORKER) == "on_duty"
    with scoped(world.app, commander().scope) as conn, pytest.raises(Conflict):
        roster_desk.undo(conn, world.office, commander(), w.WORKER, 3)


def test_what_was_taken_out_comes_back_with_an_undo(world: World) -> None:
    plan = save(world, w.WORKER, 1, PutLeave(Leave(NOW + HOUR, None, "training"))).row.plan
    save(world, w.WORKER, 2, EndLeave(plan.leaves[0].id or 0))
    with scoped(world.app, commander().scope) as conn:
        back = roster_desk.undo(conn, world.office, commander(), w.WORKER, 3).row.plan
    assert [(one.from_at, one.kind) for one in back.leaves] == [(NOW + HOUR, "training")]


def test_terms_begin_at_their_time_and_the_old_ones_stay(world: World) -> None:
    new_area = grid_code(1, 0)
    change = PutTerms(NOW + HOUR, capacity=1, area_codes=(w.GRID, new_area))
    plan = save(world, w.WORKER, 1, change).row.plan
    assert [(one.from_at, one.capacity) for one in plan.terms] == [(None, 3), (NOW + HOUR, 1)]
    with unscoped(world.system) as conn:
        assert get_person(conn, w.WORKER).capacity == 3
    world.clock.at = NOW + HOUR
    assert sweep_roster(world.system, world.office) == 1
    with unscoped(world.system) as conn:
        person = get_person(conn, w.WORKER)
        answers = conn.execute(
            "SELECT area_code FROM dispatch.responsibilities WHERE person_id = %s AND valid @> %s"
            " ORDER BY 1",
            (w.WORKER, world.clock.at),
        ).fetchall()
    assert (person.capacity, person.area_codes) == (1, sorted([w.GRID, new_area]))
    assert [row["area_code"] for row in answers] == sorted([w.GRID, new_area])
    events = told(world, w.WORKER, "person.terms_changed")
    assert [one["capacity"] for one in events] == [1]
    # Given up again: the candidates of the second grid are as they were, the record stays.
    save(world, w.WORKER, 2, PutTerms(area_codes=(w.GRID,)))
    with unscoped(world.system) as conn:
        assert get_person(conn, w.WORKER).area_codes == [w.GRID]
        kept = conn.execute(
            "SELECT count(*) AS n FROM dispatch.responsibilities WHERE person_id = %s",
            (w.WORKER,),
        ).fetchone()
    assert kept is not None
    assert kept["n"] == 2


def test_an_officer_keeps_the_buildings_whatever_the_terms(world: World) -> None:
    save(world, w.OFFICER, 1, PutTerms(capacity=1))
    with unscoped(world.system) as conn:
        person = get_person(conn, w.OFFICER)
    assert (person.capacity, person.area_codes) == (1, [w.GRID])


def test_a_preview_names_the_open_case_and_the_grid_and_writes_nothing(world: World) -> None:
    case, boss = report(world, "D0201"), commander()
    with scoped(world.app, boss.scope) as conn:
        desk.assign(
            conn, world.office, boss, world.roads, case.id, w.MEDIATOR, case.version, "lead"
        )
        change = PutLeave(Leave(NOW + HOUR, NOW + 3 * HOUR))
        found = roster_desk.preview(conn, world.office, boss, w.MEDIATOR, change)
    assert [(one.task.number, one.why) for one in found.cases] == [(case.number, "absent")]
    assert [(gap.area_code, gap.role, gap.spans) for gap in found.gaps] == [
        (w.COMMUNITY, "mediator", ((NOW + HOUR, NOW + 3 * HOUR),))
    ]
    with unscoped(world.system) as conn:
        assert conn.execute("SELECT count(*) AS n FROM dispatch.rosters").fetchone() == {"n": 0}


def test_a_recusal_of_the_roster_is_one_for_every_dispatch_and_is_kept_when_it_ends(
    world: World,
) -> None:
    case = report(world)
    save(world, w.WORKER, 1, Recuse(case.id, "relative", "表兄弟"))
    boss = commander()
    with scoped(world.app, boss.scope) as conn, pytest.raises(Conflict, match="stands aside"):
        desk.assign(conn, world.office, boss, world.roads, case.id, w.WORKER, case.version)
    save(world, w.WORKER, 2, EndRecusal(case.id))
    with scoped(world.app, boss.scope) as conn:
        assert store.read_recusals(conn, w.WORKER) == []
        past = conn.execute("SELECT kind, reason FROM dispatch.past_recusals").fetchall()
        assert past == [{"kind": "relative", "reason": "表兄弟"}]
        back = roster_desk.undo(conn, world.office, boss, w.WORKER, 3)
        assert back.row.plan.version == 4
        assert [one.kind for one in store.read_recusals(conn, w.WORKER)] == ["relative"]


def test_rosters_are_changed_and_seen_in_ones_area_only(world: World) -> None:
    leave = PutLeave(Leave(NOW + HOUR, None))
    other = dispatcher(w.STREET_2, 3)
    save(world, w.WORKER, 1, leave)
    with scoped(world.app, other.scope) as conn:
        assert store.read_plans(conn, [w.WORKER], NOW) == {}
        for table in ("leaves", "rosters", "roster_changes"):
            assert conn.execute(f"SELECT 1 FROM dispatch.{table}").fetchall() == []  # noqa: S608
    # The judge of three communities is seen from the second street, and changed from the first.
    with pytest.raises(Forbidden):
        save(world, w.JUDGE, 1, leave, other)
    save(world, w.JUDGE, 1, leave, dispatcher())
    with pytest.raises(Forbidden):
        save(world, w.JUDGE, 2, PutTerms(area_codes=(w.COMMUNITY,)), dispatcher())
    fewer = PutTerms(capacity=4, area_codes=(w.COMMUNITY, "210211002001"))
    assert save(world, w.JUDGE, 2, fewer, dispatcher()).row.person.area_codes == [
        w.COMMUNITY,
        "210211002001",
    ]
    with pytest.raises(Forbidden):
        save(world, w.WORKER, 2, leave, w.staff(w.WORKER, w.GRID))
    with pytest.raises(InvalidInput):
        save(world, w.WORKER, 2, PutTerms(area_codes=("210211001001099",)))
