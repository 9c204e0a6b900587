"""The risk map in a real Chromium: from the slider's movement to the new picture on the screen.

``python -m bench.risk_page``. A demo whose cases are multiplied to 100,000 (each at a building of
its grid, at another time of its year), the page at 1366 x 768, WebGL drawn by the processor: the
browser, the server and the database share the machine's two cores. Two sliders, moved a step at a
time, the next step when the picture of the last is there:

- time: a window of 24 weeks dragged by one week;
- bandwidth: from 100 m to 1,000 m and back.

Measured in the page: from the event to the frame after the picture was given to the map. Server:
the same request alone, from sending to the last byte.
"""

from __future__ import annotations

import json

import numpy as np
from playwright.sync_api import Page, sync_playwright

from bench import stage
from tests.chromium import launch

CASES = 100_000
STEPS = 60
NEEDED_MS = 200.0
PERIOD = "since=2026-05-25&until=2026-11-20"
HEAD = ("slider", "incidents", "steps", "p50, ms", "p95, ms", "max, ms", "needed p95, ms",
        "server p50, ms", "server p95, ms")  # fmt: skip
MULTIPLY = """
    INSERT INTO dispatch.cases (number, type_code, state, urgent, channel, description, grid_code,
        edge_m, source_lon, source_lat, source_datum, geom, reported_by, reported_at, state_since,
        closed_at, closing_note)
    SELECT 'bench-' || row_number() OVER (), c.type_code, 'closed', c.urgent, c.channel,
           c.description, c.grid_code, c.edge_m, ST_X(b.p), ST_Y(b.p), 'WGS-84', b.p,
           c.reported_by, t.at, t.at, t.at, 'bench'
    FROM generate_series(1, 12) turn
    CROSS JOIN (SELECT * FROM dispatch.cases WHERE state <> 'void') c
    CROSS JOIN LATERAL (SELECT ST_Centroid(b.geom) AS p FROM layers.buildings b
                        WHERE b.grid_code = c.grid_code
                        ORDER BY hashint8(b.id + 7919 * turn + 31 * c.id) LIMIT 1) b
    CROSS JOIN LATERAL (SELECT c.reported_at - make_interval(
        secs => (hashint8(c.id * 13 + turn) & 2147483647) %% 86400
                + 86400 * ((hashint8(c.id + turn * 17) & 2147483647) %% 7)) AS at) t
    LIMIT %s
"""
MOVE = """async ([what, step]) => {
    const frame = document.getElementById('map');
    const begun = performance.now();
    const drawn = new Promise((resolve) => {
        const watch = new MutationObserver(() => { watch.disconnect(); resolve(); });
        watch.observe(frame, {attributes: true, attributeFilter: ['data-drawn']});
    });
    if (what === 'time') window.moveTime(step); else window.moveBandwidth(step);
    await drawn;
    await new Promise(requestAnimationFrame);
    return performance.now() - begun;
}"""
HANDS = """() => {
    const chart = document.querySelector('.time-chart');
    const bars = chart.querySelectorAll('rect').length;
    const at = (bar) => {
        const box = chart.getBoundingClientRect();
        return {clientX: box.left + (bar + 0.5) / bars * box.width, clientY: box.top + 9,
                pointerId: 1, bubbles: true, isPrimary: true};
    };
    chart.setPointerCapture = () => {};  // no real pointer holds it
    const first = Math.round(bars * 0.75);
    chart.dispatchEvent(new PointerEvent('pointerdown', at(first)));
    window.moveTime = (step) => chart.dispatchEvent(
        new PointerEvent('pointermove', at(first - 1 - (step % 12))));
    const range = document.getElementById('risk-bandwidth');
    window.moveBandwidth = (step) => {
        range.value = String(10 + (step * 7) % 75);
        range.dispatchEvent(new Event('input'));
    };
}"""
ASK = """async (url) => {
    const begun = performance.now();
    await (await fetch(url)).arrayBuffer();
    return performance.now() - begun;
}"""


def multiply(here: stage.Stage) -> int:
    """Bring the cases to the number wanted; return how many there are."""
    with here.database() as conn:
        row = conn.execute("SELECT count(*) AS n FROM dispatch.cases").fetchone()
        missing = CASES - int(row["n"]) if row else CASES
        if missing > 0:
            conn.execute(MULTIPLY, (missing,))
            conn.execute("VACUUM ANALYZE dispatch.cases")
        row = conn.execute("SELECT count(*) AS n FROM dispatch.cases").fetchone()
    return int(row["n"]) if row else 0


def open_page(page: Page, here: stage.Stage) -> None:
    """Sign in as the planner and wait until the map, its backtest too, is there."""
    accounts = json.loads((here.settings.home / "demo-accounts.json").read_text("utf-8"))
    account = next(one for one in accounts if one["role"] == "planner")
    base = f"http://127.0.0.1:{here.settings.port}"
    body = {name: account[name] for name in ("username", "password")}
    page.context.request.post(f"{base}/api/v1/session", data=body)
    page.goto(f"{base}/risk?{PERIOD}&bandwidth=300")
    page.wait_for_selector("html[data-backtest]", timeout=120_000)
    page.wait_for_selector("#map[aria-busy=false]")
    page.evaluate(HANDS)


def measure(page: Page, what: str, incidents: int) -> stage.Row:
    """Move one slider step by step; then ask for the same pictures without showing them."""
    urls: list[str] = []
    page.on("request", lambda one: urls.append(one.url) if "/risk/surface" in one.url else None)
    for step in range(3):
        page.evaluate(MOVE, [what, step + STEPS])
    urls.clear()
    taken = [float(page.evaluate(MOVE, [what, step])) for step in range(STEPS)]
    asked = [float(page.evaluate(ASK, url)) for url in list(urls)]
    told = [f"{value:.0f}" for value in (*np.quantile(taken, [0.5, 0.95]), max(taken))]
    alone = [f"{value:.0f}" for value in np.quantile(asked, [0.5, 0.95])]
    return (what, f"{incidents:,}", str(len(taken)), *told, f"{NEEDED_MS:.0f}", *alone)


def main() -> None:
    """Print the table."""
    with stage.opened() as here:
        incidents = multiply(here)
        with sync_playwright() as playwright:
            browser = launch(playwright)
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            open_page(page, here)
            rows = [measure(page, what, incidents) for what in ("bandwidth", "time")]
            browser.close()
        print(stage.table(HEAD, rows))
        print("\nServer alone: the picture is in its cache of six where the step came before.")


if __name__ == "__main__":
    main()
