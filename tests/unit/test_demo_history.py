from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from dispatch.case.type import known_types
from dispatch.demo.history import CLOSED, FRESH, FRESH_MIN, REPORTED, Story, tell
from dispatch.demo.incident import Incidents
from dispatch.demo.seed import drawn_types

URGENT = [row % 3 == 0 for row in range(REPORTED)]
AS_OF = datetime(2026, 11, 20, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def stories() -> list[Story]:
    rng = np.random.default_rng(3)
    ages = np.sort(rng.random(REPORTED))[::-1] * 365 * 86_400
    ages[-FRESH:] = np.linspace(FRESH_MIN * 60, 60, FRESH)
    families = [("dispute", "hazard", "service", "police")[i % 4] for i in range(REPORTED)]
    incidents = Incidents(
        at=[AS_OF - timedelta(seconds=float(age)) for age in ages],
        site=np.zeros(REPORTED, dtype=np.int64),
        family=families,
        type_code=["P01" if family == "police" else "D0201" for family in families],
    )
    leads = [[row % 500 + 1, row % 500 + 501] for row in range(REPORTED)]
    return tell(incidents, leads, URGENT, AS_OF, rng)


def test_the_reported_totals_are_met(stories: list[Story]) -> None:
    states = Counter(story.state for story in stories)
    assert sum(states.values()) == REPORTED == 9_769
    assert states["closed"] == CLOSED == 9_717
    assert round(100 * states["closed"] / REPORTED, 2) == 99.47


def test_open_cases_stand_in_every_open_state(stories: list[Story]) -> None:
    states = Counter(story.state for story in stories if story.state != "closed")
    assert set(states) == {"pending", "assigned", "acknowledged", "arrived"}


def test_time_goes_forward_and_ends_before_the_as_of_moment(stories: list[Story]) -> None:
    for story in stories:
        times = [story.reported_at, *(step.at for step in story.steps)]
        assert times == sorted(times)
        assert len(set(times)) == len(times)
        assert times[-1] <= AS_OF


def test_nobody_leads_two_open_cases(stories: list[Story]) -> None:
    leads = [s.steps[-1].person for s in stories if s.state != "closed" and s.steps]
    assert len(leads) == len(set(leads))


def test_returns_and_undone_assignments_are_part_of_the_past(stories: list[Story]) -> None:
    actions = Counter(step.action for story in stories for step in story.steps)
    assert actions["return"] > 100
    assert actions["undo"] > 50
    assert all(s.text for story in stories for s in story.steps if s.action in ("return", "close"))


def test_nothing_urgent_waits_for_long(stories: list[Story]) -> None:
    for story in stories:
        if story.state != "closed" and story.row < REPORTED - FRESH:
            assert not URGENT[story.row]
            assert story.state in ("acknowledged", "arrived")


def test_types_that_came_later_do_not_change_the_district() -> None:
    drawn = drawn_types({kind.code: kind for kind in known_types()})
    assert sorted(drawn["hazard"]) == [f"H{n:02}" for n in range(1, 17)]
    assert sorted(drawn["service"]) == [f"S{n:02}" for n in range(1, 9)]
    assert sorted(drawn["police"]) == [f"P{n:02}" for n in range(1, 9)]
    assert drawn["dispute"][:2] == ["D0201", "D0402"]
    assert len(drawn["dispute"]) == 78 + 1
