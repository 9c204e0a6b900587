"""The embedded PostgreSQL cluster: made, started as our child, stopped, found again after a crash.

No TCP: a unix socket in a folder that only its owner enters, so local trust is enough. The caller
holds the home (:mod:`geodata.home`); so whatever of a cluster is found running is an orphan.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from geodata.db.place import bin_dir, make_private, place_of
from geodata.db.tuning import ENVIRONMENT, IN_TESTS, tuning
from geodata.errors import Conflict, Unavailable
from geodata.home import hold, open_log
from geodata.process import command_lines, die_with_parent, send, wait_gone
from geodata.settings import Settings

OWNER = "postgres"
DATABASE = "ganxin"
READY_TIMEOUT_S = 300.0  # recovery after a crash replays at most max_wal_size
STOP_TIMEOUT_S = 20.0
_POLL_S = 0.05
_TEMPORARY = "temporary"
INITDB_OPTIONS = (
    *("-U", OWNER, "--encoding=UTF8", "--locale=C.UTF-8"),  # C.UTF-8: trigrams of Han characters
    *("--auth-local=trust", "--auth-host=reject", "--data-checksums", "--no-sync"),
)

# Under row security an index is used only where the operator behind it is leakproof, which PostGIS
# does not declare; these are what ST_Intersects, ST_DWithin, ST_Contains and ST_Within look up.
LEAKPROOF = ("geometry_overlaps", "geometry_contains", "geometry_within")


class Cluster:
    """The cluster of one home.

    Parameters
    ----------
    settings
        Only ``home`` is used.
    durable
        False gives up crash safety for speed: for tests.
    """

    def __init__(self, settings: Settings, *, durable: bool = True) -> None:
        self.place = place_of(settings.home)
        self.log = settings.log_dir / "postgres.log"
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    def dsn(self, user: str = OWNER, dbname: str = DATABASE) -> str:
        """Return the libpq connection string; nothing needs to run for it."""
        return make_conninfo("", host=str(self.place.sockets), user=user, dbname=dbname)

    def exists(self) -> bool:
        """Tell whether the cluster's files are there."""
        return (self.place.data / "PG_VERSION").exists()

    def ensure(self) -> bool:
        """Make the cluster's files if there are none; tell whether it was new.

        ``initdb`` works in a folder beside, renamed when complete: half a cluster is never found.
        """
        data = self.place.data
        if self.exists():
            return False
        draft = data.with_name(data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        make_private(draft, self.place.owner)
        done = subprocess.run(
            [str(bin_dir(data) / "initdb"), "-D", str(draft), *INITDB_OPTIONS],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            user=self.place.uid,
            group=self.place.gid,
            extra_groups=self.place.extra_groups,
        )
        if done.returncode != 0:
            raise Unavailable(f"initdb failed in {draft}: {done.stderr.strip()[-400:]}")
        if self.durable:
            os.sync()
        draft.rename(data)
        return True

    def start(self) -> None:
        """Start the server as our child and wait until it takes connections."""
        self.spawn()
        self.wait_ready()

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server as our child without waiting for it."""
        self.clear_orphans()
        make_private(self.place.data, self.place.owner)
        make_private(self.place.sockets, self.place.owner)
        with open_log(self.log) as log:
            self.process = subprocess.Popen(
                self._command(),
                cwd="/",
                env=os.environ | ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops us in order
                preexec_fn=die_with_parent(signal.SIGINT),
                user=self.place.uid,
                group=self.place.gid,
                extra_groups=self.place.extra_groups,
            )
        return self.process

    def wait_ready(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Wait until the server takes connections.

        Raises
        ------
        Unavailable
            It ended or did not answer in time; the message names its log.
        """
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError), psycopg.connect(self.dsn(dbname="postgres")):
                return
            if self.process is None:
                wait_gone(os.getpid(), _POLL_S)
            elif wait_gone(self.process.pid, _POLL_S):
                self.process.wait()
                break
        raise Unavailable(
            f"PostgreSQL did not start; the end of {self.log} says why:\n{self._why()}"
        )

    def create_database(self, name: str = DATABASE) -> bool:
        """Make a database if there is none of that name; tell whether it was new."""
        with psycopg.connect(self.dsn(dbname="postgres"), autocommit=True) as conn:
            if conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                return False
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return True

    def drop_database(self, name: str = DATABASE) -> None:
        """Remove a database with all in it, whoever is connected."""
        with psycopg.connect(self.dsn(dbname="postgres"), autocommit=True) as conn:
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            conn.execute(statement.format(sql.Identifier(name)))

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Stop the server: fast (clients are cut, a checkpoint is written), then immediately."""
        process, self.process = self.process, None
        if process is None:
            return
        for number, limit_s in ((signal.SIGINT, timeout_s), (signal.SIGQUIT, 5.0)):
            if process.poll() is None:
                send(process.pid, number)
                wait_gone(process.pid, limit_s)
        if process.poll() is None:
            process.kill()
        process.wait()

    def clear_orphans(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Stop what a killed ganxin left running, and remove the marks of what is gone.

        The pid in a stale ``postmaster.pid`` may by now be anybody's, even after a reboot, and
        PostgreSQL then refuses to start: so processes are known by their command line.
        """
        limits = ((signal.SIGINT, timeout_s), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
        for number, limit_s in limits:
            for pid in self.tenants():
                send(pid, number)
                wait_gone(pid, limit_s)
        if self.tenants():
            raise Unavailable(f"An old PostgreSQL on {self.place.data} cannot be stopped.")
        (self.place.data / "postmaster.pid").unlink(missing_ok=True)
        for stale in self.place.sockets.glob(".s.PGSQL.*"):
            stale.unlink(missing_ok=True)

    def tenants(self) -> list[int]:
        """Return the pids of our servers and their backends that run now, the servers first."""
        data, title = str(self.place.data), f"postgres: {self._cluster_name}:"
        lines = list(command_lines())
        servers = [pid for pid, line in lines if line[1:3] == ["-D", data]]
        return servers + [pid for pid, line in lines if line[0].startswith(title)]

    @property
    def _cluster_name(self) -> str:
        return f"ganxin-{self.place.key}"

    def _command(self) -> list[str]:
        own = {
            "cluster_name": self._cluster_name,
            "listen_addresses": "",
            "unix_socket_directories": str(self.place.sockets),
            "unix_socket_permissions": "0700",
        }
        memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
        options = own | tuning(memory_mb) | ({} if self.durable else IN_TESTS)
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        data = self.place.data
        return [str(bin_dir(data) / "postgres"), "-D", str(data), *words]

    def _why(self) -> str:
        try:
            return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-5:])
        except FileNotFoundError:
            return "(no log)"


def owner_dsn(settings: Settings) -> str:
    """Return the connection string of the database's owner: for migrations and bulk loads."""
    return settings.database_url or Cluster(settings).dsn()


def mark_leakproof(dsn: str) -> bool:
    """Declare PostGIS's index operators leakproof; False where we are not a superuser.

    They compare bounding boxes and tell nothing of a row but the comparison's result. A restored
    dump loses the mark, so this runs at every start and ``ganxin check`` looks for it.
    """
    with psycopg.connect(dsn, autocommit=True) as conn:
        row = conn.execute("SELECT usesuper FROM pg_user WHERE usename = current_user").fetchone()
        if row is None or not row[0]:
            return False
        for name in LEAKPROOF:
            statement = sql.SQL("ALTER FUNCTION {}(geometry, geometry) LEAKPROOF")
            conn.execute(statement.format(sql.Identifier(name)))
    return True


@contextmanager
def running(settings: Settings, note: str) -> Iterator[str]:
    """Lend the owner's connection string of a running database, for one command.

    One's own database is taken as it is. The embedded cluster is used if a ganxin runs it now,
    else started for the length of the block.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    cluster = Cluster(settings)
    with ExitStack() as stack:
        try:
            stack.enter_context(hold(settings.home, note))
        except Conflict:
            cluster.wait_ready(timeout_s=10.0)
        else:
            cluster.ensure()
            stack.callback(cluster.stop)
            cluster.start()
            cluster.create_database()
        yield cluster.dsn()


@contextmanager
def temporary_cluster(directory: Path) -> Iterator[Cluster]:
    """Lend a running cluster without crash safety, gone without a trace after the block.

    What a killed run left behind is removed by the next.
    """
    settings = Settings(home=directory)
    cluster = Cluster(settings, durable=False)
    cluster.ensure()
    with _marked_temporary(cluster.place.data):
        _sweep(cluster.place.data.parent)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
            shutil.rmtree(cluster.place.data)
            shutil.rmtree(cluster.place.sockets, ignore_errors=True)


@contextmanager
def _marked_temporary(data: Path) -> Iterator[None]:
    """Mark data as temporary by a file that is locked for as long as they are in use."""
    draft = data / f"{_TEMPORARY}.new"
    with draft.open("w") as marker:
        fcntl.flock(marker, fcntl.LOCK_EX)
        draft.rename(data / _TEMPORARY)
        yield


def _sweep(folder: Path) -> None:
    for path in folder.glob(f"*/{_TEMPORARY}"):
        with suppress(FileNotFoundError, BlockingIOError), path.open("w") as marker:
            fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path.parent, ignore_errors=True)
