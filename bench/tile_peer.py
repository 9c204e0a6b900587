"""The peer of bench.tile: tipg from PyPI in an environment of its own, made for the run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

PACKAGES = ("tipg==1.6.1", "uvicorn==0.54.0")


def install(folder: Path) -> Path:
    """Install the peer into a folder, if it is not there; return its ``bin``."""
    programs = folder / "bin"
    if not (programs / "uvicorn").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(programs / "pip"), "install", "-q", *PACKAGES], check=True)
    return programs


@contextmanager
def serve(programs: Path, dsn: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the peer with one worker, as we run: no catalogue refresh, no compression asked for."""
    parts = conninfo_to_dict(dsn)
    host = quote(str(parts["host"]), safe="")
    url = f"postgresql://{parts['user']}@{host}:{parts.get('port') or 5432}/{parts['dbname']}"
    environ = os.environ | {
        "DATABASE_URL": url,
        "TIPG_DB_SCHEMAS": '["geodata", "layers", "mapsvc"]',
        "TIPG_CATALOG_TTL": "0",
        "TIPG_DB_DATETIME_EXTENT": "false",
    }
    command = [str(programs / "uvicorn"), "tipg.main:app", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--log-level", "error", "--timeout-keep-alive", "60"], env=environ
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def path_of(table: str, z: int, x: int, y: int) -> str:
    """Return the peer's path of a tile of one table; ``table?query`` filters its rows."""
    name, _, query = table.partition("?")
    path = f"/collections/{name}/tiles/WebMercatorQuad/{z}/{x}/{y}"
    return f"{path}?{query}" if query else path
