"""Every text on the screen has a message in both languages, and every message is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from web.message import load_messages

WEB = Path(__file__).parents[2] / "web"
FIXED = re.compile(r"""(?<![\w.])t\(\s*["']([a-z][\w.-]*)["']\s*[,)]""")
CHOSEN = re.compile(r"""(?<![\w.])t\([^"'()]*\?\s*["']([\w.]+)["']\s*:\s*["']([\w.]+)["']""")
GROUP = re.compile(
    r"""(?<![\w.])label\(\s*(?:[^"',]*\?\s*)?["'](\w+)["'](?:\s*:\s*["'](\w+)["'])?"""
)
BUILT = re.compile(r"""(?<![\w.])(?:t|say)\(\s*(?:`([\w.]+?)\$|'([\w.]+?)' ?~|f"([\w.]+?){)""")
NAME = re.compile(r"\{(\w+)\}")
TEXTS = load_messages().texts


def _sources() -> str:
    files = [*WEB.glob("static/js/*.js"), *WEB.glob("templates/*.html"), *WEB.glob("**/*.py")]
    return "\n".join(path.read_text("utf-8") for path in files)


def _used() -> set[str]:
    source = _sources()
    chosen = {part for found in CHOSEN.findall(source) for part in found}
    quoted = set(re.findall(r"""["']([a-z_]+(?:\.[\w-]+)+)["']""", source)) & set(TEXTS["zh"])
    return set(FIXED.findall(source)) | chosen | quoted


def _groups() -> set[str]:
    source = _sources()
    labelled = {part for found in GROUP.findall(source) for part in found if part}
    built = {"".join(found).rstrip("._") for found in BUILT.findall(source)}
    return labelled | built


def test_both_languages_have_the_same_messages() -> None:
    assert set(TEXTS["zh"]) == set(TEXTS["en"])


def test_every_message_used_exists() -> None:
    missing = {one for one in _used() if one not in TEXTS["zh"]}
    assert missing == set()


def test_every_message_is_used() -> None:
    used, groups = _used(), _groups()
    idle = {
        one
        for one in TEXTS["zh"]
        if one not in used and not any(one.startswith((f"{g}.", g + "_")) for g in groups)
    }
    assert idle == set()


@pytest.mark.parametrize("message", sorted(TEXTS["zh"]))
def test_both_languages_name_the_same_values(message: str) -> None:
    zh, en = (set(NAME.findall(TEXTS[locale].get(message, ""))) for locale in ("zh", "en"))
    assert zh == en
    assert TEXTS["en"][message].strip()
