"""The shipped dispute types are those of the published table, code by code."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.case.type import known_types

pytestmark = pytest.mark.reference


def published(path: Path) -> dict[str, tuple[str, str | None]]:
    """Return name and class by code; a subcode called 其他 is told apart by its class."""
    found: dict[str, tuple[str, str | None]] = {}
    for line in path.read_text("utf-8").splitlines():
        code, name, below = line.split("\t")
        found[f"D{code}"] = (name, None)
        for one in filter(None, below.split("|")):
            sub, _, of = one.partition(" ")
            found[f"D{sub}"] = (f"{name}:{of}" if of == "其他" else of, f"D{code}")
    return found


def test_disputes_are_the_published_ones(test_data: Path) -> None:
    table = published(test_data / "ganjingzi" / "dispute_types.tsv")
    shipped = {k.code: (k.name, k.parent_code) for k in known_types() if k.family == "dispute"}
    assert shipped == table
    assert sum(parent is not None for _, parent in table.values()) == 78
    assert sum(parent is None and code != "D99" for code, (_, parent) in table.items()) == 16
