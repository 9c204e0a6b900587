"""List, search, case page and figures through HTTP over 10,000 and over 1,000,000 past cases.

``python -m bench.case_list [--home DIR]``. Two demos run side by side, in DIR/small and DIR/large;
their cases are replaced once by :mod:`bench.case_past`. The same questions go to both in turns, a
few at a time, so that what else the machine does meets both; one client, one question at a time.
The ratio is the p95 over a million by the p95 over ten thousand.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from bench import case_past, stage
from bench.client import Question, job_of, run
from dispatch.figure import count_figures
from dispatch.page import encode_cursor
from geodata.db.cluster import Cluster
from geodata.db.pool import make_pool
from geodata.db.scope import Scope, scoped
from geodata.settings import Settings

SMALL, LARGE = 10_000, 1_000_000
NEEDED_RATIO = 2.0
TURNS, EACH = 10, 8
WHO = ("dispatcher", "street.dispatcher", "clerk", "judge")
HEAD = ("question", "asked by", "10,000: p50, ms", "p95, ms", "1,000,000: p50, ms", "p95, ms",
        "ratio", "needed ratio")  # fmt: skip
LIST = "/api/v1/cases?limit=50"


@dataclass(frozen=True)
class Ask:
    """A question, told apart by a name; ``paths`` are asked one after the other, in turns."""

    name: str
    paths: tuple[str, ...]


def asks(here: stage.Stage, account: dict[str, Any]) -> Iterator[Ask]:
    """Yield the questions of one account; areas and numbers are those of its own cases."""
    with here.database() as conn:
        own = conn.execute(
            "SELECT c.id, c.number, c.address, c.type_code, c.grid_code FROM dispatch.cases c"
            " WHERE c.state = 'closed' AND EXISTS (SELECT FROM unnest(%s::text[]) a"
            " WHERE c.grid_code ^@ a) ORDER BY hashint8(c.id) LIMIT 40",
            (account["area_codes"],),
        ).fetchall()
        beyond = conn.execute(
            "SELECT p.case_id AS id FROM dispatch.participations p WHERE p.subject = ANY (%s)"
            " AND NOT p.grid_code ^@ ANY (%s::text[]) ORDER BY hashint8(p.case_id) LIMIT 40",
            (account["subjects"], account["area_codes"]),
        ).fetchall()
        rare = conn.execute(
            "SELECT type_code FROM dispatch.cases WHERE type_code ^@ 'D' GROUP BY 1"
            " ORDER BY count(*), 1 LIMIT 1"
        ).fetchone()
    grid = max({row["grid_code"] for row in own})
    seldom = rare["type_code"] if rare else ""
    yield Ask("list", (LIST,))
    for name, query in {
        "open": "state=open",
        "pending": "state=pending",
        "closed": "state=closed",
        "void": "state=void",
        "a state that none is in": "state=suspended",
        "family": "family=police",
        "common type": f"type={own[0]['type_code']}",
        "rare type": f"type={seldom}",
        "urgent": "urgent=true",
        "own grid": f"area={grid}",
        "own community": f"area={grid[:12]}",
        "another street": "area=210211015",
        "a month two years ago": "reported_since=2024-10-01T00:00:00Z"
        "&reported_until=2024-11-01T00:00:00Z",
        "closed, rare type, urgent": f"state=closed&urgent=true&type={seldom}",
        "mine": "mine=true",
        "mine, closed, urgent": "mine=true&state=closed&urgent=true",
        "word: common": f"q={quote('楼道')}",
        "word: 5 %": f"q={quote('电动车')}",
        "word: 0.5 %": f"q={quote('空调外机')}",
        "word: 0.05 %": f"q={quote('蜂窝')}",
        "word: 12 cases": f"q={quote('白蚁')}",
        "word: no hit": f"q={quote('鲸鱼')}",
        "one character: no hit": f"q={quote('鲸')}",
        "word and state": f"q={quote('空调外机')}&state=closed&area={grid[:9]}",
    }.items():
        yield Ask(name, (f"{LIST}&{query}",))
    yield Ask("number", tuple(f"{LIST}&q={row['number']}" for row in own))
    yield Ask("end of a number", tuple(f"{LIST}&q={row['number'][-6:]}" for row in own))
    yield Ask("address", tuple(f"{LIST}&q={quote(row['address'])}" for row in own))
    yield Ask("far pages", tuple(f"{LIST}&cursor={cursor}" for cursor in cursors(here)))
    yield Ask("search box", tuple(f"/api/v1/search?q={quote(row['address'])}" for row in own))
    for kind, ids in (("", own), (", beyond the areas", beyond)):
        if ids:
            yield Ask(f"case{kind}", tuple(f"/api/v1/cases/{row['id']}" for row in ids))
            yield Ask(
                f"timeline{kind}", tuple(f"/api/v1/cases/{row['id']}/timeline" for row in ids)
            )


def cursors(here: stage.Stage) -> list[str]:
    """Return cursors at a tenth, two tenths … of the past."""
    with here.database() as conn:
        rows = conn.execute(
            "SELECT c.id, c.reported_at FROM dispatch.cases c"
            " JOIN generate_series(1, 9) n ON c.id = (SELECT max(id) FROM dispatch.cases) * n / 10"
        ).fetchall()
    return [encode_cursor(row["reported_at"].isoformat(), row["id"]) for row in rows]


def measure(small: stage.Stage, large: stage.Stage, account: dict[str, Any]) -> Iterator[stage.Row]:
    """Ask all questions of one account, of both in turns."""
    sides = (small, large)
    headers = [side.sign_in_as(account["username"]) for side in sides]
    questions = [list(asks(side, account)) for side in sides]
    taken: dict[tuple[int, str], list[float]] = {}
    for turn in range(TURNS + 1):
        for index, ask in enumerate(questions[0]):
            order = (0, 1) if turn % 2 else (1, 0)
            for number in order:
                paths = questions[number][index].paths
                asked = [
                    Question("GET", paths[(turn * EACH + n) % len(paths)]) for n in range(EACH)
                ]
                found = run(job_of(sides[number].settings.port, headers[number], asked))
                if found.errors:
                    raise SystemExit(f"{ask.name}: {found.statuses} {found.errors}")
                if turn:  # the first is to warm up
                    taken.setdefault((number, ask.name), []).extend(found.taken_s)
    for ask in questions[0]:
        yield row(ask.name, account["username"], taken[0, ask.name], taken[1, ask.name])


def row(name: str, who: str, small_s: list[float], large_s: list[float]) -> stage.Row:
    """Return the row of one question."""
    cells = [name, who]
    for taken in (small_s, large_s):
        cells += [f"{np.quantile(taken, q) * 1000:.1f}" for q in (0.5, 0.95)]
    ratio = np.quantile(large_s, 0.95) / np.quantile(small_s, 0.95)
    return (*cells, f"{ratio:.2f}", f"{NEEDED_RATIO:.0f}")


def figures(small: stage.Stage, large: stage.Stage, account: dict[str, Any]) -> stage.Row:
    """Time what GET /figures counts when it has to: it keeps its answer for two seconds."""
    scope = Scope(tuple(account["area_codes"]), tuple(account["subjects"]))
    taken: list[list[float]] = [[], []]
    pools = [make_pool(side.dsn, "ganxin_app", name="bench") for side in (small, large)]
    for _ in range(TURNS * 3):
        for pool, times in zip(pools, taken, strict=True):
            with scoped(pool, scope) as conn:
                begun = time.perf_counter()
                count_figures(conn, case_past.END)
                times.append(time.perf_counter() - begun)
    for pool in pools:
        pool.close()
    told = row("figures, not from the cache", account["username"], taken[0][1:], taken[1][1:])
    return (*told[:-1], "")  # of the wall: not of what the design calls list, search and case page


def accounts(here: stage.Stage) -> list[dict[str, Any]]:
    """Return who asks, the same in both demos."""
    with here.database() as conn:
        return conn.execute(
            "SELECT username, area_codes, array_remove(ARRAY['u:' || id, 'p:' || person_id], NULL)"
            " AS subjects FROM web.users WHERE username = ANY (%s)"
            " ORDER BY array_position(%s, username)",
            (list(WHO), list(WHO)),
        ).fetchall()


@contextmanager
def opened(home: Path, count: int, port: int) -> Iterator[stage.Stage]:
    """Run a demo with a past of so many cases; an old one is used as it is."""
    with stage.opened(home, port) as here:
        with here.database() as conn:
            found = conn.execute("SELECT count(*) AS n FROM dispatch.cases").fetchone()
        if found is None or found["n"] != count + case_past.OPEN:
            case_past.load(here, count)
        yield here


def main() -> None:
    """Print the table."""
    given = stage.home_given(__doc__)
    home = given or Path(tempfile.mkdtemp(prefix="ganxin-bench-"))
    with (
        opened(home / "small", SMALL, stage.PORT) as small,
        opened(home / "large", LARGE, stage.PORT + 1) as large,
    ):
        rows: list[stage.Row] = []
        for account in accounts(small):
            rows += [*measure(small, large, account), figures(small, large, account)]
    print(stage.table(HEAD, rows))
    if given is None:
        for name in ("small", "large"):
            place = Cluster(Settings(home=home / name)).place
            for gone in (place.data, place.sockets):
                shutil.rmtree(gone, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
