"""``ganxin clock due`` without a database: what it prints, and what it refuses by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from web.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the command find no database, and nothing made afterwards."""
    monkeypatch.delenv("GANXIN_DATABASE_URL", raising=False)
    monkeypatch.setenv("GANXIN_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("2025-09-30T09:00 --working-days 1", "2025-10-09T09:00:00+08:00 final"),
        ("2025-09-30T16:30 --working-hours 2", "2025-10-09T09:30:00+08:00 final"),
        ("2025-09-30T01:00Z --days 3", "2025-10-03T09:00:00+08:00 final"),
        ("2025-09-30T09:00+09:00 --hours 2", "2025-09-30T10:00:00+08:00 final"),
        ("2026-02-20 --working-days 1", "2026-02-24T00:00:00+08:00 final"),
        ("2026-12-31T10:00 --working-days 1", "2027-01-01T10:00:00+08:00 provisional"),
        ("2026-12-31T10:00 --days 1", "2027-01-01T10:00:00+08:00 final"),
        (
            "--working-days 5 2025-09-29T09:00 --suspend 2025-09-30T09:00,2025-10-10T09:00",
            "2025-10-15T09:00:00+08:00 final",
        ),
        (
            "2025-10-01T08:00 --hours 24 --suspend 2025-10-01T20:00,2025-10-02T02:00"
            " --suspend 2025-10-01T12:00Z,2025-10-01T18:00Z 2025-10-02T03:00,2025-10-02T04:00",
            "2025-10-02T15:00:00+08:00 final",
        ),
    ],
)
def test_prints_when_a_limit_is_used_up(capsys: pytest.CaptureFixture[str], words: str, line: str):
    assert main(["clock", "due", *words.split()]) == 0
    shown = capsys.readouterr()
    assert shown.out == line + "\n"
    assert shown.err == "Work calendar: as shipped, no database is running.\n"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("2025-01-01", "one of the arguments --working-days --working-hours --days --hours"),
        ("2025-01-01 --days 1 --hours 1", "--hours: not allowed with argument --days"),
        ("2025-01-01 --days 1 --days 0", "--days: amount must be from 1 to 10000"),
        ("2025-01-01 --working-days 99999999999999", "--working-days: amount must be"),
        ("2025-01-01 --working-hours -1", "--working-hours"),
        ("2025-01-01 --working-hours 1.5", "--working-hours: '1.5' is not a whole number"),
        ("2025-01-01 --hours ３", "--hours: '３' is not a whole number"),
        ("--days 1", "START"),
        ("2025-02-30 --days 1", "START: '2025-02-30' is not a moment"),
        ("0001-01-01 --days 1", "START: '0001-01-01' is not from 1992 to 2200"),
        ("2025-01-01 --days 1 --suspend 2025-01-01", "--suspend: '2025-01-01' is not FROM,TO"),
        ("2025-01-01 --days 1 --suspend 2025-01-01,x", "--suspend: 'x' is not a moment"),
        (
            "2025-01-01 --days 1 --suspend 2025-01-02,2025-01-02",
            "--suspend: '2025-01-02,2025-01-02' ends before it begins",
        ),
    ],
)
def test_refuses_by_name(capsys: pytest.CaptureFixture[str], words: str, named: str):
    with pytest.raises(SystemExit) as stop:
        main(["clock", "due", *words.split()])
    assert stop.value.code == 2
    shown = capsys.readouterr()
    assert named in shown.err
    assert shown.out == ""


def test_says_that_the_database_does_not_answer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("GANXIN_DATABASE_URL", f"host={tmp_path} dbname=none")
    assert main(["clock", "due", "2025-09-30", "--days", "1"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "2025-10-01T00:00:00+08:00 final\n"
    assert shown.err == "Work calendar: as shipped, the database does not answer.\n"


def test_is_quick_because_it_imports_little(tmp_path: Path):
    program = (
        "import sys; from web.cli import main; main(['clock', 'due', '2025-01-01', '--days', '1']);"
        " print([n for n in ('flask', 'numpy', 'pydantic', 'rich', 'yoyo') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, cwd=ROOT,
        env={"GANXIN_HOME": str(tmp_path / "home"), "PATH": ""},
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]"
    assert list(tmp_path.iterdir()) == []
