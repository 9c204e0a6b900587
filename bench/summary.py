"""The one table of docs/benchmarks.md, drawn from the tables that the benches print."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

Record = Mapping[str, str]
Line = tuple[str, str, str, str, str]
CITY_NODES = 60_000
"""Crossings from which on the ratio to pgRouting is judged (docs/decisions/0007)."""
HEAD = ("what", "needed", "measured", "holds", "peer, ratio", "command")


def table(sections: Mapping[str, str]) -> str:
    """Return the table of all benches that have been run."""
    lines = [f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|"]
    for name, text in sections.items():
        found = READERS[name](list(records(text)))
        lines += [f"| {' | '.join(line)} | `python -m bench.{name}` |" for line in found]
    return "\n".join(lines) + "\n"


def records(text: str) -> Iterator[Record]:
    """Yield the rows of all markdown tables of a text by their heads; a second ratio is ratio2.

    A table ends with an empty line; a line of a server's log between its rows is passed over.
    """
    head: list[str] | None = None
    for line in text.splitlines():
        if not line.startswith("|"):
            head = head if line.strip() else None
        elif head is None:
            head = _distinct(_cells(line))
        elif not line.startswith(("|---", "| ---")):
            yield dict(zip(head, _cells(line), strict=True))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _distinct(names: Sequence[str]) -> list[str]:
    return [
        name if name not in names[:index] else f"{name}{names[:index].count(name) + 1}"
        for index, name in enumerate(names)
    ]


def number(text: str) -> float:
    """Return the first number in a cell."""
    found = re.search(r"[0-9]+(?:\.[0-9]+)?", text.replace(",", ""))
    return float(found[0]) if found else float("nan")


def _verdict(holds: bool) -> str:
    return "yes" if holds else "**no**"


def _recommend(rows: Sequence[Record]) -> Iterator[Line]:
    for row in rows:
        p95_ms = row["p95, ms"]
        yield (
            f"recommendation through HTTP, {row['on duty']} on duty, clients: {row['clients']}",
            f"p95 ≤ {row['needed p95, ms']} ms",
            f"p95 {p95_ms} ms, {row['per s']}/s",
            _verdict(number(p95_ms) <= number(row["needed p95, ms"])),
            "",
        )


def _dispatch(rows: Sequence[Record]) -> Iterator[Line]:
    *turns, floor = rows
    best = max(turns, key=lambda row: number(row["per s"]))
    share = number(best["per s"]) / number(floor["per s"])
    yield (
        f"one dispatch through HTTP, 8 clients, everything on 2 cores, best of {len(turns)} rounds",
        f"p95 ≤ {best['needed p95, ms']} ms, ≥ {best['needed per s']}/s",
        f"p95 {best['p95, ms']} ms, {best['per s']}/s; {best['web CPU, ms']} ms of CPU in the web"
        f" + {best['database CPU, ms']} in the database",
        _verdict(
            number(best["p95, ms"]) <= number(best["needed p95, ms"])
            and number(best["per s"]) >= number(best["needed per s"])
        ),
        f"{floor['what']} of three bare writes: {floor['per s']}/s, {share:.0%} of it",
    )


def _position(rows: Sequence[Record]) -> Iterator[Line]:
    *sent, floor = rows
    for row in sent:
        yield (
            f"positions through HTTP in batches, {row['what']}",
            f"≥ {row['needed per s']}/s, none older over newer",
            f"{row['fixes per s']}/s, {row['older over newer']} older over newer",
            _verdict(
                number(row["fixes per s"]) >= number(row["needed per s"])
                and row["older over newer"] == "0"
            ),
            f"{floor['what']}: {row['ratio']}",
        )


def _cold_start(rows: Sequence[Record]) -> Iterator[Line]:
    for row in rows:
        yield (
            f"start: {row['start']}",
            f"≤ {row['needed, s']} s",
            f"{row['s']} s",
            _verdict(number(row["s"]) <= number(row["needed, s"])),
            "",
        )


def _travel(rows: Sequence[Record]) -> Iterator[Line]:
    for row in rows:
        city = number(row["nodes / edges"]) >= CITY_NODES
        holds = number(row["ratio"]) >= 100 and number(row["ratio2"]) >= 100
        yield (
            f"travel times, {row['graph']} ({row['nodes / edges']}), {row['mode']}",
            "≥ 100× pgRouting driving distance" if city else "(no city: told, decision 0007)",
            f"{row['ours: times, ms (p95)']} ms",
            _verdict(holds) if city else "",
            f"pgr_withPointsDD (same question) {row['ratio']}, pgr_drivingDistance (nodes only)"
            f" {row['ratio2']}",
        )


def _tile(rows: Sequence[Record]) -> Iterator[Line]:
    for row in rows:
        share = number(row["share"])
        yield (
            f"tiles, {row['layer, zoom']}, {row['mean kB']} kB",
            "uncached ≥ 3× tipg and ≥ 50 % of pgbench; cached ≥ 8×",
            f"{row['ours uncached, ms']} ms uncached, {row['ours cached, ms']} cached",
            _verdict(number(row["ratio"]) >= 3 and share >= 50 and number(row["ratio3"]) >= 8),
            f"tipg: {row['ratio']}, same prepared tables {row['ratio2']}, cached {row['ratio3']};"
            f" pgbench: {row['share']}",
        )


def _stream(rows: Sequence[Record]) -> Iterator[Line]:
    for row in rows:
        ages = row["age p50 / p95 / max ms"].split("/")
        ours = row["server"] == "ganxin"
        complete = number(row["events arrived"]) >= 100
        yield (
            f"event → screen, {row['server']}, {row['screens + workers']} screens + workers,"
            f" {row['positions/s']} positions/s",
            "p95 ≤ 1000 ms" if ours else "(a peer)",
            f"p95 {ages[1].strip()} ms, {row['events arrived']} arrived",
            _verdict(complete and number(ages[1]) <= 1000) if ours else "",
            "",
        )


def _density(rows: Sequence[Record]) -> Iterator[Line]:
    peers = [row for row in rows if not row["needed s"]]
    told = "; ".join(
        f"{row['engine']} {row['ratio']} at error {row['error / peak']}" for row in peers
    )
    for row in rows:
        if not row["needed s"]:
            continue
        yield (
            f"density surface, 1 M points, 1000 × 800, 500 m, {row['engine']}",
            f"≤ {row['needed s']} s at error {row['needed error']}",
            f"{row['s, median']} s at error {row['error / peak']}",
            _verdict(
                number(row["s, median"]) <= number(row["needed s"])
                and float(row["error / peak"]) <= float(row["needed error"])
            ),
            told if row["ratio"] == "1.0×" else f"{row['ratio']} of fast",
        )


def _assign_solve(rows: Sequence[Record]) -> Iterator[Line]:
    engines = [row for row in rows if "engine" in row]
    for row in engines:
        if row["engine"] != "ours":
            continue
        peers = [other for other in engines if other["queue"] == row["queue"] and other != row]
        told = "; ".join(
            f"{peer['engine']} {peer['ratio']}, {peer['above the least']} above" for peer in peers
        )
        yield (
            f"whole queue, 2,000 cases × 17,700 people, {row['queue']}",
            f"≤ {row['needed ms']} ms, the sum of OR-Tools",
            f"{row['ms, median']} ms, equal",
            _verdict(number(row["ms, median"]) <= number(row["needed ms"])),
            told,
        )
    matrix = next(row for row in rows if row.get("needed s"))
    yield (
        f"travel matrix, {matrix['matrix']}, 62,500 crossings",
        f"≤ {matrix['needed s']} s",
        f"{matrix['s, median']} s",
        _verdict(number(matrix["s, median"]) <= number(matrix["needed s"])),
        "",
    )


def _risk_page(rows: Sequence[Record]) -> Iterator[Line]:
    for row in rows:
        yield (
            f"risk map, from {row['slider']} to its picture on the screen, {row['incidents']}"
            " incidents, browser and server on 2 cores",
            f"p95 ≤ {row['needed p95, ms']} ms",
            f"p95 {row['p95, ms']} ms, median {row['p50, ms']} ms",
            _verdict(number(row["p95, ms"]) <= number(row["needed p95, ms"])),
            f"answer of the server p95 {row['server p95, ms']} ms",
        )


def _case_list(rows: Sequence[Record]) -> Iterator[Line]:
    """Yield a line for each account and kind of question: the worst ratio of them."""
    due = [row for row in rows if row["needed ratio"]]
    for who in dict.fromkeys(row["asked by"] for row in due):
        for kind, belongs in KINDS.items():
            own = [row for row in due if row["asked by"] == who and belongs(row["question"])]
            worst = max(own, key=lambda row: number(row["ratio"]))
            held = sum(number(row["ratio"]) <= number(row["needed ratio"]) for row in own)
            yield (
                f"{kind} over a million cases, {who}, {len(own)} questions",
                f"p95 ≤ {worst['needed ratio']}× of ten thousand",
                f"{held} of {len(own)} hold; most {worst['ratio']}× ({worst['question']})",
                _verdict(held == len(own)),
                "",
            )


KINDS: Mapping[str, Callable[[str], bool]] = {
    "case page": lambda name: name.startswith(("case", "timeline")),
    "search": lambda name: name.startswith(SEARCHES),
    "list": lambda name: not name.startswith(("case", "timeline", *SEARCHES)),
}
"""Questions of bench.case_list by what the design calls them."""
SEARCHES = ("word", "one character", "number", "end of a number", "address", "search box")

READERS: Mapping[str, Callable[[Sequence[Record]], Iterator[Line]]] = {
    "recommend": _recommend,
    "dispatch": _dispatch,
    "position": _position,
    "cold_start": _cold_start,
    "travel": _travel,
    "tile": _tile,
    "stream": _stream,
    "density": _density,
    "risk_page": _risk_page,
    "assign_solve": _assign_solve,
    "case_list": _case_list,
}
"""How the lines of each bench are drawn from its tables."""
