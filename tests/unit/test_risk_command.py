"""``ganxin risk density`` as its user runs it: files in, a GeoTIFF out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio

from web.cli import main

BBOX = "1000,2000,3000,3500"


@pytest.fixture
def points(tmp_path: Path) -> Path:
    path = tmp_path / "points.csv"
    path.write_text("id,东,北\n1,2012.5,2737.5\n2,,\n", "utf-8")
    return path


def density(points: Path, *more: str, bbox: str = BBOX) -> int:
    out = points.with_name("out.tif")
    return main(["risk", "density", str(points), "--x", "东", "--y", "北", "--epsg", "4549",
                 "--bandwidth-m", "100", "--cell-m", "25", "--bbox", bbox, "--out", str(out),
                 *more])  # fmt: skip


def test_one_event_stands_where_it_should(points: Path, capsys: pytest.CaptureFixture[str]):
    assert density(points) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["columns"], told["rows"], told["rows_without_coordinates"]) == (80, 60, 1)
    with rasterio.open(points.with_name("out.tif")) as file:
        values = file.read(1)
        assert (file.crs.to_epsg(), file.dtypes, file.count) == (4549, ("float32",), 1)
        assert tuple(file.bounds) == (1000, 2000, 3000, 3500)
        assert file.transform.e < 0  # north up
        row, column = np.unravel_index(values.argmax(), values.shape)
        assert file.xy(row, column) == (2012.5, 2737.5)
        assert file.tags()["bandwidth_m"] == "100"
    # 1 / (2 pi 0.1^2) per km²; all of it lies in the frame
    assert values.max() == pytest.approx(15.9155, abs=1e-3)
    assert values.sum() * 25**2 / 1e6 == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("edge", ["uniform", "diggle"])
def test_beyond_the_mask_there_is_no_data(points: Path, edge: str):
    mask = points.with_name("mask.json")
    ring = [[1500, 2500], [2500, 2500], [2500, 3000], [1500, 3000], [1500, 2500]]
    mask.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    assert density(points, "--edge", edge, "--mask", str(mask)) == 0
    with rasterio.open(points.with_name("out.tif")) as file:
        values = file.read(1)
    assert np.isfinite(values).sum() == 40 * 20
    assert np.isnan(values[0, 0])
    if edge == "diggle":
        assert np.nansum(values) * 25**2 / 1e6 == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--edge", "diggle"], "needs --mask"),
        (["--mask", "x.json"], "x.json"),
        (["--kernel", "box"], "invalid"),
        (["--bandwidth-m", "0"], "bandwidth_m"),
        (["--cell-m", "nan"], "cell_m"),
        (["--epsg", "1"], "EPSG:1"),
        (["--x", "east"], "no column 'east'"),
        (["--out", "/nowhere/out.tif"], "cannot be written"),
        (["--bbox", "1,2,3"], "W,S,E,N"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    points: Path, more: list[str], said: str, capsys: pytest.CaptureFixture[str]
):
    try:
        status = density(points, *more)
    except SystemExit as ended:
        status = int(str(ended.code))
    assert status == 2
    assert said in capsys.readouterr().err
    assert not points.with_name("out.tif").exists()


def test_a_bad_value_is_named_by_line_and_column(points: Path, capsys: pytest.CaptureFixture[str]):
    points.write_text("东,北\n1,2\n3,四\n", "utf-8")
    assert density(points) == 2
    assert "y in line 3 is '四'" in capsys.readouterr().err
