"""Why not agrees with the ladder for everybody; needs and shortfalls by hand-worked numbers."""

from __future__ import annotations

import math
import random

import pytest

from dispatch.assign import ladder
from dispatch.assign.card import Card, Match, Need, Part
from dispatch.assign.ladder import Responder
from dispatch.assign.need import Counts, Held, explain, fill_needs, rules_for
from dispatch.assign.rung import LADDER, Rung
from dispatch.assign.shortfall import CAUSES
from dispatch.assign.shortfall import sentence as shortfall_sentence
from dispatch.assign.why_not import SENTENCES, Answer, Standing, Verdict, sentence, why_not
from geodata.code import Level

LIMIT_S = 600.0


def responder(person: int, role: str, rung: int, travel_s: float | None, load: int = 0,
              *, in_scope: bool = True) -> Responder:  # fmt: skip
    return Responder(
        person, role, rung, "", None, "ebike", None, None, 0.0, 0.0, None, load, 3, in_scope,
        f"p{person}" if in_scope else None, None, travel_s, None,
    )  # fmt: skip


def standing(person: int, role: str = "grid_worker", **more: object) -> Standing:
    facts = {"duty": "on_duty", "load": 0, "capacity": 3, "rung": 2} | more
    return Standing(person, role, **facts)  # type: ignore[arg-type]


def asked(people: list[Responder], who: Standing, family: str = "hazard") -> tuple[str, Answer]:
    found = why_not(who, LADDER, family, ["street_order"], ladder.order(people, LIMIT_S))
    return found.verdict.value, found.answers[0]


def test_each_comparison_by_hand():
    first = responder(1, "grid_worker", 2, 300)
    cases = {
        "higher_rung": responder(2, "grid_worker", 3, 100),
        "farther": responder(3, "grid_worker", 2, 480.04),
        "busier": responder(4, "grid_worker", 2, 300, load=2),
        "equal": responder(5, "grid_worker", 2, 300),
        "no_road": responder(6, "info_officer", 1, math.inf),
        "rung_skipped": responder(7, "info_officer", 1, 601),
    }
    found = {code: asked([first, r], standing(r.person_id)) for code, r in cases.items()}
    assert {verdict for verdict, _ in found.values()} == {"outranked"}
    assert {code: answer.code for code, (_, answer) in found.items()} == {c: c for c in cases}
    assert dict(found["farther"][1].params) == {"travel_s": 480.0, "first_s": 300.0}
    assert sentence(found["farther"][1], "en") == "8.0 min away, the first 5.0 min"
    assert sentence(found["farther"][1]) == "路程 8.0 分钟，第一位 5.0 分钟"
    assert sentence(found["busier"][1], "en") == "2 open, the first 0"
    assert "neighbouring grid" in sentence(found["higher_rung"][1], "en")
    assert "相邻网格" in sentence(found["higher_rung"][1])
    assert "10.0" in sentence(found["rung_skipped"][1], "en")


def test_who_joins_stands_after_who_leads():
    mediator = responder(1, "mediator", 4, 500)
    lawyer = responder(2, "lawyer", 4, None)
    assert asked([mediator, lawyer], standing(2, "lawyer"), "dispute")[1].code == "joins_beside"
    officer = responder(3, "justice_officer", 4, None)
    assert asked([mediator, officer], standing(3), "dispute")[1].code == "by_appointment"


def test_each_exclusion_by_hand():
    people = [responder(1, "grid_worker", 2, 300)]
    cases = (
        (standing(2, "judge", rung=None), "other_family"),
        (standing(2, "gas_fitter", rung=None), "other_skill"),
        (standing(2, rung=None), "other_area"),
        (standing(2, duty="on_leave"), "on_leave"),
        (standing(2, duty="off_duty"), "off_duty"),
        (standing(2, recusal=""), "recused"),
        (standing(2, load=3), "at_capacity"),
    )
    for who, code in cases:
        verdict, answer = asked(people, who)
        assert (verdict, answer.code) == ("excluded", code)
    both = why_not(
        standing(2, duty="on_leave", recusal="kin"), LADDER, "hazard", [], ladder.order(people, 9)
    )
    assert [answer.code for answer in both.answers] == ["on_leave", "recused"]
    assert asked(people, standing(1))[0] == "recommended"
    assert asked(people, standing(1, part="lead")) == ("assigned", Answer("assigned_lead"))
    assert asked(people, standing(2, part="joint"))[1].code == "assigned_beside"


@pytest.mark.parametrize("seed", range(200))
def test_the_answer_and_the_list_are_the_same(seed: int):
    rng = random.Random(seed)  # noqa: S311 - no secret
    roles = ("grid_worker", "info_officer", "lawyer", "judge", "mediator")
    people = [
        responder(
            number, role := rng.choice(roles), rng.randint(1, 6),
            None if role in ("lawyer", "judge")
            else rng.choice([math.inf, 60.0, 60.04, 300.0, 599.99, 600.04, 700.0]),
            rng.randint(0, 2),
        )
        for number in range(1, rng.randint(2, 14))
    ]  # fmt: skip
    ordered = ladder.order(people, LIMIT_S)
    for place, r in enumerate(ordered.responders):
        found = why_not(standing(r.person_id, r.role), LADDER, "dispute", [], ordered)
        if place == 0:
            assert found.verdict is Verdict.FIRST
            continue
        assert (found.verdict, found.rank) == (Verdict.OUTRANKED, place + 1)
        assert found.ahead is ordered.responders[0]
        # What is said must hold of the two: dropping it, the order of the two could be another.
        first, code = ordered.responders[0], found.answers[0].code
        holds = {
            "no_road": r.travel_s == math.inf != first.travel_s,
            "rung_skipped": r.rung not in ordered.open_rungs and first.rung in ordered.open_rungs,
            "higher_rung": r.rung > first.rung,
            "joins_beside": first.may_lead and not r.may_lead,
            "by_appointment": r.travel_s is None and first.travel_s is not None,
            "farther": (r.travel_s or 0) > (first.travel_s or 0),
            "busier": r.load > first.load,
            "equal": r.person_id > first.person_id and r.load == first.load,
        }
        assert holds[code], (code, first, r)


def test_every_rule_has_its_sentence_in_both_languages():
    params = {"load": 1, "capacity": 2, "first_load": 0, "travel_s": 60.0, "first_s": 30.0,
              "limit_s": 600.0, "rung": 3, "first_rung": 2}  # fmt: skip
    for code in SENTENCES:
        zh, en = (sentence(Answer(code, params), locale) for locale in ("zh", "en"))
        assert zh != en
        assert "{" not in zh + en
    for code in CAUSES:
        for locale in ("zh", "en"):
            text = shortfall_sentence("x", "street", 1, 2, {code: 4}, 540.0, locale)
            assert "{" not in text
            assert "4" in text or code == "none"
    fewer = shortfall_sentence("firefighter", "street", 1, 2, {"late": 2}, 540.0, "en")
    assert fewer == "1 firefighter of this street missing: 2 not here within 9 min"


# Needs -------------------------------------------------------------------------------------------

CARD = Card(
    "c", "c", Match(family="hazard"),
    (
        Need(Part.ALONE, "grid_worker", count=2, step=2, within_s=600),
        Need(Part.LEAD),
        Need(Part.JOINT, "firefighter", within_s=300),
    ),
)  # fmt: skip


def test_needs_are_filled_by_step_and_nobody_twice():
    workers = [
        responder(1, "grid_worker", 2, 100),
        responder(2, "grid_worker", 3, 50),
        responder(3, "grid_worker", 3, 700),
        responder(4, "grid_worker", 4, 20),
    ]
    fire = [responder(9, "firefighter", 5, 301)]
    people = {None: workers, "grid_worker": workers, "firefighter": fire}
    calls = fill_needs(CARD, (), people, LIMIT_S)
    assert [call.index for call in calls] == [1, 2, 0], "by step, then as on the card"
    chosen = [[call.order.responders[at].person_id for at in call.chosen] for call in calls]
    assert chosen == [[1], [], [2, 4]], "the lead first; who is late is not called, rung before way"
    short = explain(calls[1], "district", Counts(off_duty=2))
    assert short is not None
    assert (short.missing, dict(short.causes)) == (1, {"off_duty": 2, "late": 1})
    assert explain(calls[2], "community") is None


def test_a_late_lead_is_better_than_none_unless_the_card_says_when():
    late = [responder(1, "grid_worker", 2, 5000)]
    (call,) = fill_needs(Card("c", "c", Match(), (Need(Part.LEAD),)), (), {None: late}, LIMIT_S)
    assert call.chosen == (0,)
    timed = Card("c", "c", Match(), (Need(Part.LEAD, within_s=900),))
    (call,) = fill_needs(timed, (), {None: late}, LIMIT_S)
    assert call.chosen == ()


def test_parts_that_people_have_fill_needs():
    workers = [responder(n, "grid_worker", 2, 60.0 * n) for n in (1, 2, 3)]
    people = {None: workers, "grid_worker": workers}
    held = (
        Held(1, "grid_worker", "lead", live=True),
        Held(2, "grid_worker", "assist", live=True),
        Held(8, "firefighter", "joint", live=False, done=True),
        Held(7, "firefighter", "joint", live=False),
    )
    lead, fire, rest = fill_needs(CARD, held, people, LIMIT_S)
    assert (lead.filled, fire.filled, rest.filled) == (1, 1, 1)
    assert [rest.order.responders[at].person_id for at in rest.chosen] == [3]
    assert rest.engaged == 2


def test_a_role_the_ladder_does_not_name_is_sought_on_its_own_level():
    rules = rules_for("dispute", (), "police_officer", Level.STREET)
    assert [(rule.rung, rule.within) for rule in rules] == [
        (Rung.STREET, False),
        (Rung.DISTRICT, True),
    ]
    own = rules_for("dispute", (), "lawyer", Level.COMMUNITY)
    assert all(rule in LADDER for rule in own)
    called = rules_for("hazard", ("fire",), "firefighter", Level.STREET)
    assert {rule.skill for rule in called} == {"fire"}
    assert {rule.skill for rule in rules_for("hazard", (), "firefighter", Level.STREET)} == {None}
