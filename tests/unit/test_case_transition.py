"""The table of transitions: who may do what from where, and what it needs."""

from __future__ import annotations

import pytest

from dispatch.case.transition import (
    DESK,
    END_STATES,
    OPEN_STATES,
    STATES,
    TABLE,
    decide,
    next_state,
    states_from,
)
from geodata.errors import Conflict, Forbidden, InvalidInput

MOVES = {
    ("assign", "pending"): "assigned",
    ("undo", "assigned"): "pending",
    ("acknowledge", "assigned"): "acknowledged",
    ("arrive", "acknowledged"): "arrived",
    ("return", "assigned"): "pending",
    ("return", "acknowledged"): "pending",
    ("return", "arrived"): "pending",
    ("close", "acknowledged"): "closed",
    ("close", "arrived"): "closed",
    ("void", "pending"): "void",
}


@pytest.mark.parametrize("action", TABLE)
@pytest.mark.parametrize("state", STATES)
def test_every_action_from_every_state(action: str, state: str):
    row = TABLE[action]
    if (action, state) in MOVES:
        assert next_state(row, state) == MOVES[action, state]
    else:
        with pytest.raises(Conflict) as caught:
            next_state(row, state)
        assert caught.value.winner == {"state": state}


@pytest.mark.parametrize("state", END_STATES)
def test_nothing_leads_out_of_an_end(state: str):
    assert all(state not in row.from_states for row in TABLE.values())


def test_who_joins_beside_the_lead_moves_no_case():
    for action in ("assign", "undo", "acknowledge", "arrive", "return"):
        assert states_from(TABLE[action], "judge") == OPEN_STATES
        assert next_state(TABLE[action], "arrived", "judge") == "arrived"
    assert next_state(TABLE["close"], "arrived", "judge") == "closed"


@pytest.mark.parametrize("role", sorted(DESK))
@pytest.mark.parametrize("action", TABLE)
def test_the_desk_may_do_everything(role: str, action: str):
    assert decide(action, role, text="because").action == action


@pytest.mark.parametrize(
    ("action", "allowed"),
    [("assign", False), ("undo", False), ("void", False), ("acknowledge", True), ("arrive", True),
     ("return", True), ("close", True)],
)  # fmt: skip
def test_an_assignee_does_field_work_only(action: str, allowed: bool):
    if allowed:
        decide(action, "judge", is_assignee=True, text="x")
    else:
        with pytest.raises(Forbidden):
            decide(action, "judge", is_assignee=True, text="x")


@pytest.mark.parametrize("role", ["planner", "supervisor", "administrator", "grid_worker"])
def test_others_may_do_nothing(role: str):
    for action in TABLE:
        with pytest.raises(Forbidden):
            decide(action, role, text="x")


@pytest.mark.parametrize(
    ("action", "field"), [("return", "reason"), ("close", "note"), ("void", "reason")]
)
@pytest.mark.parametrize("text", [None, "", " \n", "x" * 2001, "a\x00", "\ud800"])
def test_a_text_is_needed_and_must_be_text(action: str, field: str, text: str | None):
    with pytest.raises(InvalidInput) as caught:
        decide(action, "commander", text=text)
    assert caught.value.field == field


def test_an_unknown_action_is_refused():
    with pytest.raises(InvalidInput):
        decide("vanish", "commander")
