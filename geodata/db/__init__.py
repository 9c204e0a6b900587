"""The database: pool, scope, events, migrations, embedded cluster."""
