"""The choice of a bandwidth, by hand-worked numbers and by patterns whose scale is known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from geodata.errors import InvalidInput
from layers.risk.density.frame import Frame
from layers.risk.density.surface import Events
from layers.risk.foresight import bandwidth
from layers.risk.foresight.backtest import Curve, Plan, Record
from layers.risk.foresight.bandwidth import (
    CANDIDATES_M,
    Candidate,
    Figures,
    choose,
    log_likelihoods,
    smoothest,
)

FRAME = Frame.over((0.0, 0.0, 8000.0, 8000.0), 100.0, 4549)
EVERYWHERE = np.ones(FRAME.shape, bool)
NO_CURVE = Curve(np.ones(1), np.zeros((2, 1)), np.ones(2))


def written_out(places: list[tuple[float, float]], h: float) -> float:
    """Return the mean log density per km² at each event of all events of other places."""
    logs = []
    for own in places:
        others = [one for one in places if one != own]
        total = sum(math.exp(-(math.dist(own, one) ** 2) / (2 * h * h)) for one in others)
        logs.append(math.log(1e6 * total / len(others) / (2 * math.pi * h * h)))
    return sum(logs) / len(logs)


def events_at(places: list[tuple[float, float]]) -> Events:
    x, y = np.array(places, float).T
    return Events.plain(x.copy(), y.copy())


def test_the_likelihood_is_its_definition():
    """Two events share a place; neither sees the other."""
    places = [(0.0, 0.0), (0.0, 0.0), (100.0, 0.0), (0.0, 200.0), (340.0, 120.0)]
    found = log_likelihoods(events_at(places), [75.0, 200.0, 600.0])
    assert found is not None
    assert found == pytest.approx([written_out(places, h) for h in (75.0, 200.0, 600.0)])


def test_two_places_by_hand():
    """exp(-1/2) at one bandwidth apart, 1 / (2 pi 0.01) per km² at the peak."""
    found = log_likelihoods(events_at([(0.0, 0.0), (100.0, 0.0)]), [100.0])
    assert found == pytest.approx([math.log(1 / (2 * math.pi * 0.01)) - 0.5])


def test_a_lonely_event_has_a_likelihood_however_narrow_the_kernel():
    """50 km away at h = 10 m: the density is 1e-5428600, its log is a number."""
    places = [(0.0, 0.0), (10.0, 0.0), (50_000.0, 0.0)]
    found = log_likelihoods(events_at(places), [10.0])
    assert found is not None
    near = math.log(1e6 / 2 / (2 * math.pi * 100)) - 0.5
    far = math.log(1e6 / 2 / (2 * math.pi * 100)) - 49_990.0**2 / 200
    assert found == pytest.approx([(2 * near + far) / 3])


@pytest.mark.parametrize(("spread_m", "count"), [(300.0, 400), (900.0, 400), (900.0, 3000)])
def test_the_likeliest_bandwidth_of_a_gaussian_sample_is_near_the_theoretical(
    spread_m: float, count: int
):
    """Sigma n^(-1/6) has the least mean square error (Silverman, 1986, 4.14)."""
    rng = np.random.default_rng(count)
    x, y = rng.normal(4000, spread_m, (2, count))
    tried = np.geomspace(20, 2000, 60)
    found = log_likelihoods(Events.plain(x, y), tried)
    assert found is not None
    ratio = tried[found.argmax()] / (spread_m * count ** (-1 / 6))
    assert 1 / 1.5 < ratio < 1.5


def test_events_that_repeat_at_their_place_change_nothing():
    """Without care for places three calls from each house would make the narrowest likeliest."""
    rng = np.random.default_rng(2)
    x, y = np.floor(rng.normal(4000, 500, (2, 300)))
    once = log_likelihoods(Events.plain(x, y), CANDIDATES_M)
    thrice = log_likelihoods(Events.plain(np.tile(x, 3), np.tile(y, 3)), CANDIDATES_M)
    assert thrice == pytest.approx(once)


def test_of_many_places_some_are_asked(monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(4)
    events = Events.plain(*rng.normal(4000, 500, (2, 3000)))
    every = log_likelihoods(events, CANDIDATES_M)
    monkeypatch.setattr(bandwidth, "MOST_ASKED", 1000)
    some = log_likelihoods(events, CANDIDATES_M)
    assert some is not None
    assert every is not None
    assert (some != every).all()
    assert some == pytest.approx(every, abs=0.15)
    assert some.argmax() == every.argmax()


def test_one_place_has_no_likelihood():
    assert log_likelihoods(events_at([(3.0, 4.0)] * 5), [100.0]) is None


def candidate(bandwidth_m: float, behind: float, behind_error: float) -> Candidate:
    figures = Figures(8.0 - behind, 7.0, 9.0, 0.5, 0.1, 0.08, NO_CURVE)
    return Candidate(bandwidth_m, figures, behind, behind_error, None)


def test_the_widest_within_one_error_of_the_best_is_chosen():
    best = candidate(100.0, 0.0, 0.0)
    near, far = candidate(200.0, 0.3, 0.35), candidate(400.0, 0.9, 0.4)
    assert smoothest([candidate(50.0, 0.1, 0.2), best, near, far]) is near
    assert smoothest([best, far]) is best


def planted(spread_m: float) -> Record:
    """Return 12 events a day for 130 days round 12 causes, and some anywhere."""
    rng = np.random.default_rng(8)
    days = np.repeat(np.arange(130), 15)
    causes = rng.uniform(1000, 7000, (12, 2))
    places = causes[rng.integers(0, 12, len(days))] + rng.normal(0, spread_m, (len(days), 2))
    anywhere = np.arange(len(days)) % 5 == 0
    places[anywhere] = rng.uniform(0, 8000, (anywhere.sum(), 2))
    return Record(places[:, 0].copy(), places[:, 1].copy(), days)


def test_a_planted_scale_is_found():
    """60 events of each cause: near spread times 60^(-1/6), half of the spread."""
    plan, told = Plan(60, 10, 0.05), []
    found = {
        spread_m: choose(
            planted(spread_m), FRAME, EVERYWHERE, plan,
            progress=lambda done, total: told.append((done, total)),
        )
        for spread_m in (200.0, 700.0)
    }  # fmt: skip
    assert told == [(done, 10) for done in range(1, 11)] * 2
    for spread_m, one in found.items():
        assert one.likelihood_m is not None
        for h in (one.chosen_m, one.likelihood_m):
            assert 1 / 2.5 < h / (spread_m / 2) < 2.5
        assert one.chosen_m >= one.best_m
        pais = [each.figures.pai for each in one.candidates]
        assert max(pais) == next(
            e.figures.pai for e in one.candidates if e.bandwidth_m == one.best_m
        )
        assert one.beats_counts
        assert one.random.pai == pytest.approx(1.0)
        assert one.chosen.behind == pytest.approx(max(pais) - one.chosen.figures.pai)
        for each in (*(e.figures for e in one.candidates), one.counts):
            assert each.pai_low <= each.pai <= each.pai_high
            assert each.hit_rate == pytest.approx(each.pai * 0.05)
    for first, second in itertools.pairwise(found.values()):
        assert first.chosen_m < second.chosen_m


def test_counts_beat_a_surface_where_only_single_cells_are_dangerous():
    """Two houses in two far cells, all the rest anywhere: smoothing by a kilometre hides them."""
    rng = np.random.default_rng(3)
    days = np.tile(np.arange(60), 4)
    x, y = rng.uniform(0, 8000, (2, len(days)))
    x[::2], y[::2] = 650.0, 7250.0
    one = choose(Record(x, y, days), FRAME, EVERYWHERE, Plan(30, 4, 0.001), [800.0, 1000.0])
    assert not one.beats_counts
    assert one.counts.hit_rate == pytest.approx(0.5, abs=0.05)


def test_a_half_life_fades_every_candidate():
    """What was dangerous 50 days ago no longer is: with a memory of five days this is seen."""
    days = np.repeat(np.arange(80), 4)
    x = np.where(days < 45, 2050.0, 6050.0) + np.tile([0.0, 1.0, 100.0, 400.0], 80)
    moved = Record(x, np.full(len(x), 4050.0), days)
    plan = Plan(40, 4, 0.0005)
    long = choose(moved, FRAME, EVERYWHERE, plan, [150.0, 300.0])
    short = choose(moved, FRAME, EVERYWHERE, plan, [150.0, 300.0], half_life_days=5.0)
    assert short.chosen.figures.hit_rate > long.chosen.figures.hit_rate


@pytest.mark.parametrize(
    ("candidates", "half_life", "field"),
    [
        ([100.0], 30.0, "candidates_m"),
        ([100.0, 100.0], 30.0, "candidates_m"),
        ([100.0, -5.0], 30.0, "bandwidth_m"),
        ([100.0, math.nan], 30.0, "bandwidth_m"),
        ([100.0, 200.0], 0.0, "half_life_days"),
        ([100.0, 200.0], math.nan, "half_life_days"),
    ],
)
def test_what_cannot_be_tried_is_refused(candidates: list[float], half_life: float, field: str):
    with pytest.raises(InvalidInput) as caught:
        choose(
            planted(200.0), FRAME, EVERYWHERE, Plan(30, 4, 0.01), candidates,
            half_life_days=half_life,
        )  # fmt: skip
    assert caught.value.field == field
