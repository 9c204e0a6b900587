"""``ganxin risk report`` on the demo district, and the ground that it is drawn on."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from mapsvc.report.base import read_base
from mapsvc.report.form import Format
from tests.conftest import DEMO_AS_OF
from tests.small_town import connect
from web.cli import main

DAYS = ("--since", "2026-05-01", "--until", "2026-11-20")


@pytest.fixture
def report(demo_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GANXIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GANXIN_DATABASE_URL", demo_dsn)
    return lambda *more: main(["risk", "report", "--out", str(tmp_path / "out"), *DAYS, *more])


def test_all_files_are_written_and_named(report, tmp_path: Path, capsys):
    assert report("--cell-m", "100") == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == sorted(f"甘井子区-风险报告-2026-11-20.{form}" for form in Format)
    assert sorted(Path(path).name for path in told["files"]) == names
    assert told["bandwidth"] == "chosen by backtest"
    assert told["bandwidth_m"] in (75, 110, 160, 230, 340, 490, 700, 1000)
    assert "文件: 6" in said.err
    page = (tmp_path / "out" / names[1]).read_text("utf-8")
    assert "演示数据（合成）" in page
    assert len(page) < 4_000_000


def test_what_is_asked_for_is_counted(report, demo_dsn: str, tmp_path: Path, capsys):
    street = "210211001"
    assert report("--family", "hazard", "--area", street, "--bandwidth-m", "250", "--formats",
                  "xlsx", "--locale", "en") == 0  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    with connect(demo_dsn) as conn:
        row = conn.execute(
            "SELECT count(*) AS n FROM dispatch.cases c JOIN dispatch.case_types t"
            " ON t.code = c.type_code WHERE t.family = 'hazard' AND c.state <> 'void'"
            " AND c.grid_code ^@ %s AND c.reported_at >= '2026-05-01 00:00+08'"
            " AND c.reported_at < '2026-11-21 00:00+08'",
            (street,),
        ).fetchone()
    assert row["n"] > 20
    assert told["events"] == row["n"]
    assert (told["bandwidth_m"], told["bandwidth"]) == (250, "as asked")
    book = openpyxl.load_workbook(told["files"][0])
    assert book.sheetnames == ["Trust", "Communities", "Grids", "Types"]
    codes = [cells[0] for cells in book["Grids"].iter_rows(min_row=2, values_only=True)]
    assert all(code.startswith(street) for code in codes)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--area", "210299"), "There is no area 210299"),
        (("--cell-m", "7"), "cell_m is one of"),
        (("--since", "2026-12-01"), "until must be after since"),
    ],
)
def test_what_cannot_be_made_is_said(report, capsys, more: tuple[str, ...], said: str):
    assert report(*more) == 2
    assert said in capsys.readouterr().err


def test_the_ground_is_that_of_the_map(demo_dsn: str):
    with connect(demo_dsn) as conn:
        base = read_base(conn, DEMO_AS_OF)
    assert (base.code, base.name, base.synthetic) == ("210211", "甘井子区", True)
    assert len(base.streets) == 17
    assert set(base.roads) == {1, 2, 3}
    assert all(121 < street.lon < 122 and 38 < street.lat < 40 for street in base.streets)
    assert len(json.dumps([base.land, base.water, base.roads])) < 600_000
