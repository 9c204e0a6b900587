"""Both map styles hold to the MapLibre style specification, checked by its own validator."""

import json
import subprocess
from pathlib import Path

import pytest

from mapsvc.style import LOCALES, NAMES, style

ROOT = Path(__file__).parents[2]
SCRIPT = """
import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
let text = "";
for await (const part of process.stdin) text += part;
const problems = validateStyleMin(JSON.parse(text)).map((problem) => problem.message);
console.log(JSON.stringify(problems));
"""


def problems_of(made: dict[str, object]) -> list[str]:
    """Return what the specification's validator says of a style."""
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", SCRIPT],
        input=json.dumps(made), capture_output=True, text=True, check=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", NAMES)
def test_a_style_holds_to_the_specification(name: str, locale: str):
    assert problems_of(style(name, "http://127.0.0.1:8000", locale)) == []


def test_the_validator_would_notice():
    broken = style("day", "http://127.0.0.1:8000")
    broken["layers"][1]["paint"]["fill-colour"] = "#fff"
    assert any("fill-colour" in problem for problem in problems_of(broken))
