"""The loop drawn from its table: a diagram and a table of rows for each family, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from dispatch.case.loop import Loop, Row
from dispatch.case.loop_check import FIRST, targets


def draw_loop(loop: Loop) -> str:
    """Return a Mermaid state diagram and the rows of every family, as a Markdown document."""
    parts = [
        "# The closed loop",
        "",
        "Drawn by `ganxin loop draw` from `dispatch/case/data/loop.toml`; a test holds them equal.",
        "A solid arrow moves the case; what leaves its state alone is in the table below.",
        "",
    ]
    drawn: dict[str, list[str]] = {}
    for family in loop.holder:
        drawn.setdefault("\n".join(_family(loop, family)), []).append(family)
    for text, families in drawn.items():
        parts += ["## " + ", ".join(families), "", text, ""]
    return "\n".join(parts).rstrip() + "\n"


def _family(loop: Loop, family: str) -> Iterator[str]:
    rows = loop.of_family(family)
    yield "```mermaid"
    yield "stateDiagram-v2"
    for name in FIRST:
        yield f"    [*] --> {name}"
    yield from _arrows(loop, rows)
    for name, state in loop.states.items():
        if state.end:
            yield f"    {name} --> [*]"
    yield "```"
    yield ""
    yield "| action | from | to | who | needs | holds only if |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        yield _line(row)


def _arrows(loop: Loop, rows: tuple[Row, ...]) -> Iterator[str]:
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row.to_state:
            for start in row.from_states:
                for end in targets(loop, row):
                    arrows.setdefault((start, end), []).append(row.action)
    for (start, end), actions in arrows.items():
        yield f"    {start} --> {end}: " + ", ".join(dict.fromkeys(actions))


def _line(row: Row) -> str:
    needs = ", ".join(need.field + ("" if need.required else "?") for need in row.needs)
    who = ", ".join(row.who) + ("" if row.at_holder else " (in sight)")
    guards = ", ".join(guard.replace("_", " ") for guard in row.guards)
    cells = (
        row.action, ", ".join(row.from_states), row.to_state or "—", who, needs or "—",
        guards or "—",
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"
