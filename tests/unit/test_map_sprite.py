"""The sprite: icons as distance fields with their edge where MapLibre looks for it."""

import json
import struct
import zlib

import numpy as np
import pytest
import shapely

from mapsvc.sprite import distance_field, draw, icon_shapes, sprite_json, sprite_png


def test_the_field_is_191_at_the_edge_and_falls_by_32_a_unit():
    # A square from 4 to 20 in the box of 24; padding 4, so its left edge is at pixel 8.
    field = distance_field(shapely.box(4, 4, 20, 20), 1).astype(int)
    row = field[16]
    # Pixel 8 has its middle half a unit inside, pixel 7 half a unit outside: 191.25 +- 15.94.
    assert (row[7], row[8]) == (175, 207)
    assert row[16] == 255
    assert row[0] == 0


def test_a_cut_leaves_a_hole():
    ring = draw([{"circle": [12, 12, 10]}, {"circle": [12, 12, 5], "cut": True}])
    assert ring.area == pytest.approx(np.pi * 75, rel=0.01)


@pytest.mark.parametrize("pixel_ratio", [1, 2])
def test_every_icon_lies_within_the_picture_and_has_ink(pixel_ratio: int):
    picture = sprite_png(pixel_ratio)
    width, height = struct.unpack(">II", picture[16:24])
    length = struct.unpack(">I", picture[33:37])[0]
    raw = np.frombuffer(zlib.decompress(picture[41 : 41 + length]), dtype=np.uint8)
    alpha = raw.reshape(height, 1 + width * 4)[:, 1:].reshape(height, width, 4)[..., 3]
    index = json.loads(sprite_json(pixel_ratio))
    assert set(index) == set(icon_shapes())
    for icon in index.values():
        assert icon["sdf"] is True
        assert icon["pixelRatio"] == pixel_ratio
        part = alpha[icon["y"] : icon["y"] + icon["height"], icon["x"] : icon["x"] + icon["width"]]
        assert part.shape == (32 * pixel_ratio, 32 * pixel_ratio)
        assert 0.05 < (part > 191).mean() < 0.6
        assert part[0].max() < 191


def test_the_sprite_is_the_same_every_time():
    sprite_png.cache_clear()
    first = sprite_png(1)
    sprite_png.cache_clear()
    assert sprite_png(1) == first
