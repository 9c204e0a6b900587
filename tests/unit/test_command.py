"""The command line's own decisions."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from geodata.errors import Conflict, InvalidInput
from geodata.settings import Settings
from web.cli import COMMANDS, main
from web.cli.demo import check_same, configure
from web.cli.serve import with_options
from web.demo_state import Plan
from web.program import address

HERE = Plan(seed=1, as_of=datetime(2026, 11, 20, 16, tzinfo=UTC))  # 21 November in Dalian
SETTINGS = Settings(home=Path("/nowhere"))


NEXT_DAY = HERE.as_of + timedelta(days=1)


@pytest.mark.parametrize(
    ("seed", "as_of"), [(None, None), (1, None), (None, HERE.as_of), (1, HERE.as_of)]
)
def test_same_district_is_shown(seed: int | None, as_of: datetime | None) -> None:
    check_same(HERE, argparse.Namespace(seed=seed, as_of=as_of))


@pytest.mark.parametrize(("seed", "as_of"), [(2, None), (None, NEXT_DAY)])
def test_other_district_asks_for_reset(seed: int | None, as_of: datetime | None) -> None:
    with pytest.raises(Conflict, match=r"seed 1 as of 2026-11-21 00:00.*--reset"):
        check_same(HERE, argparse.Namespace(seed=seed, as_of=as_of))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21", HERE.as_of),
        ("2026-11-21T00:00", HERE.as_of),
        ("2026-11-20T16:00Z", HERE.as_of),
    ],
)
def test_as_of_is_local_unless_it_says_otherwise(text: str, moment: datetime) -> None:
    parser = argparse.ArgumentParser()
    configure(parser)
    assert parser.parse_args(["--as-of", text]).as_of == moment


def test_port_of_the_command_line_wins() -> None:
    settings = with_options(SETTINGS, argparse.Namespace(port="9000", host=None))
    assert (settings.port, settings.host) == (9000, "127.0.0.1")


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1", "８０"])
def test_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(InvalidInput, match="GANXIN_PORT"):
        with_options(SETTINGS, argparse.Namespace(port=port, host=None))


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 - nothing is bound
        ("::", "http://[::1]:8000"),
        ("fd00::7", "http://[fd00::7]:8000"),
        ("hub.example", "http://hub.example:8000"),
    ],
)
def test_address_is_one_a_browser_here_opens(host: str, url: str) -> None:
    assert address(Settings(home=Path("/nowhere"), host=host)) == url


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)


def test_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["conquer"])
    assert stop.value.code == 2
    assert "conquer" in capsys.readouterr().err
