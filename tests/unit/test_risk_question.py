"""What is asked: which days rates are told of, and which values are refused by name."""

from __future__ import annotations

from datetime import datetime

import pytest

from geodata.clock import LOCAL_ZONE
from geodata.errors import InvalidInput
from layers.risk.question import Kind, Period, Question, Weight


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


def days(since: str, until: str, now: str = "2026-12-31", **kind: tuple[int, ...]) -> float:
    period = Period(local(since), local(until))
    return Question(period, ("210211",), Kind(**kind)).past_days(local(now))


def test_rates_are_told_of_days_that_have_passed():
    assert days("2026-06-01", "2026-07-01") == pytest.approx(30.0)
    assert days("2026-06-01", "2026-07-01", now="2026-06-11T12:00") == pytest.approx(10.5)
    assert days("2026-06-01T18:00", "2026-06-02T06:00") == pytest.approx(0.5)
    assert days("2026-06-01", "2026-07-01", now="2026-05-01") == pytest.approx(1 / 24)


def test_rates_are_told_of_the_seasons_and_weekdays_asked_for():
    assert days("2026-01-01", "2027-01-01", months=(6, 7, 8)) == pytest.approx(92.0)
    assert days("2026-06-01", "2026-06-15", weekdays=(1,)) == pytest.approx(2.0)  # Mondays
    assert days("2026-06-01", "2026-07-15", months=(7,), weekdays=(1,)) == pytest.approx(2.0)
    assert days("2026-06-01", "2026-07-01", hours=(23, 0)) == pytest.approx(30.0)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Kind(families=("war",)), "family"),
        (lambda: Kind(weekdays=(8,)), "weekday"),
        (lambda: Kind(hours=(24,)), "hour"),
        (lambda: Kind(months=(0,)), "month"),
        (lambda: Weight(urgent=0.0), "urgent_weight"),
        (lambda: Weight(half_life_days=0.0), "half_life_days"),
        (lambda: Period(local("2026-01-02"), local("2026-01-01")), "until"),
        (lambda: Period(datetime(2026, 1, 1), local("2026-01-02")), "since"),
    ],
)
def test_bad_questions_name_their_field(make, field: str):
    with pytest.raises(InvalidInput) as caught:
        make()
    assert caught.value.field == field
