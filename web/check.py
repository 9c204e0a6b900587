"""``ganxin check``: what can be wrong with an installation, each with its repair.

A check is a function that returns the problem in one sentence with the repair in another, or None.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
from psycopg.rows import dict_row, tuple_row

from dispatch import rule
from dispatch.case.type import list_types
from dispatch.clock.limit_table import read_limits
from geodata.db.cluster import LEAKPROOF
from geodata.db.migrate import pending
from geodata.errors import GanxinError
from geodata.home import make_home
from geodata.settings import Settings

LEAST_FREE_BYTES = 2 * 2**30
LEAST_SERVER = 150000
LEAST_POSTGIS = (3, 3)
VENDOR = ("maplibre-gl.mjs", "maplibre-gl-shared.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css")
WAITING_LIMIT_S = 10
NAMED = 8
"""Codes that a line names; of others it tells how many."""
DbConn = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Fault:
    """What is wrong and what to do about it."""

    problem: str
    repair: str


@dataclass(frozen=True)
class Finding:
    """The outcome of one check; no fault means well."""

    name: str
    fault: Fault | None


def check_machine(settings: Settings) -> Iterator[Finding]:
    """Check what needs no database."""
    checks: dict[str, Callable[[], Fault | None]] = {
        "home": partial(_home, settings),
        "disk": partial(_disk, settings),
        "front end": _front_end,
        "fonts": _fonts,
    }
    for name, check in checks.items():
        yield Finding(name, check())


def check_database(dsn: str) -> Iterator[Finding]:
    """Check a running database as its owner."""
    try:
        conn = psycopg.connect(dsn, autocommit=True, row_factory=tuple_row)
    except psycopg.OperationalError as error:
        yield Finding("database", Fault(str(error), "Start it, or mend GANXIN_DATABASE_URL."))
        return
    yield Finding("database", None)
    with conn:
        yield Finding("server version", _server(conn))
        yield Finding("PostGIS", postgis := _postgis(conn))
        if postgis is not None:
            return
        yield Finding("schema", schema := _schema(dsn))
        if schema is not None:
            return
        yield Finding("leakproof", _leakproof(conn))
        yield Finding("application role", _application_role(conn))
        yield Finding("row security", _row_security(conn))
        yield Finding("sequencer", _sequencer(conn))
        yield Finding("sweeper", _sweeper(conn))
        yield from _rules(dsn)
        yield Finding("district", _district(conn))
        yield Finding("map", _map(conn))


def _home(settings: Settings) -> Fault | None:
    try:
        make_home(settings.home)
    except GanxinError as error:
        return Fault(error.public_message, "Set GANXIN_HOME to a folder that you may write.")
    return None


def _disk(settings: Settings) -> Fault | None:
    free = shutil.disk_usage(settings.home).free
    if free >= LEAST_FREE_BYTES:
        return None
    return Fault(
        f"{free // 2**20} MB are free at {settings.home}",
        f"Free some: the demo needs {LEAST_FREE_BYTES // 2**30} GB.",
    )


def _front_end() -> Fault | None:
    folder = Path(__file__).parent / "static" / "vendor"
    missing = [name for name in VENDOR if not (folder / name).exists()]
    return Fault(f"{', '.join(missing)} missing", "Run bin/setup.") if missing else None


def _fonts() -> Fault | None:
    browsers = ("chromium", "chromium-browser", "google-chrome", "firefox", "firefox-esr")
    if not any(shutil.which(name) for name in browsers) or shutil.which("fc-list") is None:
        return None  # pages are looked at from elsewhere
    listing = ["fc-list", ":lang=zh-cn", "family"]
    found = subprocess.run(listing, capture_output=True, text=True, check=False).stdout
    if found.strip():
        return None
    return Fault(
        "no font of this machine has Chinese characters: labels of the map turn to boxes",
        "Install fonts-noto-cjk: bin/setup --for test does.",
    )


def _server(conn: DbConn) -> Fault | None:
    if conn.info.server_version < LEAST_SERVER:
        return Fault(f"PostgreSQL {conn.info.server_version}", "Upgrade it to 15 or newer.")
    encoding = conn.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        return Fault(f"the encoding is {encoding}", "Create the database with ENCODING 'UTF8'.")
    return None


def _postgis(conn: DbConn) -> Fault | None:
    row = conn.execute("SELECT extversion FROM pg_extension WHERE extname = 'postgis'").fetchone()
    if row is None:
        return Fault(
            "it is not in this database",
            "As superuser, in this database: CREATE EXTENSION postgis; then `ganxin migrate`.",
        )
    if tuple(int(part) for part in str(row[0]).split(".")[:2]) < LEAST_POSTGIS:
        return Fault(f"version {row[0]}", "Upgrade to 3.3 or newer, then ALTER EXTENSION … UPDATE.")
    return None


def _schema(dsn: str) -> Fault | None:
    try:
        missing = pending(dsn)
    except GanxinError as error:
        return Fault(error.public_message, "Install the version of ganxin that made it.")
    return Fault(f"lacks {', '.join(missing)}", "Run `ganxin migrate`.") if missing else None


def _leakproof(conn: DbConn) -> Fault | None:
    rows = conn.execute(
        "SELECT proname FROM pg_proc WHERE proname = ANY (%s) AND pronargs = 2"
        " AND proargtypes[0] = 'geometry'::regtype AND proargtypes[1] = 'geometry'::regtype"
        " AND NOT proleakproof ORDER BY proname",
        (list(LEAKPROOF),),
    ).fetchall()
    if not rows:
        return None
    names = [str(row[0]) for row in rows]
    commands = " ".join(f"ALTER FUNCTION {name}(geometry, geometry) LEAKPROOF;" for name in names)
    return Fault(
        f"{', '.join(names)}: spatial queries under row security cannot use their index (a "
        "restored dump loses the mark)",
        f"As superuser: {commands}",
    )


def _application_role(conn: DbConn) -> Fault | None:
    row = conn.execute(
        "SELECT rolsuper OR rolbypassrls, EXISTS (SELECT FROM pg_class WHERE relowner = r.oid)"
        " FROM pg_roles r WHERE rolname = 'ganxin_app'"
    ).fetchone()
    if row is None:
        return Fault("ganxin_app does not exist", "Run `ganxin migrate`.")
    if row[0]:
        repair = "ALTER ROLE ganxin_app NOSUPERUSER NOBYPASSRLS;"
        return Fault("ganxin_app passes by row security", repair)
    if row[1]:
        return Fault("ganxin_app owns tables", "REASSIGN OWNED BY ganxin_app TO the owner.")
    return None


def _row_security(conn: DbConn) -> Fault | None:
    """Look for a table under policies whose row security was switched off."""
    rows = conn.execute(
        "SELECT DISTINCT c.oid::regclass::text FROM pg_policy p JOIN pg_class c ON c.oid ="
        " p.polrelid WHERE NOT c.relrowsecurity ORDER BY 1"
    ).fetchall()
    names = [str(row[0]) for row in rows]
    commands = " ".join(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;" for name in names)
    return Fault(f"off on {', '.join(names)}", commands) if names else None


def _sequencer(conn: DbConn) -> Fault | None:
    """Look for events that nobody seals."""
    row = conn.execute(
        "SELECT count(*) FROM geodata.events_pending"
        " WHERE occurred_at < now() - make_interval(secs => %s)",
        (WAITING_LIMIT_S,),
    ).fetchone()
    if row is None or row[0] == 0:
        return None
    return Fault(
        f"{row[0]} events wait longer than {WAITING_LIMIT_S} s",
        "Start `ganxin serve` (or demo); if it runs, see log/sequencer.log.",
    )


def _sweeper(conn: DbConn) -> Fault | None:
    """Look for marks of clocks and turns of the roster that nobody takes when they have come."""
    row = conn.execute(
        "SELECT (SELECT count(*) FROM dispatch.clocks WHERE paused_at IS NULL"
        "        AND next_at < now() - make_interval(secs => %(s)s))"
        " + (SELECT count(*) FROM dispatch.rosters"
        "    WHERE turn_at < now() - make_interval(secs => %(s)s))",
        {"s": WAITING_LIMIT_S},
    ).fetchone()
    if row is None or row[0] == 0:
        return None
    return Fault(
        f"{row[0]} marks of clocks or turns of the roster are due longer than {WAITING_LIMIT_S} s",
        "Start `ganxin serve` (or demo); if it runs, see log/sweeper.log.",
    )


def _rules(dsn: str) -> Iterator[Finding]:
    """Look for types that nobody answers for or that have no time, and a catalogue with a gap."""
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        types, limits = list_types(conn), read_limits(conn)
    edit = "PUT /api/v1/case-types/{{code}} as administrator: {}; or make the type inactive."
    timeless = "Set one: PUT /api/v1/limits as administrator, for the type, its class or family."
    yield Finding("types", None if types else Fault("there are none", "Run `ganxin migrate`."))
    yield _of_types("limits of types", rule.types_without_limit(types, limits), timeless)
    post = edit.format("a responsible_post of dispatch/people/role.py")
    yield _of_types("posts of types", rule.types_without_post(types), post)
    kind = edit.format("a service_kind")
    yield _of_types("kinds of services", rule.services_without_kind(types), kind)
    missing = rule.kinds_without_service(types) if types else []
    add = "POST /api/v1/case-types as administrator: a service of this kind, or make one active."
    yield _of_types("service catalogue", missing, add)


def _of_types(name: str, wrong: list[str], repair: str) -> Finding:
    shown = ", ".join(wrong[:NAMED]) + (f" and {len(wrong) - NAMED} more" * (len(wrong) > NAMED))
    return Finding(name, Fault(f"missing for {shown}", repair) if wrong else None)


def _district(conn: DbConn) -> Fault | None:
    if conn.execute("SELECT 1 FROM geodata.districts").fetchone():
        return None
    return Fault("no district is loaded", "Run `ganxin demo`, or load your own.")


def _map(conn: DbConn) -> Fault | None:
    """Look for a ground that no map was drawn from."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM layers.areas) AND NOT EXISTS (SELECT FROM mapsvc.areas),"
        " EXISTS (SELECT FROM geodata.road_edges) AND NOT EXISTS (SELECT FROM mapsvc.roads)"
    ).fetchone()
    if row is None or not any(row):
        return None
    return Fault("areas or roads are loaded that the map does not show", "Run `ganxin draw`.")
