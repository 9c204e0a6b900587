"""Run cards on a real database: whom a case calls for, what is missing and why, sending them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from psycopg.rows import dict_row

from dispatch import desk
from dispatch.action import act
from dispatch.actor import Actor
from dispatch.assign.card import Card, Match, Need, Part, Stage
from dispatch.assign.card_store import read_cards, seed_cards, shipped_cards
from dispatch.assign.need import Call
from dispatch.assign.shortfall import sentence
from dispatch.case.locate import Location
from dispatch.case.store import Case
from dispatch.case.wish import Wish
from dispatch.explanation import explain_person
from dispatch.offer import Offer, read_offer, sweep_offers
from dispatch.run_card import add_card, change_card, remove_card
from dispatch.turnout import Sent, Turnout, read_turnout, send_turnout
from geodata.crs import Datum
from geodata.db.scope import Conn, Scope, scoped
from geodata.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.db import world as w
from tests.db.world import NOW, World, commander, dispatcher
from tests.small_town import place

HOME = (0.8, 0.8)
"""A place in the first grid, outside the officer's building."""
ADMIN = Actor("u:9", "administrator", Scope(("210211",), ("u:9",)))
LEAD = Need(Part.LEAD)
JUSTICE, PROSECUTOR, LAWYERS = 30, 31, (40, 41, 42, 43)


@contextmanager
def acting(world: World, actor: Actor) -> Iterator[Conn]:
    with scoped(world.app, actor.scope) as conn:
        yield conn


def owner(world: World, statement: str, *values: object) -> None:
    with psycopg.connect(world.dsn) as conn:
        conn.execute(statement, values)


def post(world: World, person: int, role: str, area: str, **more: object) -> None:
    """Add somebody to the roster, at a crossing in the middle of the town."""
    lon, lat = place(2, 2)
    values = {"duty": "on_duty", "mode": "none", "capacity": 3, "skills": []} | more
    owner(
        world,
        "INSERT INTO dispatch.people (id, name, role, team, home_code, home, travel_mode, capacity,"
        " duty, skills) VALUES (%s, %s, %s, 'x', %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s,"
        " %s, %s, %s)",
        person, f"人员{person}", role, area, lon, lat, values["mode"], values["capacity"],
        values["duty"], values["skills"],
    )  # fmt: skip
    owner(
        world,
        "INSERT INTO dispatch.responsibilities (person_id, area_code) VALUES (%s, %s)",
        person, area,
    )  # fmt: skip


def dispute(world: World, level: int | None = None, scale: int | None = None) -> Case:
    report = desk.Report(
        "D0201", "噪声", Location(*place(*HOME), Datum.WGS84), level=level, scale=scale
    )
    with acting(world, dispatcher()) as conn:
        return desk.report_case(conn, world.office, dispatcher(), report, world.roads)


def turnout(world: World, case: Case, actor: Actor | None = None) -> Turnout:
    with acting(world, actor or commander()) as conn:
        found = read_turnout(conn, world.roads, case.id, world.clock.now())
    assert found is not None
    return found


def called(found: Turnout) -> dict[str | None, list[int]]:
    return {
        call.need.role: [call.order.responders[at].person_id for at in call.chosen]
        for call in found.calls
    }


def wanted(found: Turnout) -> list[Sent]:
    return [
        Sent(call.index, call.order.responders[at].person_id)
        for call in found.calls
        for at in call.chosen
    ]


def send(world: World, case: Case, found: Turnout, actor: Actor | None = None) -> Case:
    who = actor or commander()
    with acting(world, who) as conn:
        done = send_turnout(
            conn, world.office, who, world.roads, case.id, found.version, wanted(found)
        )
    return done[-1].case


def call_of(found: Turnout, role: str) -> Call:
    return next(call for call in found.calls if call.need.role == role)


def save(world: World, match: Match, *needs: Need, name: str = "卡") -> Card:
    with acting(world, ADMIN) as conn:
        card = Card(name, "card", match, (LEAD, *needs))
        return add_card(conn, world.clock, ADMIN, card)


# Whom a card calls for ---------------------------------------------------------------------------


def test_level_and_scale_decide_the_card(world: World):
    assert turnout(world, dispute(world, 1)).card.code == "dispute-grave"
    assert turnout(world, dispute(world, 2, 3)).card.code == "dispute-grave-group"
    assert turnout(world, dispute(world, 4, 3)).card.code == "dispute-group"
    plain = dispute(world)
    with acting(world, commander()) as conn:
        assert read_turnout(conn, world.roads, plain.id, NOW) is None
        graded = desk.grade_case(conn, world.office, commander(), plain.id, 1, 3, 3)
        assert (graded.level, graded.scale, graded.version) == (3, 3, 2)
        with pytest.raises(Conflict):
            desk.grade_case(conn, world.office, commander(), plain.id, 1, 4, 3)
    assert turnout(world, plain).card.code == "dispute-group"
    with acting(world, dispatcher(w.STREET_2, 3)) as conn, pytest.raises(NotFound):
        desk.grade_case(conn, world.office, dispatcher(w.STREET_2, 3), plain.id, 2, 4, 3)


def test_a_graded_case_may_be_dispatched_at_once(world: World):
    report = desk.Report("D0201", "噪声", Location(*place(*HOME), Datum.WGS84), level=1, scale=2)
    with acting(world, commander()) as conn:
        done = desk.dispatch_now(conn, world.office, commander(), world.roads, report)
        assert done.assigned is not None
        found = desk.get_case(conn, done.case.id).case
    assert (found.level, found.scale, found.state) == (1, 2, "assigned")
    assert turnout(world, done.case).calls[0].filled == 1


def test_who_leads_by_the_card_is_sent_at_once_and_asked_down_the_ladder(world: World):
    """Justice officer 30 is at the street, 31 likewise, off the case's ladder both."""
    post(world, JUSTICE, "justice_officer", w.STREET_1, mode="car")
    post(world, PROSECUTOR, "justice_officer", w.STREET_1, mode="car", capacity=1)
    named = Need(Part.LEAD, "justice_officer", within_s=3600)
    small = Match(type_code="D0201", levels=frozenset({4}), scales=frozenset({1}))
    with acting(world, ADMIN) as conn:
        add_card(conn, world.clock, ADMIN, Card("卡", "card", small, (named,)))
    who = dispatcher()
    report = desk.Report("D0201", "噪声", Location(*place(*HOME), Datum.WGS84), level=4, scale=1)
    sent = []
    for _ in range(5):
        with acting(world, who) as conn:
            done = desk.dispatch_now(conn, world.office, who, world.roads, report)
        sent.append(None if done.assigned is None else done.assigned.person_id)
    assert sent == [JUSTICE, PROSECUTOR, JUSTICE, JUSTICE, None], "by load, up to capacity"
    assert done.case.state == "pending"

    ask_down(world, done.case.id)
    shortfall = offer_of(world, done.case).shortfall
    assert shortfall == {"area": "district", "causes": {"at_capacity": 2}}
    owner(world, "UPDATE dispatch.people SET capacity = 4 WHERE id = %s", JUSTICE)
    ask_down(world, done.case.id)
    with acting(world, commander()) as conn:
        lead = desk.get_case(conn, done.case.id).case.lead
    assert lead is not None
    assert lead.person_id == JUSTICE


def ask_down(world: World, case_id: int) -> None:
    """Put a case on its ladder and let the platform go on with it."""
    with acting(world, commander()) as conn:
        version = desk.get_case(conn, case_id).case.version
        desk.act(conn, world.office, commander(), case_id, Wish("offer", version))
    sweep_offers(world.system, world.office, lambda: world.roads)


def offer_of(world: World, case: Case) -> Offer:
    with acting(world, commander()) as conn:
        found = read_offer(conn, case.id)
    assert found is not None
    return found


def test_needs_are_filled_in_the_order_of_their_steps(world: World):
    post(world, JUSTICE, "justice_officer", w.STREET_1, mode="car")
    found = turnout(world, dispute(world, 1))
    assert called(found) == {
        None: [w.MEDIATOR],
        "justice_officer": [JUSTICE],
        "lawyer": [w.LAWYER],
    }
    assert [call.need.step for call in found.calls] == [1, 1, 2]
    assert not found.complete
    sent = send(world, dispute(world, 1), turnout(world, dispute(world, 1)))
    assert sent.state == "assigned"


def test_the_cards_people_are_sent_together(world: World):
    post(world, JUSTICE, "justice_officer", w.STREET_1, mode="car")
    case = dispute(world, 1)
    after = send(world, case, turnout(world, case))
    with acting(world, commander()) as conn:
        made = desk.get_case(conn, case.id).assignments
    assert [(a.person_id, a.role, a.rung) for a in made] == [
        (w.MEDIATOR, "lead", "community"),
        (JUSTICE, "joint", "street"),
        (w.LAWYER, "assist", "community"),
    ]
    assert after.version == case.version + 3
    found = turnout(world, case)
    assert found.complete
    assert [call.filled for call in found.calls] == [1, 1, 1]


def test_all_or_nothing_and_the_loser_is_told(world: World):
    post(world, JUSTICE, "justice_officer", w.STREET_1, mode="car", capacity=1)
    case, other = dispute(world, 1), dispute(world, 1)
    seen = turnout(world, case)
    send(world, other, turnout(world, other))
    with pytest.raises(Conflict) as lost:
        send(world, case, seen)
    assert lost.value.winner is not None
    assert lost.value.winner["person_id"] == JUSTICE
    with acting(world, commander()) as conn:
        after = desk.get_case(conn, case.id)
    assert (after.case.state, after.case.version, after.assignments) == ("pending", 1, [])
    causes = call_of(turnout(world, case), "justice_officer").shortfall
    assert causes is not None
    assert causes.causes == {"at_capacity": 1}


def test_cards_that_want_the_same_people_do_not_wait_in_a_ring(world: World):
    """Two cards want the same two people in opposite order of their ids, many times at once."""
    post(world, JUSTICE, "justice_officer", w.STREET_1, mode="car", capacity=2)
    owner(world, "UPDATE dispatch.people SET capacity = 2 WHERE id = %s", w.MEDIATOR)
    cases = [dispute(world, 1) for _ in range(6)]
    seen = [turnout(world, case) for case in cases]
    start = threading.Barrier(len(cases))
    sent: list[int] = []
    lost: list[Conflict] = []

    def go(case: Case, found: Turnout, backwards: bool) -> None:
        people = wanted(found)
        start.wait(20)
        try:
            with acting(world, commander()) as conn:
                send_turnout(
                    conn, world.office, commander(), world.roads, case.id, found.version,
                    people[::-1] if backwards else people,
                )  # fmt: skip
            sent.append(case.id)
        except Conflict as refused:
            lost.append(refused)

    threads = [
        threading.Thread(target=go, args=(case, found, number % 2 == 0))
        for number, (case, found) in enumerate(zip(cases, seen, strict=True))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(sent), len(lost)) == (2, 4), "as many as the officer has room for"
    assert all(refused.winner for refused in lost)
    with psycopg.connect(world.dsn) as conn:
        parts = conn.execute(
            "SELECT case_id, count(*) FROM dispatch.assignments WHERE live GROUP BY case_id"
        ).fetchall()
    assert sorted(parts) == [(case_id, 3) for case_id in sorted(sent)], "all or nobody"


def test_who_was_not_recommended_is_not_sent_by_the_card(world: World):
    case = dispute(world, 1)
    found = turnout(world, case)
    with acting(world, commander()) as conn:
        for people, error in (
            ([], InvalidInput),
            ([Sent(0, w.MEDIATOR), Sent(2, w.MEDIATOR)], InvalidInput),
            ([Sent(0, w.POLICE)], Conflict),
            ([Sent(7, w.MEDIATOR)], InvalidInput),
        ):
            with pytest.raises(error):
                send_turnout(
                    conn, world.office, commander(), world.roads, case.id, found.version, people
                )
        with pytest.raises(Conflict):
            send_turnout(
                conn, world.office, commander(), world.roads, case.id, 9, [Sent(0, w.MEDIATOR)]
            )


# What is missing, and why ------------------------------------------------------------------------


def test_a_shortfall_names_its_causes(world: World):
    owner(world, "UPDATE dispatch.people SET duty = 'on_leave' WHERE id = %s", w.LAWYER)
    post(world, LAWYERS[0], "lawyer", w.COMMUNITY, duty="on_leave")
    post(world, LAWYERS[1], "lawyer", "210211001002", duty="on_leave")
    post(world, LAWYERS[2], "lawyer", w.COMMUNITY)
    post(world, LAWYERS[3], "lawyer", "210211002001")
    case = dispute(world, 1)
    with acting(world, commander()) as conn:
        desk.recuse(conn, world.office, commander(), case.id, LAWYERS[2], "原告表亲")
    short = call_of(turnout(world, case), "lawyer").shortfall
    assert short is not None
    assert (short.missing, short.area) == (1, "street")
    assert short.causes == {"on_leave": 3, "recused": 1}
    assert sentence("律师", short.area, short.missing, 1, short.causes, None) == (
        "本街道没有可派的律师：请假 3 人，回避 1 人"
    )
    assert sentence("lawyer", short.area, 1, 1, short.causes, None, "en") == (
        "no lawyer of this street can be sent: 3 on leave, 1 recused"
    )
    nobody = call_of(turnout(world, case), "justice_officer").shortfall
    assert nobody is not None
    assert nobody.causes == {"none": 0}
    assert sentence("司法所工作人员", nobody.area, 1, 1, nobody.causes, 3600.0) == (
        "全区没有可派的司法所工作人员：名册上没有人负责"
    )


def test_time_skill_and_scope_are_causes_too(world: World):
    # From (4, 0) an arterial leads to the place: over a minute by car.
    save(
        world,
        Match(family="hazard"),
        Need(Part.ALONE, "police_officer", within_s=60),
        Need(Part.ALONE, "urban_officer", "fire", step=2),
        Need(Part.JOINT, "gas_fitter", step=2),
    )
    report = desk.Report("H01", "井盖缺失", Location(*place(*HOME), Datum.WGS84))
    with acting(world, dispatcher()) as conn:
        case = desk.report_case(conn, world.office, dispatcher(), report, world.roads)
    found = turnout(world, case, dispatcher())
    why = {call.need.role: call.shortfall for call in found.calls if call.shortfall}
    police, urban, gas = (why[role] for role in ("police_officer", "urban_officer", "gas_fitter"))
    assert police.causes == {"late": 2}
    assert urban.causes == {"unskilled": 1}
    assert gas.causes == {"beyond_scope": 1}
    owner(world, "UPDATE dispatch.people SET skills = '{fire}' WHERE id = %s", w.URBAN)
    assert called(turnout(world, case))["urban_officer"] == [w.URBAN]
    assert called(turnout(world, case))["gas_fitter"] == [w.GAS], "within the commander's reach"


def test_whoever_has_a_part_already_is_not_called_twice(world: World):
    save(
        world,
        Match(family="police", type_code="P04"),
        Need(Part.ALONE, "police_officer", count=2, step=2),
    )
    report = desk.Report("P04", "噪声", Location(*place(*HOME), Datum.WGS84))
    with acting(world, commander()) as conn:
        case = desk.report_case(conn, world.office, commander(), report, world.roads)
        card = read_turnout(conn, world.roads, case.id, NOW)
        assert card is not None
        desk.assign(conn, world.office, commander(), world.roads, case.id, w.POLICE, 1)
    found = turnout(world, case)
    short = call_of(found, "police_officer").shortfall
    assert called(found) == {None: [], "police_officer": [w.OTHER_POLICE]}
    assert short is not None
    assert (short.missing, dict(short.causes)) == (1, {"on_the_case": 1})


# The third failed mediation ----------------------------------------------------------------------


def mediate(world: World, case: Case) -> Case:
    """Send the mediator, let them sign for it, and fail."""
    boss = commander()
    with acting(world, boss) as conn:
        version = desk.get_case(conn, case.id).case.version
        made = desk.assign(conn, world.office, boss, world.roads, case.id, w.MEDIATOR, version).case
        made = act(conn, world.office, boss, case.id, Wish("acknowledge", made.version))
        return act(
            conn, world.office, boss, case.id,
            Wish("fail_mediation", made.version, note="双方不让步"),
        )  # fmt: skip


def test_the_third_failed_mediation_calls_judge_prosecutor_and_police(world: World):
    post(world, PROSECUTOR, "prosecutor", w.STREET_1)
    case = dispute(world)
    for failures in (1, 2):
        after = mediate(world, case)
        assert (after.state, after.failed_mediations) == ("pending", failures)
        with acting(world, commander()) as conn:
            assert read_turnout(conn, world.roads, case.id, NOW) is None
    assert mediate(world, case).failed_mediations == 3
    found = turnout(world, case)
    assert (found.card.code, found.card.match.stage) == ("joint-mediation", Stage.JOINT)
    assert called(found) == {
        None: [w.MEDIATOR],
        "judge": [w.JUDGE],
        "prosecutor": [PROSECUTOR],
        "police_officer": [w.POLICE],
        "lawyer": [w.LAWYER],
    }
    send(world, case, found)
    with acting(world, commander()) as conn:
        parts = {a.person_role: a.role for a in desk.get_case(conn, case.id).assignments if a.live}
    assert parts == {
        "mediator": "lead", "judge": "joint", "prosecutor": "joint", "police_officer": "joint",
        "lawyer": "assist",
    }  # fmt: skip
    with psycopg.connect(world.dsn, row_factory=dict_row) as conn:
        told = conn.execute(
            "SELECT kind, payload->>'failed' AS failed FROM geodata.events_pending"
            " WHERE case_id = %s AND kind IN ('case.mediation_failed', 'case.joint_called')"
            " ORDER BY id",
            (case.id,),
        ).fetchall()
    assert [(row["kind"], row["failed"]) for row in told] == [
        ("case.mediation_failed", "1"),
        ("case.mediation_failed", "2"),
        ("case.mediation_failed", "3"),
        ("case.joint_called", "3"),
    ]


def test_a_mediation_above_the_community_is_not_counted(world: World):
    case = dispute(world)
    with acting(world, commander()) as conn:
        act(conn, world.office, commander(), case.id, Wish("escalate", 1, reason="跨社区"))
    assert mediate(world, case).failed_mediations == 0


# Saving ------------------------------------------------------------------------------------------


def test_a_card_that_contradicts_another_is_refused_by_name(world: World):
    with pytest.raises(Conflict) as refused:
        save(world, Match(family="dispute", type_code="D0201", scales=frozenset({3})))
    told = refused.value.winner
    assert refused.value.field == "match"
    assert told is not None
    assert told["name"] in ("重大群体性纠纷", "重大矛盾纠纷", "群体性纠纷")
    assert told["both"]["type"] == "D0201"
    save(world, Match(family="dispute", type_code="D0201", levels=frozenset({4}),
                      scales=frozenset({3})))  # fmt: skip
    assert turnout(world, dispute(world, 4, 3)).card.name == "卡"
    assert turnout(world, dispute(world, 3, 3)).card.code == "dispute-group"


def test_of_two_who_save_at_once_one_is_refused(world: World):
    first = Match(family="hazard", type_code="HC01", levels=frozenset({1}))
    second = Match(family="hazard", type_code="H01", scales=frozenset({3}))
    begun, result = threading.Event(), []

    def later() -> None:
        begun.set()
        try:
            save(world, second)
            result.append("saved")
        except Conflict as refused:
            result.append(refused.field or "")

    with acting(world, ADMIN) as conn:
        add_card(conn, world.clock, ADMIN, Card("一", "one", first, (LEAD,)))
        thread = threading.Thread(target=later)
        thread.start()
        begun.wait(10)
        assert result == [], "the other waits for the lock"
    thread.join(20)
    assert result == ["match"]


def test_a_card_is_edited_taken_away_and_brought_back(world: World):
    with acting(world, ADMIN) as conn:
        fire = next(card for card in read_cards(conn) if card.code == "fire")
        now = change_card(conn, world.clock, ADMIN, replace(fire, needs=(LEAD,)))
        assert (now.version, now.edited, now.code) == (2, True, "fire")
        with pytest.raises(Conflict) as late:
            change_card(conn, world.clock, ADMIN, fire)
        assert late.value.winner == {"version": 2}
        gone = remove_card(conn, world.clock, ADMIN, now.id or 0, 2)
        assert gone.removed
        assert "fire" not in {card.code for card in read_cards(conn)}
    owner_seeds(world)
    with acting(world, ADMIN) as conn:
        assert "fire" not in {card.code for card in read_cards(conn)}, "a start brings none back"
        back = change_card(conn, world.clock, ADMIN, gone)
        assert (back.needs, back.removed) == ((LEAD,), False)
    owner_seeds(world)
    with acting(world, ADMIN) as conn:
        kept = next(card for card in read_cards(conn) if card.code == "fire")
        assert kept.needs == (LEAD,), "a start leaves what the district edited"
    with acting(world, commander()) as conn, pytest.raises(Forbidden):
        remove_card(conn, world.clock, commander(), kept.id or 0, kept.version)


def owner_seeds(world: World) -> None:
    with psycopg.connect(world.dsn, row_factory=dict_row) as conn:
        seed_cards(conn)


def test_a_shipped_card_gives_way_to_the_districts(world: World):
    owner(world, "DELETE FROM dispatch.run_cards WHERE code = 'fire'")
    save(world, Match(family="hazard", type_code="H12"))
    owner_seeds(world)
    with acting(world, ADMIN) as conn:
        found = {card.code for card in read_cards(conn)}
    assert "fire" not in found
    assert len(found) == len(shipped_cards())


# Why not -----------------------------------------------------------------------------------------


def why(world: World, case: Case, person: int, actor: Actor | None = None) -> tuple[str, list[str]]:
    with acting(world, actor or commander()) as conn:
        _, found = explain_person(conn, world.roads, case.id, person, world.clock.now())
    return found.verdict.value, [answer.code for answer in found.answers]


def test_why_not_by_hand(world: World):
    report = desk.Report("H01", "井盖缺失", Location(*place(*w.IN_BUILDING), Datum.WGS84))
    with acting(world, commander()) as conn:
        case = desk.report_case(conn, world.office, commander(), report, world.roads)
    owner(world, "UPDATE dispatch.people SET duty = 'on_leave' WHERE id = %s", w.STAFF)
    with acting(world, commander()) as conn:
        desk.recuse(conn, world.office, commander(), case.id, w.NEXT_DOOR, "报案人亲属")
    assert why(world, case, w.OFFICER) == ("recommended", ["first"])
    assert why(world, case, w.WORKER) == ("outranked", ["higher_rung"])
    assert why(world, case, w.STAFF) == ("excluded", ["on_leave"])
    assert why(world, case, w.NEXT_DOOR) == ("excluded", ["recused"])
    assert why(world, case, w.MEDIATOR) == ("excluded", ["other_family"])
    assert why(world, case, w.GAS) == ("excluded", ["other_skill"])
    assert why(world, case, w.ACROSS) == ("excluded", ["other_area"])
    with acting(world, commander()) as conn:
        made = desk.assign(conn, world.office, commander(), world.roads, case.id, w.WORKER, 1)
        assert made.case.state == "assigned"
        with pytest.raises(NotFound):
            explain_person(conn, world.roads, case.id, 999, NOW)
    assert why(world, case, w.WORKER) == ("assigned", ["assigned_lead"])
    owner(world, "UPDATE dispatch.people SET capacity = 0 WHERE id = %s", w.OFFICER)
    assert why(world, case, w.OFFICER) == ("excluded", ["at_capacity"])


def test_beyond_the_scope_no_name_comes_out(world: World):
    case = dispute(world)
    actor = dispatcher(w.COMMUNITY, 4)
    with acting(world, actor) as conn:
        standing, found = explain_person(conn, world.roads, case.id, w.OTHER_MEDIATOR, NOW)
    assert (standing.in_scope, standing.name, standing.role) == (False, None, "mediator")
    assert [answer.code for answer in found.answers] == ["higher_rung"]
