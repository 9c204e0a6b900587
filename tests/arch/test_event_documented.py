"""Every kind of event that is written is explained, and none that is not."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
KIND = r"((?:case|assignment|person|clock|calendar|type|limit|run_card|queue|export)\.[a-z_]+)"


def test_every_kind_of_event_is_documented() -> None:
    written = {
        kind
        for path in [*(ROOT / "dispatch").rglob("*.py"), *(ROOT / "dispatch").rglob("*.toml")]
        for kind in re.findall(rf'"{KIND}"', path.read_text("utf-8"))
    }
    table = (ROOT / "docs/events.md").read_text("utf-8").split("## Kinds")[1].split("## ")[0]
    documented = {
        kind
        for line in table.splitlines()
        for kind in re.findall(rf"`{KIND}`", line.split("|")[1] if "|" in line else "")
    }
    assert written == documented
