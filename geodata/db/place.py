"""Where an embedded cluster lies, whose it is, and which PostgreSQL runs it.

PostgreSQL refuses to run as root, and its own user cannot enter a 0700 home: for root the data
lie under /var/lib/ganxin and run as ``postgres``. A socket path over 107 bytes stops the server,
so sockets lie in a short folder of their own, closed to everybody else.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import Unavailable

SERVER_USER = "postgres"
REPAIR = "Run bin/setup, or set GANXIN_DATABASE_URL to a database of your own."


@dataclass(frozen=True)
class Place:
    """Folders of one cluster and the user it runs as (None: ourselves)."""

    key: str
    data: Path
    sockets: Path
    owner: pwd.struct_passwd | None

    @property
    def uid(self) -> int | None:
        """User to run as, for ``subprocess``; None: as we are."""
        return None if self.owner is None else self.owner.pw_uid

    @property
    def gid(self) -> int | None:
        """Group to run as, for ``subprocess``; None: as we are."""
        return None if self.owner is None else self.owner.pw_gid

    @property
    def extra_groups(self) -> list[int] | None:
        """No group of ours goes along when the user changes."""
        return None if self.owner is None else []


def place_of(home: Path) -> Place:
    """Return the place of the embedded cluster of a home; nothing is touched.

    Raises
    ------
    Unavailable
        As root, when the machine has no user ``postgres``.
    """
    home = home.resolve()
    key = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    uid = os.geteuid()
    if uid != 0:
        return Place(key, home / "pg", Path("/tmp") / f"ganxin-{uid}-{key}", None)  # noqa: S108 - make_private checks whose it is
    try:
        owner = pwd.getpwnam(SERVER_USER)
    except KeyError as error:
        raise Unavailable(
            f"PostgreSQL does not run as root and this machine has no user {SERVER_USER}. {REPAIR}"
        ) from error
    return Place(key, Path("/var/lib/ganxin") / key, Path("/run/ganxin") / key, owner)


def make_private(folder: Path, owner: pwd.struct_passwd | None) -> None:
    """Make a folder that only its owner can enter, or insist that an existing one is so.

    Raises
    ------
    Unavailable
        Somebody else was there first: a name under /tmp can be taken by anyone.
    """
    folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    wanted_uid = os.geteuid() if owner is None else owner.pw_uid
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (wanted_uid, os.geteuid()):
        raise Unavailable(f"{folder} is in the way and belongs to another user; remove it.")
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    folder.chmod(0o700)


def bin_dir(data: Path) -> Path:
    """Return the folder of the PostgreSQL programs that fit the data, newest for new data.

    Raises
    ------
    Unavailable
        No PostgreSQL with PostGIS is installed, or not the version the data were made by.
    """
    installed = _installed()
    if not installed:
        raise Unavailable(f"No PostgreSQL with PostGIS is installed. {REPAIR}")
    marker = data / "PG_VERSION"
    if not marker.exists():
        return installed[max(installed)]
    version = int(marker.read_text().strip())
    if version not in installed:
        raise Unavailable(
            f"{data} was made by PostgreSQL {version}, which is not installed (there is "
            f"{', '.join(map(str, sorted(installed)))}). Install it, or upgrade the data."
        )
    return installed[version]


def _installed() -> dict[int, Path]:
    found = {}
    for control in Path("/usr/share/postgresql").glob("*/extension/postgis.control"):
        version = control.parts[-3]
        programs = Path("/usr/lib/postgresql") / version / "bin"
        if version.isdigit() and (programs / "postgres").exists():
            found[int(version)] = programs
    return found or _in_path()


def _in_path() -> dict[int, Path]:
    config = shutil.which("pg_config")
    if config is None:
        return {}

    def ask(what: str) -> str:
        return subprocess.run(
            [config, what], capture_output=True, text=True, check=True
        ).stdout.strip()

    programs = Path(ask("--bindir"))
    version = re.search(r"\d+", ask("--version"))
    postgis = Path(ask("--sharedir")) / "extension" / "postgis.control"
    if version is None or not (programs / "postgres").exists() or not postgis.exists():
        return {}
    return {int(version.group()): programs}
