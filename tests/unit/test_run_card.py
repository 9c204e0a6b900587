"""Run cards: the most specific one holds, overlaps are found, whatever the order of saving."""

from __future__ import annotations

import random
from itertools import permutations, product

import pytest

from dispatch.assign.card import (
    Card,
    Match,
    Matter,
    Need,
    Part,
    Stage,
    check_card,
    choose_card,
    find_conflict,
    overlap,
)
from dispatch.assign.card_store import shipped_cards
from dispatch.case.type import known_types
from dispatch.people.role import ROLES
from geodata.errors import InvalidInput

LEAD = (Need(Part.LEAD),)
CLASSES = {"D01": ("D0101", "D0102"), "D02": ("D0201",), "HC08": ("H02", "H53")}
FAMILY = {"D01": "dispute", "D02": "dispute", "HC08": "hazard"}
TYPES = [(code, None, FAMILY[code]) for code in CLASSES] + [
    (code, parent, FAMILY[parent]) for parent, codes in CLASSES.items() for code in codes
]
LEVELS = [frozenset(), frozenset({1}), frozenset({1, 2}), frozenset({2, 3}), frozenset({1, 2, 3})]
SCALES = [frozenset(), frozenset({3}), frozenset({2, 3})]


def card(name: str, match: Match) -> Card:
    return Card(name, name, match, LEAD)


def of_type(code: str, **more: object) -> Match:
    _, parent, family = next(one for one in TYPES if one[0] == code)
    return Match(family=family, type_code=code, parent_code=parent, **more)  # type: ignore[arg-type]


def matters() -> list[Matter]:
    return [
        Matter(code, parent, family, level, scale, failed)
        for (code, parent, family), level, scale, failed in product(
            TYPES, (None, 1, 2, 3, 4), (None, 1, 2, 3), (0, 2, 3)
        )
    ]


def random_match(rng: random.Random) -> Match:
    kind = rng.choice(["all", "family", "type", "type", "type"])
    stage = rng.choice(list(Stage))
    more = {"stage": stage, "levels": rng.choice(LEVELS), "scales": rng.choice(SCALES)}
    if kind == "type":
        return of_type(rng.choice(TYPES)[0], **more)
    family = rng.choice(["dispute", "hazard"]) if kind == "family" else None
    return Match(family=family, **more)  # type: ignore[arg-type]


def saved(matches: list[Match]) -> list[Card]:
    """Save cards one after the other; what is in conflict with a saved one is refused."""
    kept: list[Card] = []
    for number, match in enumerate(matches):
        if find_conflict(match, kept) is None:
            kept.append(card(str(number), match))
    return kept


def test_the_type_goes_before_its_class_its_family_and_all():
    cards = [
        card("all", Match()),
        card("family", Match(family="dispute")),
        card("class", of_type("D01")),
        card("type", of_type("D0101")),
    ]
    for order in permutations(cards):
        assert choose_card(Matter("D0101", "D01", "dispute"), order).name == "type"
        assert choose_card(Matter("D0102", "D01", "dispute"), order).name == "class"
        assert choose_card(Matter("D01", None, "dispute"), order).name == "class"
        assert choose_card(Matter("D0201", "D02", "dispute"), order).name == "family"
        assert choose_card(Matter("H02", "HC08", "hazard"), order).name == "all"


def test_level_and_scale_are_narrower_than_any():
    cards = [
        card("any", Match(family="dispute")),
        card("grave", Match(family="dispute", levels=frozenset({1, 2}))),
        card("grave group", Match(family="dispute", levels=frozenset({1}), scales=frozenset({3}))),
    ]
    found = {
        (level, scale): choose_card(Matter("D01", None, "dispute", level, scale), cards).name
        for level, scale in ((None, None), (4, 3), (2, 3), (1, None), (1, 3))
    }
    assert found == {
        (None, None): "any", (4, 3): "any", (2, 3): "grave", (1, None): "grave",
        (1, 3): "grave group",
    }  # fmt: skip


def test_an_overlap_names_where_both_fit():
    grave = card("grave", Match(family="dispute", levels=frozenset({1, 2})))
    group = of_type("D01", scales=frozenset({3}))
    found = find_conflict(group, [grave])
    assert found is not None
    assert found.card is grave
    assert found.match == Match(
        family="dispute", type_code="D01", levels=frozenset({1, 2}), scales=frozenset({3})
    )
    assert find_conflict(Match(family="hazard", scales=frozenset({3})), [grave]) is None
    assert find_conflict(Match(family="dispute", levels=frozenset({3})), [grave]) is None
    assert find_conflict(Match(family="dispute", levels=frozenset({1})), [grave]) is None
    assert find_conflict(grave.match, [grave]) is not None, "the same again"


def test_the_joint_stage_has_cards_of_its_own():
    joint = card("joint", Match(Stage.JOINT, family="dispute"))
    plain = card("plain", Match(family="dispute", levels=frozenset({1})))
    assert find_conflict(joint.match, [plain]) is None
    cards = [plain, joint]
    assert choose_card(Matter("D01", None, "dispute", 1, None, 2), cards) is plain
    assert choose_card(Matter("D01", None, "dispute", 1, None, 3), cards) is joint
    assert choose_card(Matter("D01", None, "dispute", 1, None, 3), [plain]) is plain
    assert choose_card(Matter("D01", None, "dispute"), cards) is None


def test_overlap_is_what_both_fit_and_nothing_else():
    rng = random.Random(20261120)  # noqa: S311 - no secret
    cases = matters()
    for _ in range(400):
        a, b = random_match(rng), random_match(rng)
        both = overlap(a, b)
        for matter, stage in product(cases, Stage):
            fits = a.fits(matter, stage) and b.fits(matter, stage)
            assert fits == (both is not None and both.fits(matter, stage))
        if a.within(b):
            assert all(b.fits(m, s) for m, s in product(cases, Stage) if a.fits(m, s))
        assert (overlap(b, a) is None) == (both is None)


@pytest.mark.parametrize("seed", range(60))
def test_every_case_has_at_most_one_card_whatever_the_order(seed: int):
    rng = random.Random(seed)  # noqa: S311 - no secret
    kept = saved([random_match(rng) for _ in range(30)])
    assert len(kept) >= 3
    shuffled = rng.sample(kept, len(kept))
    assert len(saved([one.match for one in shuffled])) == len(kept), "no order brings a conflict"
    for matter in matters():
        fitting = [one for one in kept if one.match.fits(matter, matter.stage)]
        narrowest = [
            one for one in fitting if not any(two.match.narrower(one.match) for two in fitting)
        ]
        assert len(narrowest) <= 1
        if narrowest:
            assert choose_card(matter, kept) is narrowest[0]
        assert choose_card(matter, shuffled) is choose_card(matter, kept)


def test_the_shipped_cards_hold_and_contradict_none():
    types = {kind.code: kind for kind in known_types()}
    kept: list[Card] = []
    for shipped in shipped_cards():
        kind = types.get(shipped.match.type_code or "")
        match = shipped.match
        if kind is not None:
            match = Match(
                match.stage, kind.family, kind.code, kind.parent_code, match.levels, match.scales
            )
        whole = Card(shipped.name, shipped.name_en, match, shipped.needs, code=shipped.code)
        check_card(whole, ROLES, {"fire", "gas"})
        assert find_conflict(match, kept) is None, shipped.code
        kept.append(whole)
    assert len({one.code for one in kept}) == len(kept) >= 10
    joint = choose_card(Matter("D0201", "D02", "dispute", 4, 1, 3), kept)
    assert joint is not None
    roles = {need.role for need in joint.needs if need.part is Part.JOINT}
    assert roles == {"judge", "prosecutor", "police_officer"}


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        ((), "exactly one lead"),
        ((Need(Part.LEAD), Need(Part.LEAD)), "exactly one lead"),
        ((Need(Part.LEAD, count=2),), "exactly one lead"),
        ((Need(Part.LEAD, role="judge"),), "joins beside"),
        ((Need(Part.LEAD, role="king"),), "role must be"),
        ((Need(Part.LEAD), Need(Part.ALONE)), "which role"),
        ((Need(Part.LEAD, step=2), Need(Part.ALONE, "lawyer")), "called first"),
        ((Need(Part.LEAD), Need(Part.ALONE, "lawyer", "magic")), "skill must be"),
        ((Need(Part.LEAD), Need(Part.ALONE, "lawyer", count=0)), "count must be"),
        ((Need(Part.LEAD), Need(Part.ALONE, "lawyer", within_s=-5)), "within_s must be"),
        ((Need(Part.LEAD), *[Need(Part.ALONE, "lawyer")] * 12), "at most 12"),
    ],
)
def test_a_card_nobody_could_be_sent_by_is_refused(needs: tuple[Need, ...], words: str):
    with pytest.raises(InvalidInput, match=words) as refused:
        check_card(Card("x", "x", Match(family="dispute"), needs), ROLES, {"fire"})
    assert refused.value.field == "needs"


def test_what_is_not_handled_jointly_is_refused():
    needs = (Need(Part.LEAD), Need(Part.JOINT, "police_officer"))
    for match in (Match(), Match(family="police")):
        with pytest.raises(InvalidInput, match="jointly"):
            check_card(Card("x", "x", match, needs), ROLES, ())
    with pytest.raises(InvalidInput, match="mediated"):
        check_card(Card("x", "x", Match(Stage.JOINT, family="hazard"), LEAD), ROLES, ())
    check_card(Card("x", "x", Match(family="dispute"), needs), ROLES, ())
