"""The table of the closed loop: its check, its drawing, and decisions by hand."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from dispatch.actor import Actor, system_actor
from dispatch.case.decision import allowed_actions, decide, state_after
from dispatch.case.diagram import draw_loop
from dispatch.case.facts import Facts, Target
from dispatch.case.loop import parse_loop, the_loop
from dispatch.case.loop_check import EFFECTS, check_loop
from dispatch.case.wish import Wish
from dispatch.effect import CHANGES, ELSEWHERE, RECORDS
from geodata.db.scope import Scope
from geodata.errors import Conflict, DataFault, Forbidden, InvalidInput
from web.identity.role import PERMISSIONS

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
GRID = "210211001002003"
LOOP = the_loop()
RAW = tomllib.loads((files("dispatch.case") / "data" / "loop.toml").read_text("utf-8"))
Edit = Callable[[dict[str, Any]], None]


def facts(state: str = "pending", **changed: Any) -> Facts:
    return Facts(
        **{
            "id": 7, "number": "n", "family": "hazard", "type_code": "H01", "parent_code": None,
            "urgent": False, "state": state, "version": 3, "channels": ("resident",),
            "grid_code": GRID, "holder_code": GRID[:12], "reported_at": NOW, "state_since": NOW,
            "held_since": NOW, "closed_at": None, "suspended_from": None, "merged_into": None,
            "hops": 0, "card": None,
        }
        | changed
    )  # fmt: skip


def actor(role: str = "dispatcher", area: str = GRID[:9], person: int | None = None) -> Actor:
    subjects = ("u:5",) if person is None else ("u:5", f"p:{person}")
    return Actor("u:5", role, Scope((area,), subjects))


def row_of(data: dict[str, Any], action: str) -> dict[str, Any]:
    return next(row for row in data["rows"] if row["action"] == action)


def test_the_shipped_table_holds():
    check_loop(LOOP, PERMISSIONS)
    assert set(LOOP.holder) == {"hazard", "dispute", "service", "police", "recommendation"}


def test_the_check_and_the_effects_know_the_same_names():
    assert CHANGES.keys() | RECORDS.keys() | ELSEWHERE == EFFECTS


def test_the_document_is_what_the_table_draws():
    document = Path(__file__).parents[2] / "docs" / "loop.md"
    assert document.read_text("utf-8") == draw_loop(LOOP), (
        "run: bin/ganxin loop draw > docs/loop.md"
    )


def _cut_off(data: dict[str, Any]) -> None:
    row_of(data, "verify")["to"] = "handled"


def _trap(data: dict[str, Any]) -> None:
    data["rows"] = [row for row in data["rows"] if row["action"] != "resume"]


def _nobody(data: dict[str, Any]) -> None:
    row_of(data, "accept")["who"] = []


def _unknown(what: str, names: list[str]) -> Edit:
    return lambda data: row_of(data, "accept").update({what: names})


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (_cut_off, "hazard: no way leads to verified"),
        (_trap, "hazard: no way leads from suspended to an end"),
        (_nobody, "row accept: nobody may take it"),
        (_unknown("who", ["mayor"]), "row accept: unknown group mayor"),
        (_unknown("guards", ["moon"]), "row accept: unknown guard moon"),
        (_unknown("effects", ["magic"]), "row accept: unknown effect magic"),
        (_unknown("needs", ["luck"]), "row accept: unknown need luck"),
        (_unknown("from", ["limbo"]), "row accept: unknown state limbo"),
        (_unknown("families", ["war"]), "row accept: unknown family war"),
        (lambda data: data["states"]["pending"].update(step="nap"), "state pending: unknown step"),
        (lambda data: data["groups"].update(desk=["king"]), "group desk: unknown role king"),
    ],
)
def test_a_table_that_does_not_hold_is_refused(edit: Edit, words: str):
    data = deepcopy(RAW)
    edit(data)
    with pytest.raises(DataFault, match=words):
        check_loop(parse_loop(data), PERMISSIONS)


def test_two_rows_for_one_state_are_refused():
    data = deepcopy(RAW)
    data["rows"].append(row_of(data, "accept"))
    with pytest.raises(DataFault, match="two rows tell of accept from reported"):
        parse_loop(data)


@pytest.mark.parametrize(
    ("action", "state", "after"),
    [
        ("accept", "reported", "pending"), ("dispatch", "pending", "assigned"),
        ("dispatch", "reported", "assigned"), ("undo", "assigned", "pending"),
        ("acknowledge", "assigned", "acknowledged"), ("arrive", "acknowledged", "arrived"),
        ("return", "arrived", "pending"), ("finish", "acknowledged", "handled"),
        ("reject", "handled", "pending"), ("verify", "handled", "verified"),
        ("close", "verified", "closed"), ("close", "arrived", "closed"),
        ("reopen", "closed", "pending"), ("suspend", "arrived", "suspended"),
        ("escalate", "arrived", "arrived"), ("merge", "assigned", "merged"),
        ("unmerge", "merged", "pending"), ("void", "reported", "void"),
    ],
)  # fmt: skip
def test_where_actions_lead(action: str, state: str, after: str):
    row = LOOP.row("hazard", action, state)
    assert row is not None
    assert state_after(row, facts(state)) == after


def test_a_suspended_case_goes_back_to_where_it_was():
    row = LOOP.row("dispute", "resume", "suspended")
    assert row is not None
    assert state_after(row, facts("suspended", suspended_from="arrived")) == "arrived"


def test_from_another_state_it_is_a_conflict_that_says_so():
    with pytest.raises(Conflict, match="The case is pending; acknowledge starts from assigned"):
        decide(LOOP, facts(), actor(), Wish("acknowledge", 3), NOW)


def test_the_desk_of_the_level_that_holds_it_acts_and_no_other_below():
    clerk, street = actor("clerk", GRID[:12]), actor("dispatcher", GRID[:9])
    held_above = facts("reported", holder_code=GRID[:9])
    assert decide(LOOP, facts("reported"), clerk, Wish("accept", 3), NOW).action == "accept"
    assert decide(LOOP, held_above, street, Wish("accept", 3), NOW).action == "accept"
    with pytest.raises(Forbidden, match="The street holds this case now"):
        decide(LOOP, held_above, clerk, Wish("accept", 3), NOW)


def test_who_the_case_is_with_acts_wherever_it_is_held():
    worker = actor("grid_worker", GRID, 9)
    mine = facts("assigned", holder_code=GRID[:6], my_parts=(("lead", "assigned"),))
    assert decide(LOOP, mine, worker, Wish("acknowledge", 3), NOW).to_state == "acknowledged"
    with pytest.raises(Conflict, match="not with you now"):
        decide(LOOP, replace(mine, my_parts=()), worker, Wish("acknowledge", 3), NOW)
    with pytest.raises(Forbidden):
        decide(LOOP, facts("reported"), worker, Wish("accept", 3), NOW)


def test_a_grid_workers_report_is_verified_before_it_closes():
    handled = facts("handled", channels=("grid_worker",))
    with pytest.raises(Conflict, match="verifies and rates"):
        decide(LOOP, handled, actor(), Wish("close", 3, note="x"), NOW)
    staged = Wish("close", 3, note="x", kind="staged")
    assert decide(LOOP, handled, actor(), staged, NOW).to_state == "closed"
    assert decide(LOOP, facts("handled"), actor(), Wish("close", 3, note="x"), NOW)
    lead = facts("arrived", channels=("patrol",), my_parts=(("lead", "assigned"),))
    with pytest.raises(Forbidden, match="Only the desk"):
        decide(LOOP, lead, actor("grid_worker", GRID, 9), staged, NOW)


def test_the_reporter_verifies_rejects_and_reopens():
    reporter = actor("grid_worker", GRID, 9)
    mine = facts("handled", channels=("grid_worker",), my_report=True)
    assert [one.action for one in allowed_actions(LOOP, mine, reporter, NOW)] == [
        "verify", "reject",
    ]  # fmt: skip
    with pytest.raises(InvalidInput) as caught:
        decide(LOOP, mine, reporter, Wish("verify", 3), NOW)
    assert caught.value.field == "rating"
    with pytest.raises(InvalidInput, match="from 1 to 5"):
        decide(LOOP, mine, reporter, Wish("verify", 3, rating=6), NOW)
    late = facts("closed", my_report=True, closed_at=NOW - timedelta(days=31))
    with pytest.raises(Conflict, match="more than 30 days"):
        decide(LOOP, late, reporter, Wish("reopen", 3, reason="again"), NOW)


def test_nobody_decides_on_their_own_extension():
    asked = facts("arrived", request_by="u:5")
    with pytest.raises(Conflict, match="does not decide"):
        decide(LOOP, asked, actor(), Wish("approve_extension", 3), NOW)
    other = replace(asked, request_by="p:9")
    assert decide(LOOP, other, actor(), Wish("approve_extension", 3), NOW)
    with pytest.raises(Conflict, match="Nobody has asked"):
        decide(LOOP, facts("arrived"), actor(), Wish("refuse_extension", 3, reason="x"), NOW)


@pytest.mark.parametrize(
    ("target", "into", "error"),
    [
        (None, 8, InvalidInput), (Target(7, "n", "pending"), 7, InvalidInput),
        (Target(8, "m", "closed"), 8, Conflict), (Target(8, "m", "merged"), 8, Conflict),
    ],
)  # fmt: skip
def test_a_case_merges_into_an_open_one_only(target: Target | None, into: int, error: type):
    with pytest.raises(error) as caught:
        decide(LOOP, facts(target=target), actor(), Wish("merge", 3, into=into), NOW)
    assert caught.value.field == "into"


def test_at_the_top_there_is_no_way_up_and_at_the_bottom_none_down():
    chief = actor("commander", GRID[:6])
    with pytest.raises(Conflict, match="no level above"):
        decide(LOOP, facts(holder_code=GRID[:6]), chief, Wish("escalate", 3, reason="x"), NOW)
    with pytest.raises(Conflict, match="no level below"):
        decide(LOOP, facts(holder_code=GRID), chief, Wish("hand_down", 3, reason="x"), NOW)


def test_joint_handling_waits_for_every_body():
    with pytest.raises(Conflict, match="2 of the bodies"):
        decide(LOOP, facts("arrived", open_joint=2), actor(), Wish("finish", 3, note="x"), NOW)


def test_what_the_desk_may_do_with_a_case_that_waits():
    found = {one.action: one for one in allowed_actions(LOOP, facts(), actor(), NOW)}
    assert list(found) == [
        "void", "dispatch", "offer", "close", "suspend", "extend", "escalate", "hand_down", "merge",
    ]  # fmt: skip
    assert found["close"].kinds == ("staged", "procedural")
    assert [need.field for need in found["extend"].needs] == ["amount", "unit", "reason"]


def test_a_supervisor_sees_and_cards_but_does_not_act():
    found = allowed_actions(LOOP, facts(), actor("supervisor", GRID[:6]), NOW)
    assert [one.action for one in found] == ["supervise"]


@pytest.mark.parametrize("text", [None, "", " \n", "x" * 2001, "a\x00", "\ud800"])
def test_a_text_is_needed_and_must_be_text(text: str | None):
    with pytest.raises(InvalidInput) as caught:
        decide(LOOP, facts(), actor(), Wish("void", 3, reason=text), NOW)
    assert caught.value.field == "reason"


def test_an_unknown_action_is_refused():
    with pytest.raises(InvalidInput):
        decide(LOOP, facts(), actor(), Wish("vanish", 3), NOW)
    police = facts("arrived", family="police")
    with pytest.raises(InvalidInput, match="knows no joint"):
        decide(LOOP, police, actor(), Wish("joint", 3, person_id=1), NOW)


def test_who_joins_beside_the_lead_moves_no_case():
    judge = actor("judge", GRID[:12], 9)
    mine = facts("arrived", family="dispute", my_parts=(("judge", "assigned"),))
    row = decide(LOOP, mine, judge, Wish("acknowledge", 3, "judge"), NOW)
    assert state_after(row, mine, "judge") == "arrived"


def test_a_machine_that_signs_in_is_no_desk():
    machine = Actor("u:9", "system", Scope((GRID[:6],), ("u:9",)))
    assert decide(LOOP, facts(), machine, Wish("dispatch", 3, person_id=1), NOW)
    for action in ("void", "escalate", "suspend"):
        with pytest.raises(Forbidden):
            decide(LOOP, facts(), machine, Wish(action, 3, reason="x"), NOW)
    narrow = Actor("u:9", "system", Scope((GRID[:12],), ("u:9",)))
    with pytest.raises(Forbidden, match="The street holds"):
        decide(LOOP, facts(holder_code=GRID[:9]), narrow, Wish("dispatch", 3, person_id=1), NOW)
    assert decide(LOOP, facts(), system_actor("sweeper"), Wish("escalate", 3, reason="x"), NOW)


def test_what_an_action_does_not_ask_for_is_refused():
    for extra in ({"rating": 5}, {"note": "x"}, {"until": NOW}, {"person_id": 4}):
        field = next(iter(extra))
        with pytest.raises(InvalidInput) as caught:
            decide(LOOP, facts(), actor(), Wish("escalate", 3, reason="x", **extra), NOW)
        assert caught.value.field == field


@pytest.mark.parametrize(
    "changed",
    [
        {"recused": True}, {"holder_code": GRID[:9]}, {"channels": ("resident", "grid_worker")},
    ],
)  # fmt: skip
def test_what_is_not_the_grids_is_not_settled_at_the_grid(changed: dict[str, Any]):
    worker, wish = actor("grid_worker", GRID, 9), Wish("self_settle", 3, note="x")
    assert decide(LOOP, facts(), worker, wish, NOW).to_state == "closed"
    with pytest.raises(Conflict):
        decide(LOOP, facts(**changed), worker, wish, NOW)


def test_a_body_beside_the_lead_is_offered_the_steps_of_its_own_part():
    helper = actor("grid_worker", GRID, 9)
    mine = facts("arrived", family="service", my_parts=(("joint", "assigned"),))
    found = [(one.action, one.role) for one in allowed_actions(LOOP, mine, helper, NOW)]
    assert found == [("acknowledge", "joint"), ("return", "joint")]
