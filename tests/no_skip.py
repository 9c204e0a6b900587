"""A skipped test is a failure; reference tests without their data are left out and counted.

Ground truth lies outside the repository (GANXIN_TEST_DATA, by default ../shared/data): without it
the tests under tests/reference and those marked ``reference`` are not collected, and the end of
the run says how many. With CI=true that is a failure too.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_skipped = pytest.StashKey[list[str]]()
_left_out = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_skipped] = []
    config.stash[_left_out] = 0
    config.pluginmanager.register(_Watch(config.stash[_skipped]), "ganxin-skip-watch")


def has_test_data() -> bool:
    default = Path(__file__).parents[2] / "shared" / "data"
    return Path(os.environ.get("GANXIN_TEST_DATA") or default).is_dir()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if has_test_data():
        return
    left = [item for item in items if _is_reference(item)]
    items[:] = [item for item in items if not _is_reference(item)]
    config.stash[_left_out] = len(left)
    config.hook.pytest_deselected(items=left)


def _is_reference(item: pytest.Item) -> bool:
    in_folder = item.path.is_relative_to(Path(__file__).parent / "reference")
    return in_folder or item.get_closest_marker("reference") is not None


class _Watch:
    """Notes what was skipped, a test or a whole module."""

    def __init__(self, skipped: list[str]) -> None:
        self._skipped = skipped

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self._skipped.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self._skipped.append(report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    missing = session.config.stash[_left_out] and os.environ.get("CI") == "true"
    if (session.config.stash[_skipped] or missing) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for nodeid in config.stash[_skipped]:
        terminalreporter.write_line(f"SKIPPED, which counts as failed: {nodeid}", red=True)
    if count := config.stash[_left_out]:
        terminalreporter.write_line(
            f"{count} reference tests were not collected: GANXIN_TEST_DATA names no folder.",
            yellow=True,
        )
