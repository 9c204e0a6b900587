"""A ganxin in miniature for the fault tests: ``python -m tests.fault.keeper HOME MODE``.

Writes one line per event to the FIFO ``HOME/told``, so that tests wait for events, not for time.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from geodata.db.cluster import Cluster
from geodata.home import hold
from geodata.settings import Settings
from web.cli.journal import make_log
from web.program import Program
from web.supervisor import Supervisor

TELL = "import os,sys; os.write(os.open(sys.argv[1], os.O_WRONLY), b'%s %%d\\n' %% os.getpid()); "
OBEDIENT = TELL % "obedient" + "import signal; signal.pause()"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    + TELL % "stubborn"
    + "[signal.pause() for _ in iter(int, 1)]"
)
ABANDONED = (
    "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[2], sys.argv[1]]); "
    "import signal; signal.pause()"
)


def main(home: Path, mode: str) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup may have had it ignored
    settings = Settings(home=home)
    told = str(home / "told")
    programs = [Program("obedient", (sys.executable, "-c", OBEDIENT, told))]
    if mode == "stubborn":
        programs.append(Program("stubborn", (sys.executable, "-c", STUBBORN, told)))
    if mode == "family":
        programs = [Program("parent", (sys.executable, "-c", ABANDONED, told, OBEDIENT))]
    cluster = Cluster(settings) if mode == "cluster" else None
    with hold(home, "keeper"), make_log(settings.log_dir / "supervisor.log") as log:
        if cluster is not None:
            cluster.ensure()
            cluster.start()
            cluster.create_database()
        Supervisor(programs, os.environ, settings.log_dir, log, cluster).run()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main(Path(sys.argv[1]), sys.argv[2])
