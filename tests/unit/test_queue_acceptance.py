"""Why a line of a proposal does not hold, from what the dispatch was refused with."""

from __future__ import annotations

import pytest

from dispatch.queue.acceptance import SENTENCES, judge, sentence
from dispatch.queue.store import Settled
from geodata.errors import Conflict, Forbidden, GanxinError, InvalidInput, NotFound

TAKEN = {"state": "assigned", "version": 2, "person_id": 5, "person_role": "grid_worker",
         "name": "李娜", "by": "u:3", "at": "2026-11-20T02:00:00+00:00"}  # fmt: skip
HIDDEN = {"state": "assigned", "version": 2, "person_id": None, "person_role": "grid_worker",
          "name": None, "by": "u:3", "at": "2026-11-20T02:00:00+00:00"}  # fmt: skip


@pytest.mark.parametrize(
    ("problem", "state", "code"),
    [
        (Conflict("x", field="version", winner=TAKEN), "stale", "taken_by"),
        (Conflict("x", field="version", winner=HIDDEN), "stale", "taken_by"),
        (Conflict("x", field="version", winner={"state": "void"}), "stale", "case_moved"),
        (Conflict("x", field="person_id", winner={"person_id": 5}), "stale", "no_room"),
        (Conflict("x", field="person_id", winner={"reason": "duty"}), "stale", "off_duty"),
        (Conflict("x", field="person_id", winner={"reason": "recused"}), "stale", "recused"),
        (
            Conflict("x", field="person_id", winner={"reason": "not_answering"}),
            "stale",
            "not_answering",
        ),
        (NotFound("x", person_id=5), "stale", "not_in_reach"),
        (Forbidden("x"), "refused", "not_allowed"),
        (InvalidInput("x", field="role"), "refused", "not_allowed"),
    ],
)
def test_each_refusal_has_its_reason(problem: GanxinError, state: str, code: str):
    verdict = judge(problem)
    assert (verdict.state, verdict.why) == (state, code)
    assert code in SENTENCES


def test_who_took_it_is_told_as_far_as_they_may_be_named():
    facts = {k: TAKEN[k] for k in ("name", "person_id", "person_role", "by", "at")}
    seen = judge(Conflict("x", field="version", winner=TAKEN))
    assert seen == Settled("stale", "taken_by", facts)
    unseen = judge(Conflict("x", field="version", winner=HIDDEN)).facts
    assert unseen == {k: HIDDEN[k] for k in ("person_role", "by", "at")}
    assert sentence("taken_by", "zh", "李娜") == "已由李娜接手"
    assert sentence("taken_by", "en", "Li Na") == "Li Na has it already"
