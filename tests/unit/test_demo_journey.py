import numpy as np
import pytest

from dispatch.demo.journey import Journey

CORNER = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 300.0]])


def test_a_journey_goes_round_the_corner_in_its_time() -> None:
    journey = Journey.of(CORNER, 40.0)
    assert journey.speed_mps == 10.0
    assert journey.at(5.0) == pytest.approx((50.0, 0.0, 90.0))
    assert journey.at(20.0) == pytest.approx((100.0, 100.0, 0.0))


def test_a_journey_begins_at_the_post_and_ends_at_the_case() -> None:
    journey = Journey.of(CORNER, 40.0)
    assert journey.at(-1.0)[:2] == (0.0, 0.0)
    assert journey.at(999.0)[:2] == (100.0, 300.0)
    assert not journey.over(39.9)
    assert journey.over(40.0)


def test_who_is_already_there_has_no_way_to_go() -> None:
    journey = Journey.of(np.zeros((2, 2)), 0.0)
    assert journey.over(0.0)
    assert journey.at(1.0)[:2] == (0.0, 0.0)
    assert journey.speed_mps == 0.0
