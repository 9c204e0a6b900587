"""What can be set, called or entered is documented, and the documents name nothing that is gone."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from geodata.settings import Settings
from web.cli import COMMANDS

ROOT = Path(__file__).parents[2]
PACKAGES = ("geodata", "layers", "dispatch", "mapsvc", "web")
OPERATIONS = (ROOT / "docs/operations.md").read_text("utf-8")
FOR_TESTS = {"GANXIN_TEST_DATA", "GANXIN_TEST_CLUSTER"}
FOR_SETUP = {"GANXIN_PYTHON"}


def test_every_setting_is_documented_with_its_default() -> None:
    for field in fields(Settings):
        row = re.search(rf"\| `GANXIN_{field.name.upper()}` \| (.*?) \|", OPERATIONS)
        assert row, f"GANXIN_{field.name.upper()} is not in docs/operations.md"
        if isinstance(field.default, int | str):
            assert row.group(1) == f"`{_plain(field.default)}`"


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def test_no_document_names_a_setting_that_is_gone() -> None:
    read_by_setup = re.findall(r"GANXIN_[A-Z_]*[A-Z]", (ROOT / "bin/setup").read_text("utf-8"))
    assert set(read_by_setup) >= FOR_SETUP
    known = {f"GANXIN_{field.name.upper()}" for field in fields(Settings)} | FOR_TESTS | FOR_SETUP
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        named = set(re.findall(r"GANXIN_[A-Z_]*[A-Z]", path.read_text("utf-8")))
        assert named <= known, path


def test_every_command_is_documented() -> None:
    for name in COMMANDS:
        assert f"`ganxin {name}" in OPERATIONS


def test_map_of_the_house_names_every_room() -> None:
    house = (ROOT / "docs/architecture.md").read_text("utf-8")
    rooms = [folder.parent for name in PACKAGES for folder in (ROOT / name).rglob("__init__.py")]
    missing = [
        str(room.relative_to(ROOT))
        for room in rooms
        if room.parent != ROOT and f"{room.relative_to(ROOT)}/" not in house
    ]
    assert missing == []


@pytest.mark.parametrize("script", ["bin/setup", "bin/demo", "bin/test", "bin/ganxin", ".ci/run"])
def test_script_is_executable_and_parses(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(path)], check=True)


def test_convert_imports_no_web_framework() -> None:
    program = (
        "import sys, io; sys.stdin = io.TextIOWrapper(io.BytesIO(b'121.5,38.9')); "
        "from web.cli import main; main(['convert', '--from', 'GCJ-02', '--to', 'WGS-84']); "
        "print([name for name in ('flask', 'gevent', 'geopandas') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.splitlines()[-1] == "[]"
