"""The address of the risk page read on the server: what the page makes of the same parameters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from geodata.errors import InvalidInput
from layers.risk.question import Measure, Unit
from web.api.risk_address import read_address
from web.api.risk_model import QuestionQuery

NOW = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
"""Half past one of the 25th in Dalian."""
DAYS = "since=2026-05-25&until=2026-11-20"


def asked(query: str) -> QuestionQuery:
    return read_address(query, NOW).asked


def test_an_empty_address_is_the_last_180_days_in_everything_that_may_be_left_out():
    address = read_address("", NOW)
    assert address.query == "since=2026-05-30&until=2026-11-25"
    assert address.asked.since == datetime(2026, 5, 29, 16, tzinfo=UTC)
    assert address.asked.until == datetime(2026, 11, 25, 16, tzinfo=UTC)
    assert address.asked.model_fields_set == {"since", "until"}
    assert read_address(address.query, NOW + timedelta(days=9)) == address


def test_every_parameter_has_its_meaning():
    found = asked(
        f"{DAYS}&measure=relative&unit=hexagon&family=dispute,hazard&urgency=urgent"
        "&source=reported&weekday=6,7&hours=22-2&season=winter&bandwidth=340&half_life=45"
        "&urgent_weight=2.5&type=D0201,H01"
    )
    assert found.since == datetime(2026, 5, 24, 16, tzinfo=UTC)
    assert found.until == datetime(2026, 11, 20, 16, tzinfo=UTC)
    assert (found.measure, found.unit) == (Measure.RELATIVE, Unit.HEXAGON)
    assert found.kind.families == ("dispute", "hazard")
    assert (found.urgency, found.source) == ("urgent", "reported")
    assert (found.weekday, found.hour, found.month) == ([6, 7], [22, 23, 0, 1, 2], [12, 1, 2])
    assert (found.bandwidth_m, found.half_life_days, found.urgent_weight) == (340, 45, 2.5)
    assert found.type == ["D0201", "H01"]
    assert (found.cell_m, found.limits, found.area) == (25, None, None)


@pytest.mark.parametrize(
    ("hours", "told"),
    [("19-22", [19, 20, 21, 22]), ("7-7", [7]), ("23-0", [23, 0]), ("0-23", list(range(24)))],
)
def test_hours_include_both_ends(hours: str, told: list[int]):
    assert asked(f"hours={hours}").hour == told


def test_what_the_crews_can_cover_is_the_backtests():
    assert read_address("", NOW).area_share == 0.01
    assert read_address("cover=0.05", NOW).area_share == 0.05


def test_an_empty_value_is_left_out_and_what_is_of_the_view_stays_in_the_address():
    view = "at=121.52310,38.95000,11.20&grid=210211001001&versus=year&q=%E5%A4%9C"
    address = read_address(f"since=&family=&{view}&unit=grid&until=2026-11-20", NOW)
    assert address.query == f"{view}&unit=grid&until=2026-11-20&since=2026-05-30"
    assert address.asked == asked("since=2026-05-30&until=2026-11-20&unit=grid")
    assert read_address("family=dispute%2Chazard", NOW).query.startswith("family=dispute,hazard&")


def test_the_bandwidth_is_the_askers_or_what_the_backtest_chooses_for_the_measure():
    backtest = {"chosen_m": 160.0, "likelihood_m": 490.0}
    by_hand = read_address("bandwidth=250", NOW)
    assert by_hand.question(backtest).bandwidth_m == 250
    for measure, metres in (
        ("density", 160), ("relative", 490), ("significance", 490), ("outlier", 490),
    ):  # fmt: skip
        address = read_address(f"measure={measure}", NOW)
        assert address.question(backtest).bandwidth_m == metres
        assert address.question(None).bandwidth_m == 300
        assert address.question({"chosen_m": 160.0, "likelihood_m": None}).bandwidth_m == (
            160 if measure == "density" else 300
        )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("measure=guess", "measure"),
        ("unit=street", "unit"),
        ("family=love", "family"),
        ("family=dispute,love", "family"),
        ("family=recommendation", "family"),
        ("family=,", "family"),
        ("family=dispute&family=hazard", "family"),
        ("urgency=very", "urgency"),
        ("source=x", "source"),
        ("weekday=0", "weekday"),
        ("weekday=8", "weekday"),
        ("weekday=67", "weekday"),
        ("hours=24-2", "hours"),
        ("hours=19", "hours"),
        ("hours=19-22-23", "hours"),
        ("hours=-1-3", "hours"),
        ("season=monsoon", "season"),
        ("since=yesterday", "since"),
        ("since=20260525", "since"),
        ("since=2026-02-30", "since"),
        ("since=0001-01-01", "since"),
        ("until=9999-12-31", "until"),
        ("until=2026-11-20T00:00:00Z", "until"),
        ("bandwidth=0", "bandwidth"),
        ("bandwidth=24", "bandwidth"),
        ("bandwidth=5001", "bandwidth"),
        ("bandwidth=nan", "bandwidth"),
        ("bandwidth=1e3", "bandwidth"),
        ("bandwidth=1_000", "bandwidth"),
        ("half_life=0.5", "half_life"),
        ("half_life=3661", "half_life"),
        ("urgent_weight=0", "urgent_weight"),
        ("urgent_weight=101", "urgent_weight"),
        ("area=210211001", "area"),
        ("type=,", "type"),
        ("type=H01%00", "type"),
        ("cover=0.03", "cover"),
        ("nopair", "query"),
        ("a=1#top", "query"),
        ("a=%ff", "query"),
    ],
)
def test_what_the_page_would_pass_over_is_refused_by_name(query: str, field: str):
    with pytest.raises(InvalidInput) as caught:
        read_address(query, NOW)
    assert caught.value.field == field
