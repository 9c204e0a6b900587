"""Recommendation through HTTP: who could go to a case, everybody of the front line on duty.

``python -m bench.recommend [--home DIR]``. Cases of all types, each asked once; exact travel time
on the road graph for every candidate. Disputes are graded before, so that the answers tell their
run cards, too; beneath stands the same for cases that have a card. The engine alone against
pgRouting is ``bench.travel``.
"""

from __future__ import annotations

from bench import stage
from bench.client import Question

QUESTIONS, WARM = 640, 40
NEEDED_MS = 100.0
HEAD = ("clients", "cases", "on duty", "p50, ms", "p95, ms", "max, ms", "needed p95, ms", "per s",
        "web CPU, ms", "database CPU, ms", "client CPU, ms")  # fmt: skip


GRADE = """
    UPDATE dispatch.cases c SET level = 1 + c.id % 4, scale = 1 + c.id % 3
    FROM dispatch.case_types t WHERE t.code = c.type_code AND t.family = 'dispute'
"""
CASES = """
    SELECT id FROM (
        SELECT c.id, row_number() OVER (PARTITION BY c.type_code ORDER BY hashint8(c.id)) AS turn
        FROM dispatch.cases c JOIN dispatch.case_types t ON t.code = c.type_code
        WHERE NOT %(carded)s OR EXISTS (
            SELECT FROM dispatch.run_cards r
            WHERE r.stage = 'ordinary' AND (r.family = t.family
                  OR r.type_code IN (t.code, t.parent_code))
              AND (r.levels = '{}' OR c.level = ANY (r.levels))
              AND (r.scales = '{}' OR c.scale = ANY (r.scales)))) c
    ORDER BY turn, id LIMIT %(most)s
"""


def cases(here: stage.Stage, carded: bool) -> list[Question]:
    """Return the question about each of some cases, all types among them."""
    with here.database() as conn:
        rows = conn.execute(CASES, {"carded": carded, "most": QUESTIONS}).fetchall()
    return [Question("GET", f"/api/v1/cases/{row['id']}/candidates") for row in rows]


def row(
    here: stage.Stage, headers: dict[str, str], clients: int, on_duty: int, carded: bool
) -> stage.Row:
    """Measure with so many clients."""
    found, used = here.measure(headers, cases(here, carded), connections=clients, warm=WARM)
    count = len(found.taken_s)
    return (
        str(clients),
        str(count),
        str(on_duty),
        f"{found.ms(0.5):.1f}",
        f"{found.ms(0.95):.1f}",
        f"{found.ms(1.0):.1f}",
        f"{NEEDED_MS:.0f}",
        f"{found.per_s:.0f}",
        f"{used['web'] * 1000 / (count + WARM):.2f}",
        f"{used['database'] * 1000 / (count + WARM):.2f}",
        f"{found.cpu_s * 1000 / count:.2f}",
    )


def main() -> None:
    """Print the table."""
    with stage.opened(stage.home_given(__doc__)) as here:
        on_duty = stage.all_on_duty(here)
        headers = here.sign_in("dispatcher")
        with here.database() as conn:
            conn.execute(GRADE)
        rows = [row(here, headers, clients, on_duty, carded=False) for clients in (1, 8)]
        print(stage.table(HEAD, rows))
        rows = [row(here, headers, clients, on_duty, carded=True) for clients in (1, 8)]
        print("With a run card:")
        print("\n".join(" ".join(cells) for cells in rows))


if __name__ == "__main__":
    main()
