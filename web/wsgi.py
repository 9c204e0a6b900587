"""Entry point of a web process: ``gunicorn -k gevent web.wsgi:application``.

This module, unlike the rest, acts at import: gevent must patch the standard library before any
socket or lock is made. Run without ``--preload``: pools do not survive a fork.
"""

# ruff: noqa: E402 - the patch comes first
import gevent
from gevent import monkey

monkey.patch_all()

import atexit
import gc
import os

from geodata.db.cluster import owner_dsn
from geodata.road.provider import make_provider
from geodata.settings import Settings
from layers.risk.density.surface import warm as warm_surface
from web.app import create_app
from web.cooperative import CooperativeConnection
from web.log import configure_log
from web.off_loop import off_loop
from web.services import build_services, warm_roads

configure_log()
settings = Settings.from_environ(os.environ)
dsn = settings.database_url or owner_dsn(settings)
services = build_services(
    settings,
    dsn,
    roads=make_provider(settings, dsn).snapper,
    connection_class=CooperativeConnection,
)
application = create_app(services)
gevent.spawn(warm_roads, services)  # the first to ask should not wait for the indexes
gevent.spawn(off_loop, warm_surface)  # nor for the compiler
gc.collect()
gc.freeze()  # what stands now stands for good: the collector need not walk it again and again
atexit.register(services.close)  # pools closed later, by the collector, find gevent's hub gone
