"""The whole application with a tile cache that holds nothing: every tile is rendered."""

# ruff: noqa: E402 - the patch comes first, as in web/wsgi.py
from gevent import monkey

monkey.patch_all()

import os
from dataclasses import replace

from geodata.db.cluster import owner_dsn
from geodata.road.provider import make_provider
from geodata.settings import Settings
from mapsvc.tile_cache import TileCache
from web.app import create_app
from web.cooperative import CooperativeConnection
from web.services import build_services

settings = Settings.from_environ(os.environ)
dsn = settings.database_url or owner_dsn(settings)
services = build_services(
    settings,
    dsn,
    roads=make_provider(settings, dsn).snapper,
    connection_class=CooperativeConnection,
)
application = create_app(
    replace(services, tiles=TileCache(services.ground_pool.connection, max_bytes=0))
)
