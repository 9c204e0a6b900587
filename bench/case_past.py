"""A past of any length for the benches of lists: cases with all that a case leaves behind.

Every case of the demo is replaced. The past is spread evenly over 900 days up to now and by the
district's buildings; 97 % are closed, 2 % void, 1 % merged. The same 400 open cases of the last
three days come on top, whatever the length. Rows go in by COPY and INSERT … SELECT with triggers
off and indexes made anew; events keep no hash chain, which is another bench's matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import numpy as np
from psycopg import sql

from bench import stage
from dispatch.case.store import case_number
from dispatch.case.type import CaseType, list_types
from dispatch.demo.place import Sites, read_district
from dispatch.demo.seed import drawn_types
from geodata.db.scope import Conn
from web.demo import owner_unbound

END = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAYS, FRESH_DAYS, OPEN = 900, 3, 400
SEED = 6
FAMILIES = {"service": 0.4, "hazard": 0.3, "dispute": 0.2, "police": 0.1}
WHO = ("居民反映", "网格员巡查发现", "热线转来:", "物业报告", "群众来电称", "社区工作者走访发现")
SPOTS = ("楼道内", "门口", "地下车库", "单元入口", "小区花园", "临街商铺前", "天台", "电梯旁")
EFFECTS = ("影响通行", "存在消防隐患", "扰民严重", "多次协调未果", "老人出行不便", "气味刺鼻")
WISHES = ("请尽快处理", "希望上门核实", "请安排人员到场", "望回复结果", "要求明确责任")
WORDS: dict[str, float | int] = {"电动车": 0.05, "空调外机": 0.005, "蜂窝": 0.0005, "白蚁": 12}
"""Words that some descriptions hold besides: a share of the cases, or so many of any past."""
CASES: LiteralString = (
    "COPY dispatch.cases (id, number, type_code, state, urgent, channel, description, address,"
    " building_id, grid_code, edge_m, source_lon, source_lat, source_datum, geom, reported_by,"
    " reported_at, state_since, closed_at, closing_note, closing_kind, merged_into, holder_code,"
    " held_since, version) FROM STDIN"
)
EMPTIED: LiteralString = (
    "TRUNCATE dispatch.cases, dispatch.assignments, dispatch.participations, dispatch.recusals,"
    " dispatch.custody, dispatch.clocks, dispatch.extensions, dispatch.cards, dispatch.ratings,"
    " dispatch.remarks, dispatch.notices, dispatch.offers, geodata.events,"
    " geodata.events_pending CASCADE"
)
FILLED = ("cases", "assignments", "participations", "custody", "clocks", "remarks")
AFTER: tuple[LiteralString, ...] = (
    """INSERT INTO dispatch.assignments (case_id, person_id, person_role, role, slot, state, rung,
           reasons, rank, travel_s, assigned_by, assigned_at, acknowledged_at, arrived_at, ended_at)
       SELECT c.id, p.id, p.role, 'lead', 1, 'done', 'grid', '[{"code": "own_grid"}]', 1, 240,
              'u:' || p.dispatcher, c.reported_at + interval '3 min',
              c.reported_at + interval '5 min', c.reported_at + interval '20 min', c.closed_at
       FROM dispatch.cases c JOIN lead p ON p.grid_code = c.grid_code WHERE c.state = 'closed'""",
    """INSERT INTO dispatch.assignments (case_id, person_id, person_role, role, slot, state, rung,
           reasons, rank, travel_s, assigned_by, assigned_at, acknowledged_at)
       SELECT DISTINCT ON (p.id) c.id, p.id, p.role, 'lead', 1, 'acknowledged', 'grid',
              '[{"code": "own_grid"}]', 1, 240, 'u:' || p.dispatcher,
              c.reported_at + interval '3 min', c.reported_at + interval '5 min'
       FROM dispatch.cases c JOIN lead p ON p.grid_code = c.grid_code
       WHERE c.state = 'acknowledged' ORDER BY p.id, c.id""",
    """INSERT INTO dispatch.participations (subject, case_id, since, reported_at, grid_code)
       SELECT s.subject, c.id, c.reported_at, c.reported_at, c.grid_code
       FROM dispatch.cases c JOIN lead p ON p.grid_code = c.grid_code
       CROSS JOIN LATERAL (VALUES ('p:' || p.id), (c.reported_by),
           -- Who sat at the desk: of the street; of the district for a tenth.
           ('u:' || CASE WHEN c.id % 10 = 0 THEN 2 ELSE p.dispatcher END),
           -- A judge and a street's desk were in cases elsewhere, too.
           (CASE WHEN c.type_code ^@ 'D' AND c.id % 200 = 1
                 THEN 'p:' || (SELECT id FROM judge) END),
           (CASE WHEN c.id % 500 = 3 THEN 'u:4' END)) s (subject)
       WHERE s.subject IS NOT NULL ON CONFLICT DO NOTHING""",
    """INSERT INTO dispatch.custody (case_id, holder_code, state, since, until)
       SELECT c.id, c.holder_code, s.state, c.reported_at + s.since,
              CASE WHEN c.closed_at IS NOT NULL THEN c.reported_at + s.until END
       FROM dispatch.cases c
       CROSS JOIN (VALUES ('pending', interval '0', interval '3 min'),
                          ('assigned', '3 min', '20 min'), ('arrived', '20 min', '1 h'))
           s (state, since, until)
       WHERE c.state = 'closed' OR dispatch.is_open(c.state) AND s.since = interval '0'""",
    """INSERT INTO dispatch.clocks (case_id, step, holder_code, unit, amount, started_at,
           first_due_at, yellow_at, due_at, stopped_at)
       SELECT c.id, 'settle', c.holder_code, 'days', 5, c.reported_at,
              c.reported_at + interval '5 days', c.reported_at + interval '4 days',
              c.reported_at + interval '5 days', coalesce(c.closed_at, c.state_since)
       FROM dispatch.cases c WHERE NOT dispatch.is_open(c.state)""",
    """INSERT INTO dispatch.remarks (case_id, action, version, words, said_by, said_at)
       SELECT c.id, 'close', 4, '已现场处置,居民满意', c.reported_by, c.closed_at
       FROM dispatch.cases c WHERE c.state = 'closed'""",
    """INSERT INTO geodata.events (seq, id, occurred_at, kind, case_id, area_code, actor, payload,
           hash)
       SELECT 4 * c.id + s.n, 4 * c.id + s.n, c.reported_at + make_interval(mins => 9 * s.n),
              s.kind, c.id, c.grid_code, c.reported_by,
              jsonb_build_object('state', s.state, 'version', s.n + 1), ''
       FROM dispatch.cases c
       CROSS JOIN (VALUES (0, 'case.reported', 'pending'), (1, 'assignment.assigned', 'assigned'),
                          (2, 'assignment.arrived', 'arrived'), (3, 'case.closed', 'closed'))
           s (n, kind, state)
       WHERE s.n = 0 OR c.state = 'closed'""",
    "UPDATE geodata.event_head SET seq = (SELECT max(seq) FROM geodata.events)",
    "SELECT setval('dispatch.case_ids', (SELECT max(id) FROM dispatch.cases))",
)


def load(here: stage.Stage, count: int) -> None:
    """Replace the cases of a running demo by so many of the past and the open ones."""
    with here.database() as conn, conn.transaction():
        conn.execute("SET LOCAL session_replication_role = replica")
        conn.execute("SET LOCAL maintenance_work_mem = '1GB'")
        with owner_unbound(conn):
            _load(conn, count)
    with here.database() as conn:
        conn.execute("VACUUM (ANALYZE)")
        conn.execute("CHECKPOINT")


def _load(conn: Conn, count: int) -> None:
    conn.execute(EMPTIED)
    indexes = _without_indexes(conn)
    sites, types = read_district(conn).sites, {kind.code: kind for kind in list_types(conn)}
    with conn.cursor() as cursor, cursor.copy(CASES) as copy:
        for row in case_rows(sites, types, count):
            copy.write_row(row)
    conn.execute(
        "CREATE TEMPORARY TABLE lead ON COMMIT DROP AS"
        " SELECT DISTINCT ON (g.grid_code) g.grid_code, p.id, p.role,"
        " CASE WHEN g.grid_code ^@ (SELECT area_codes[1] FROM web.users"
        " WHERE username = 'street.dispatcher') THEN 4 ELSE 10000 + substr(g.grid_code, 7, 3)::int"
        " END AS dispatcher FROM (SELECT DISTINCT grid_code FROM dispatch.cases) g"
        " JOIN dispatch.people p ON g.grid_code = ANY (p.area_codes) AND p.role = 'grid_worker'"
        " ORDER BY g.grid_code, p.id"
    )
    conn.execute(
        "CREATE TEMPORARY TABLE judge ON COMMIT DROP AS"
        " SELECT person_id AS id FROM web.users WHERE username = 'judge'"
    )
    conn.execute("ANALYZE dispatch.cases, lead")
    for statement in AFTER:
        conn.execute(statement)
    for definition in indexes:
        conn.execute(sql.SQL(definition))


def _without_indexes(conn: Conn) -> list[LiteralString]:
    """Drop the indexes that only find rows; return how to make them again."""
    rows = conn.execute(
        "SELECT format('%%I.%%I', schemaname, indexname) AS name, indexdef FROM pg_indexes x"
        " JOIN pg_index i ON i.indexrelid = format('%%I.%%I', schemaname, indexname)::regclass"
        " WHERE schemaname = 'dispatch' AND tablename = ANY (%s) AND NOT i.indisunique",
        (list(FILLED),),
    ).fetchall()
    for row in rows:
        conn.execute(sql.SQL("DROP INDEX " + row["name"]))
    return [row["indexdef"] for row in rows]


def case_rows(sites: Sites, types: dict[str, CaseType], count: int) -> Iterator[Sequence[Any]]:
    """Yield the cases, oldest first: ids follow the time of report."""
    rng = np.random.default_rng(SEED)
    chosen = _types(drawn_types(types), count, np.random.default_rng(SEED))
    site = rng.integers(len(sites.id), size=count)
    state = rng.choice(["closed", "void", "merged"], size=count, p=[0.97, 0.02, 0.01])
    words = _words(count, rng)
    span_s = DAYS * 86400 / count
    first = END - timedelta(days=DAYS)
    parts = rng.integers(1 << 30, size=(count, 4))
    for number in range(count):
        at = first + timedelta(seconds=number * span_s)
        text = _text(parts[number], sites.label[site[number]], types[chosen[number]].name)
        kept = "closed" if number == 0 else str(state[number])
        yield _row(number + 1, at, kept, types[chosen[number]], sites, int(site[number]),
                   text + words.get(number, ""))  # fmt: skip
    yield from _open_rows(types, sites, count)


def _open_rows(types: dict[str, CaseType], sites: Sites, count: int) -> Iterator[Sequence[Any]]:
    rng = np.random.default_rng(SEED + 1)
    chosen = _types(drawn_types(types), OPEN, rng)
    site = rng.integers(len(sites.id), size=OPEN)
    parts = rng.integers(1 << 30, size=(OPEN, 4))
    for number in range(OPEN):
        at = END - timedelta(seconds=(OPEN - number) * FRESH_DAYS * 86400 / (OPEN + 1))
        state = ("pending", "acknowledged")[number % 2]
        kind = types[chosen[number]]
        text = _text(parts[number], sites.label[site[number]], kind.name)
        yield _row(count + number + 1, at, state, kind, sites, int(site[number]), text)


def _types(by_family: dict[str, list[str]], count: int, rng: np.random.Generator) -> list[str]:
    """Return types: of a family the n-th is as frequent as 1/n."""
    codes, shares = [], []
    for family, share in FAMILIES.items():
        weight = 1 / np.arange(1, len(by_family[family]) + 1)
        codes += by_family[family]
        shares += list(share * weight / weight.sum())
    return [str(code) for code in rng.choice(codes, size=count, p=np.array(shares) / sum(shares))]


def _words(count: int, rng: np.random.Generator) -> dict[int, str]:
    found: dict[int, str] = {}
    for word, share in WORDS.items():
        amount = share if isinstance(share, int) else round(share * count)
        for number in rng.choice(count, size=amount, replace=False).tolist():
            found[number] = found.get(number, "") + f",另有{word}问题"
    return found


def _text(part: Any, label: str, name: str) -> str:
    who, spot, effect, wish = (int(value) for value in part)
    return (
        f"{WHO[who % len(WHO)]}{label}{who % 6 + 1}单元{SPOTS[spot % len(SPOTS)]}{name},"
        f"{EFFECTS[effect % len(EFFECTS)]},{WISHES[wish % len(WISHES)]}"
    )


def _row(
    number: int, at: datetime, state: str, kind: CaseType, sites: Sites, site: int, text: str
) -> Sequence[Any]:
    lon, lat = sites.lonlat[site].tolist()
    grid = sites.grid_code[site]
    closed = at + timedelta(hours=1 + number % 50) if state == "closed" else None
    return (
        number, case_number(number, grid[:6], at), kind.code, state, kind.urgent,
        ("resident", "grid_worker", "hotline")[number % 3], text, sites.label[site],
        int(sites.id[site]), grid, 25.0, lon, lat, "WGS-84", f"SRID=4326;POINT({lon!r} {lat!r})",
        f"u:{3 if number % 4 else 2}", at, closed or at, closed,
        "已现场处置" if closed else None, "substantive" if closed else None,
        number - 1 if state == "merged" else None, grid[:12], at, 4 if closed else 1,
    )  # fmt: skip
