"""The desk on a real database: recommendation by hand-worked numbers, and every step of a case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from psycopg.rows import dict_row

from dispatch import desk
from dispatch.actor import Actor, system_actor
from dispatch.assign.reason import sentence
from dispatch.case.filter import Filter
from dispatch.case.locate import Location
from dispatch.case.store import Case
from dispatch.desk import Report
from geodata.crs import Datum
from geodata.db.scope import Conn, scoped, unscoped
from geodata.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.db import world as w
from tests.db.world import World, commander, dispatcher, staff
from tests.small_town import grid_code, place


@contextmanager
def acting(world: World, actor: Actor) -> Iterator[Conn]:
    with scoped(world.app, actor.scope) as conn:
        yield conn


def report_of(
    at: tuple[float, float] = w.IN_BUILDING, type_code: str = "H01", **more: object
) -> Report:
    return Report(type_code, "井盖缺失", Location(*place(*at), Datum.WGS84), **more)


def take_in(world: World, actor: Actor, report: Report | None = None) -> Case:
    with acting(world, actor) as conn:
        return desk.report_case(conn, world.office, actor, report or report_of(), world.roads)


def recommended(world: World, actor: Actor, case: Case) -> list[desk.Candidate]:
    with acting(world, actor) as conn:
        return desk.recommend(conn, world.roads, case.id, world.clock.now())


def assign(world: World, actor: Actor, case: Case, person: int, role: str = "lead") -> Case:
    with acting(world, actor) as conn:
        done = desk.assign(
            conn, world.office, actor, world.roads, case.id, person, case.version, role
        )
        return done.case


def codes(candidate: desk.Candidate) -> list[str]:
    return [reason.code for reason in candidate.reasons]


def events(world: World) -> list[dict[str, object]]:
    with unscoped(world.system) as conn:
        return conn.execute(
            "SELECT kind, case_id, person_id, area_code, actor, payload"
            " FROM geodata.events_pending ORDER BY id"
        ).fetchall()


def test_a_report_is_located_and_numbered(world: World):
    case = take_in(world, commander())
    assert (case.grid_code, case.state, case.version, case.building_id) == (w.GRID, "pending", 1, 1)
    assert case.number == f"210211-20261120-{case.id:06d}"
    assert case.edge_m == pytest.approx(68.0, abs=0.01)
    assert [e["kind"] for e in events(world)] == ["case.reported"]


def test_the_ladder_by_hand(world: World):
    """From the building up: each rung's minutes counted along blocks of 96 s (walker 307.7 s)."""
    case = take_in(world, commander())
    found = recommended(world, commander(), case)
    assert [(c.person_id, c.rung, c.travel_s) for c in found] == [
        (w.OFFICER, "building", 369.2),
        (w.WORKER, "grid", 172.8),
        (w.NEXT_DOOR, "neighbour", 172.8),
        (w.UPSTAIRS, "neighbour", 211.2),
        (w.STAFF, "community", 268.8),
        (w.URBAN, "street", 556.8),
    ]
    assert found[0].distance_m == pytest.approx(480.0, abs=0.1)
    assert codes(found[0]) == ["own_building", "meets_limit", "load"]
    assert codes(found[2])[0] == "neighbouring_grid"
    assert [c.rank for c in found] == [1, 2, 3, 4, 5, 6]


def test_a_rung_that_is_too_late_is_skipped_and_said_so(world: World):
    """Smoke: limit 300 s; the officer walks 369 s, so the grid's worker is asked first."""
    case = take_in(world, commander(), report_of(type_code="H12"))
    found = recommended(world, commander(), case)
    assert [c.person_id for c in found] == [w.WORKER, w.NEXT_DOOR, w.UPSTAIRS, w.STAFF, w.OFFICER]
    assert codes(found[-1]) == ["own_building", "late", "rung_skipped", "load"]
    late = found[-1].reasons[1]
    assert late.params == {"travel_s": 369.2, "late_s": 69.2}
    assert sentence(late.code, late.params, "en") == "there in 7 min, 2 min over the limit"


def test_a_dispute_offers_mediator_lawyer_and_judge(world: World):
    case = take_in(world, commander(), report_of(type_code="D0201"))
    found = recommended(world, commander(), case)
    assert [(c.person_id, c.rung, c.travel_s, c.assignment_role) for c in found] == [
        (w.MEDIATOR, "community", 364.8, "lead"),
        (w.LAWYER, "community", None, "lawyer"),
        (w.JUDGE, "community", None, "judge"),
        (w.OTHER_MEDIATOR, "street", 460.8, "lead"),
    ]
    assert codes(found[1])[:2] == ["resident_of_community", "not_travelling"]
    assert codes(found[3])[0] == "part_of_street"


def test_trades_are_offered_by_skill(world: World):
    case = take_in(world, commander(), report_of(type_code="H02"))
    roles = [c.role for c in recommended(world, commander(), case)]
    assert roles[-1] == "gas_fitter"
    assert "urban_officer" not in roles


def test_the_police_go_first_where_violence_may_follow(world: World):
    case = take_in(world, commander(), report_of(type_code="P02"))
    found = recommended(world, commander(), case)
    assert [(c.person_id, c.rung) for c in found] == [
        (w.POLICE, "street"),
        (w.OTHER_POLICE, "district"),
    ]


def test_beyond_the_scope_only_role_minutes_and_reason(world: World):
    """A street's dispatcher sees that help is near across the border, but not whose it is."""
    actor = dispatcher(w.STREET_1)
    case = take_in(world, actor, report_of((3.6, 0.17), "H01"))
    found = recommended(world, actor, case)
    own, across = found[0], found[1]
    assert own.person_id == w.BORDER
    assert (across.role, across.person_id, across.name, across.distance_m) == (
        "grid_worker", None, None, None,
    )  # fmt: skip
    assert across.travel_s is not None
    assert (across.lon, across.edge_id, across.load, across.area_code) == (None,) * 4
    assert codes(across)[-1] == "beyond_scope"
    with pytest.raises(NotFound):
        assign(world, actor, case, w.ACROSS)
    assert assign(world, commander(), case, w.ACROSS).lead is not None


def test_the_desk_may_choose_beside_the_list(world: World):
    case = assign(world, commander(), take_in(world, commander()), w.FAR_WORKER)
    with acting(world, commander()) as conn:
        (made,) = desk.get_case(conn, case.id).assignments
    assert (made.rung, made.rank, made.travel_s) == ("choice", 0, 364.8)
    assert [reason["code"] for reason in made.reasons] == ["chosen_by_desk", "meets_limit", "load"]


def test_off_duty_full_and_recused_people_are_not_offered(world: World):
    case = take_in(world, commander())
    with unscoped(world.system) as conn:
        conn.execute("UPDATE dispatch.people SET duty = 'off_duty' WHERE id = %s", (w.OFFICER,))
        conn.execute("UPDATE dispatch.people SET capacity = 0 WHERE id = %s", (w.WORKER,))
    with acting(world, commander()) as conn:
        desk.recuse(conn, world.office, commander(), case.id, w.NEXT_DOOR, "亲属")
    assert recommended(world, commander(), case)[0].person_id == w.UPSTAIRS
    for person, reason in ((w.OFFICER, "duty"), (w.NEXT_DOOR, "recused")):
        with pytest.raises(Conflict) as caught:
            assign(world, commander(), case, person)
        assert caught.value.winner == {"person_id": person, "reason": reason}
    with pytest.raises(Conflict, match="no room"):
        assign(world, commander(), case, w.WORKER)


def test_responsibility_counts_at_its_time(world: World):
    case = take_in(world, commander())
    with unscoped(world.system) as conn:
        conn.execute(
            "UPDATE dispatch.responsibilities SET valid = tstzrange(NULL, %s) WHERE person_id = %s",
            (w.NOW, w.OFFICER),
        )
    assert recommended(world, commander(), case)[0].person_id == w.WORKER


def test_load_breaks_a_tie_of_minutes(world: World):
    """Two neighbours 172.8 s away: the one with less to do, then the lower id."""
    with unscoped(world.system) as conn:
        lon, lat = place(2, 0)
        conn.execute(
            "UPDATE dispatch.people SET home = ST_SetSRID(ST_MakePoint(%s, %s), 4326)"
            " WHERE id = %s", (lon, lat, w.UPSTAIRS),
        )  # fmt: skip
    other = take_in(world, commander(), report_of((1.5, 0.5)))
    case = take_in(world, commander())
    neighbours = [c for c in recommended(world, commander(), case) if c.rung == "neighbour"]
    assert [c.person_id for c in neighbours] == [w.NEXT_DOOR, w.UPSTAIRS]
    assign(world, commander(), other, w.NEXT_DOOR)
    neighbours = [c for c in recommended(world, commander(), case) if c.rung == "neighbour"]
    assert [(c.person_id, c.load) for c in neighbours] == [(w.UPSTAIRS, 0), (w.NEXT_DOOR, 1)]


def test_the_last_fix_counts_before_the_home_post(world: World):
    lon, lat = place(1, 0)
    with unscoped(world.system) as conn:
        conn.execute(
            "INSERT INTO dispatch.positions (person_id, lon, lat, measured_at, received_at)"
            " VALUES (%s, %s, %s, %s, %s)", (w.WORKER, lon, lat, w.NOW, w.NOW),
        )  # fmt: skip
    case = take_in(world, commander())
    worker = recommended(world, commander(), case)[1]
    assert (worker.person_id, worker.travel_s, worker.measured_at) == (w.WORKER, 76.8, w.NOW)


def test_a_case_is_followed_to_its_end(world: World):
    boss, worker = commander(), staff(w.WORKER, w.GRID)
    case = assign(world, boss, take_in(world, boss), w.WORKER)
    assert (case.state, case.version) == ("assigned", 2)
    assert case.lead is not None
    assert (case.lead.person_id, case.lead.travelling) == (w.WORKER, True)
    with acting(world, worker) as conn:
        case = desk.acknowledge(conn, world.office, worker, case.id, case.version)
        world.clock.at += timedelta(minutes=3)
        case = desk.arrive(conn, world.office, worker, case.id, case.version)
        case = desk.close_case(conn, world.office, worker, case.id, case.version, "已换新井盖")
    assert (case.state, case.version, case.closed_at) == ("closed", 5, world.clock.at)
    with acting(world, boss) as conn:
        file = desk.get_case(conn, case.id)
    assert [a.state for a in file.assignments] == ["done"]
    assert (file.assignments[0].rung, file.assignments[0].rank) == ("grid", 2)
    assert file.assignments[0].reasons[0] == {"code": "own_grid", "params": {}}
    told = events(world)
    assert [e["kind"] for e in told] == [
        "case.reported", "assignment.assigned", "assignment.acknowledged", "assignment.arrived",
        "case.closed",
    ]  # fmt: skip
    assert {e["area_code"] for e in told} == {w.GRID}
    assert told[1]["payload"] | {"travel_s": 172.8, "rung": "grid"} == told[1]["payload"]


def test_undo_before_acknowledgement_only(world: World):
    boss, worker = commander(), staff(w.WORKER, w.GRID)
    case = assign(world, boss, take_in(world, boss), w.WORKER)
    with acting(world, boss) as conn:
        case = desk.undo(conn, world.office, boss, case.id, case.version)
    assert (case.state, case.lead) == ("pending", None)
    case = assign(world, boss, case, w.OFFICER)
    with acting(world, staff(w.OFFICER, w.GRID)) as conn:
        case = desk.acknowledge(conn, world.office, staff(w.OFFICER, w.GRID), case.id, case.version)
    with acting(world, boss) as conn, pytest.raises(Conflict) as caught:
        desk.undo(conn, world.office, boss, case.id, case.version)
    assert caught.value.winner is not None
    assert (caught.value.winner["state"], caught.value.winner["name"]) == ("acknowledged", "人员1")
    with acting(world, worker) as conn, pytest.raises(Conflict):
        desk.arrive(conn, world.office, worker, case.id, case.version)


def test_a_returned_case_waits_again_with_its_reason(world: World):
    boss, worker = commander(), staff(w.WORKER, w.GRID)
    case = assign(world, boss, take_in(world, boss), w.WORKER)
    with acting(world, worker) as conn:
        with pytest.raises(InvalidInput) as caught:
            desk.return_case(conn, world.office, worker, case.id, case.version, " ")
        assert caught.value.field == "reason"
        case = desk.return_case(conn, world.office, worker, case.id, case.version, "不在本网格")
        assert case.state == "pending"
    with acting(world, boss) as conn:
        assert desk.get_case(conn, case.id).assignments[0].return_reason == "不在本网格"


def test_lawyer_and_judge_join_beside_the_lead(world: World):
    boss = commander()
    case = take_in(world, boss, report_of(type_code="D0201"))
    case = assign(world, boss, case, w.MEDIATOR)
    case = assign(world, boss, case, w.LAWYER, "lawyer")
    case = assign(world, boss, case, w.JUDGE, "judge")
    assert (case.state, case.version) == ("assigned", 4)
    with pytest.raises(Conflict):
        assign(world, boss, case, w.OTHER_MEDIATOR, "judge")
    judge = staff(w.JUDGE, w.COMMUNITY, "judge")
    with acting(world, judge) as conn:
        case = desk.acknowledge(conn, world.office, judge, case.id, case.version, "judge")
    assert case.state == "assigned"
    with acting(world, boss) as conn:
        states = {a.role: a.state for a in desk.get_case(conn, case.id).assignments}
    assert states == {"lead": "assigned", "lawyer": "assigned", "judge": "acknowledged"}


def test_one_journey_at_a_time_and_the_next_begins(world: World):
    boss, worker = commander(), staff(w.WORKER, w.GRID)
    first = assign(world, boss, take_in(world, boss), w.WORKER)
    second = assign(world, boss, take_in(world, boss), w.WORKER)
    assert first.lead is not None
    assert second.lead is not None
    assert (first.lead.travelling, second.lead.travelling) == (True, False)
    with acting(world, worker) as conn:
        assert [t.case.id for t in desk.list_tasks(conn, worker)] == [first.id, second.id]
        first = desk.acknowledge(conn, world.office, worker, first.id, first.version)
        desk.arrive(conn, world.office, worker, first.id, first.version)
        tasks = desk.list_tasks(conn, worker)
    assert [(t.case.id, t.assignments[0].travelling) for t in tasks] == [
        (second.id, True),
        (first.id, False),
    ]
    assert events(world)[-1]["kind"] == "assignment.departed"


def test_an_old_version_loses_and_is_told_who_won(world: World):
    boss, rival = commander(), dispatcher()
    case = take_in(world, boss)
    assign(world, boss, case, w.WORKER)
    with pytest.raises(Conflict) as caught:
        assign(world, rival, case, w.OFFICER)
    assert caught.value.winner is not None
    assert caught.value.winner["person_id"] == w.WORKER
    assert caught.value.winner["by"] == "u:1"
    assert "人员2" in caught.value.public_message


def test_void_strikes_a_pending_case(world: World):
    boss = commander()
    case = take_in(world, boss)
    with acting(world, boss) as conn:
        case = desk.void_case(conn, world.office, boss, case.id, case.version, "重复")
        assert (case.state, case.closing_note) == ("void", "重复")
        assert desk.list_cases(conn, Filter(states=("open",))).items == []


def test_roles_hold(world: World):
    worker, planner = staff(w.WORKER, w.GRID), Actor("u:9", "planner", commander().scope)
    case = take_in(world, worker)
    with pytest.raises(Forbidden):
        assign(world, worker, case, w.WORKER)
    with pytest.raises(Forbidden):
        take_in(world, planner)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type_code": "X9"}, "type"),
        ({"description": " "}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"description": "x" * 2001}, "description"),
        ({"channel": "pigeon"}, "channel"),
        ({"location": None}, "location"),
        ({"reported_at": w.NOW + timedelta(hours=1)}, "reported_at"),
        ({"reported_at": w.NOW.replace(tzinfo=None)}, "reported_at"),
    ],
)
def test_bad_reports_name_the_field_and_store_nothing(
    world: World, change: dict[str, object], field: str
):
    values = {"location": Location(*place(0.5, 0.5), Datum.WGS84), "description": "x",
              "type_code": "H01"} | change  # fmt: skip
    for send in (desk.report_case, _dispatch_now(world)):
        with acting(world, commander()) as conn, pytest.raises(InvalidInput) as caught:
            send(conn, world.office, commander(), Report(**values))
        assert caught.value.field == field
    assert events(world) == []


def _dispatch_now(world: World):
    def send(conn, office, actor, report):
        return desk.dispatch_now(conn, office, actor, world.roads, report)

    return send


def test_one_call_takes_in_and_assigns_the_best(world: World):
    boss = commander()
    with acting(world, boss) as conn:
        done = desk.dispatch_now(conn, world.office, boss, world.roads, report_of())
        assert done.assigned is not None
        assert done.assigned.person_id == w.OFFICER
        stored = desk.get_case(conn, done.case.id)
    assert stored.case == done.case
    assert [(a.person_id, a.rank, a.rung) for a in stored.assignments] == [
        (w.OFFICER, 1, "building")
    ]
    assert [e["kind"] for e in events(world)] == ["case.reported", "assignment.assigned"]
    assert sorted(e["payload"]["version"] for e in events(world)) == [1, 2]


def test_one_call_by_address_and_with_nobody_left(world: World):
    boss = commander()
    with unscoped(world.system) as conn:
        conn.execute("UPDATE dispatch.people SET duty = 'off_duty'")
    with acting(world, boss) as conn:
        report = Report("H01", "x", address="第2街道横0路3号")
        done = desk.dispatch_now(conn, world.office, boss, world.roads, report)
        assert (done.assigned, done.case.state) == (None, "pending")
        assert done.case.grid_code == grid_code(5, 0)
        assert desk.get_case(conn, done.case.id).case == done.case


def test_one_call_by_address_knows_the_plates_building(world: World):
    """Wherever the plate itself stands: by the gate, not in the house."""
    boss = commander()
    with psycopg.connect(world.dsn, row_factory=dict_row) as owner:
        plate = owner.execute(
            "UPDATE geodata.addresses a SET building_id = r.building_id"
            " FROM dispatch.responsibilities r"
            " WHERE r.person_id = %s AND a.id = (SELECT min(id) FROM geodata.addresses"
            " WHERE grid_code = r.area_code) RETURNING a.full_text, a.building_id",
            (w.OFFICER,),
        ).fetchone()
    assert plate is not None
    report = Report("H01", "x", address=plate["full_text"])
    with acting(world, boss) as conn:
        done = desk.dispatch_now(conn, world.office, boss, world.roads, report)
    assert done.case.building_id == plate["building_id"]
    assert done.assigned is not None
    assert (done.assigned.person_id, done.assigned.candidate.rung) == (w.OFFICER, "building")


def test_the_demo_process_works_as_the_system(world: World):
    actor = system_actor("demo")
    with unscoped(world.system) as conn:
        done = desk.dispatch_now(conn, world.office, actor, world.roads, report_of())
        assert done.assigned is not None
        case = desk.acknowledge(conn, world.office, actor, done.case.id, done.case.version)
        case = desk.arrive(conn, world.office, actor, case.id, case.version)
        case = desk.close_case(conn, world.office, actor, case.id, case.version, "办结")
    assert case.state == "closed"


def test_likely_duplicates_are_found(world: World):
    boss = commander()
    near, far = take_in(world, boss), take_in(world, boss, report_of((0.9, 0.9)))
    world.clock.at += timedelta(hours=1)
    with acting(world, boss) as conn:
        found = desk.nearby_cases(conn, world.clock, *place(0.25, 0.17))
        assert [(n.case.id, round(n.distance_m)) for n in found] == [(near.id, 20)]
        assert desk.nearby_cases(conn, world.clock, *place(0.25, 0.17), hours=0.5) == []
        wide = desk.nearby_cases(conn, world.clock, *place(0.25, 0.17), radius_m=1000)
        assert [n.case.id for n in wide] == [near.id, far.id]


def test_lists_filter_and_page(world: World):
    boss, worker = commander(), staff(w.WORKER, w.GRID)
    made = []
    for number in range(5):
        world.clock.at += timedelta(minutes=number % 2)
        made.append(take_in(world, boss, report_of((0.5 + number, 0.5))))
    assign(world, boss, made[0], w.WORKER)
    with acting(world, boss) as conn:
        seen, cursor = [], None
        while True:
            page = desk.list_cases(conn, Filter(), limit=2, cursor=cursor)
            seen += [case.id for case in page.items]
            if (cursor := page.next) is None:
                break
        assert seen == [case.id for case in reversed(made)]
        assert _ids(conn, Filter(states=("assigned",))) == [made[0].id]
        assert _ids(conn, Filter(area_code=w.STREET_2)) == [made[4].id]
        assert _ids(conn, Filter(families=("dispute",))) == []
        assert len(_ids(conn, Filter(text="井盖"))) == 5
        assert _ids(conn, Filter(text="%")) == []
        assert len(_ids(conn, Filter(mine=("u:1",)))) == 5
    with acting(world, worker) as conn:
        assert _ids(conn, Filter(mine=worker.subjects)) == [made[0].id]
        with pytest.raises(InvalidInput):
            desk.list_cases(conn, Filter(), cursor="!!")


def _ids(conn: Conn, wanted: Filter) -> list[int]:
    return [case.id for case in desk.list_cases(conn, wanted).items]
