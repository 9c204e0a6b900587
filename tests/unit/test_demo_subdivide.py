"""Cutting a block into parts by weight and by site."""

from __future__ import annotations

import numpy as np
import pytest

from geodata.demo.chord import area_of, elongation_of, encloses
from geodata.demo.layout import apportion
from geodata.demo.mesh import Mesh
from geodata.demo.subdivide import Knife, Site, Style
from geodata.errors import DataFault

FIELD = [(0.0, 0.0), (3000.0, 0.0), (3000.0, 2000.0), (0.0, 2000.0)]
STYLE = Style(level=3, turn_deg=2.0, sway=0.02, bent=0.5)


def _knife(seed: int) -> Knife:
    return Knife(Mesh.of_outline(FIELD), np.random.default_rng(seed), "210211001")


@pytest.mark.parametrize("seed", range(5))
def test_parts_follow_the_weights(seed: int) -> None:
    knife = _knife(seed)
    weights = sorted(np.random.default_rng(seed).lognormal(0.0, 0.5, 25).tolist())
    faces = knife.by_weight(0, weights, (0.0, 0.0), STYLE)
    areas = [area_of(knife.mesh.ring(face)) for face in faces]
    assert len(set(faces)) == 25
    assert sum(areas) == pytest.approx(6e6)
    assert np.corrcoef(areas, weights)[0, 1] > 0.9
    assert max(elongation_of(knife.mesh.ring(face)) for face in faces) < 1.5


def test_small_parts_lie_near_the_core() -> None:
    knife = _knife(1)
    faces = knife.by_weight(0, [1.0] * 12 + [6.0] * 4, (0.0, 0.0), STYLE)
    middles = [np.mean(knife.mesh.ring(face), axis=0) for face in faces]
    distances = [float(np.hypot(*middle)) for middle in middles]
    assert np.mean(distances[:12]) < np.mean(distances[12:])


def test_every_cut_is_remembered_with_its_owner() -> None:
    knife = _knife(2)
    knife.by_weight(0, [1.0] * 8, (0.0, 0.0), STYLE)
    assert [(cut.level, cut.owner) for cut in knife.cuts] == [(3, "210211001")] * 7


def test_sites_keep_blocks_of_their_own() -> None:
    knife = _knife(3)
    places = [(500.0, 500.0), (2400.0, 600.0), (700.0, 1500.0), (2200.0, 1600.0)]
    faces = knife.by_site(0, [Site(place, 1.5e6) for place in places], STYLE)
    for face, place in zip(faces, places, strict=True):
        assert encloses(knife.mesh.ring(face), place)


def test_outlying_place_stays_with_its_site() -> None:
    knife = _knife(4)
    sites = [Site((500.0, 500.0), 3e6, (600.0, 1500.0)), Site((2400.0, 900.0), 3e6)]
    faces = knife.by_site(0, sites, STYLE)
    assert encloses(knife.mesh.ring(faces[0]), (600.0, 1500.0))


def test_sites_that_cannot_be_parted_are_a_fault() -> None:
    with pytest.raises(DataFault):
        _knife(5).by_site(0, [Site((500.0, 500.0), 1.0), Site((500.0, 500.0), 1.0)], STYLE)


def test_apportion_by_largest_remainders() -> None:
    assert apportion([1.0, 1.0, 1.0], 10, least=0) == [4, 3, 3]
    assert apportion([8.0, 1.0, 1.0], 10, least=2) == [5, 3, 2]
    assert sum(apportion([0.3, 0.5, 7.7, 2.1], 1570, least=3)) == 1570
