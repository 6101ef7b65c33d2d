"""How Alembic reaches the database: through the running application's engine, one transaction for all steps."""

from alembic import context
from flask import current_app

from portal.db import WRITE_OPTION

database = current_app.extensions["migrate"].db


def run_migrations() -> None:
    """Upgrade or downgrade within a single transaction, so that a killed run leaves the schema as it was."""
    with database.engine.connect().execution_options(**{WRITE_OPTION: True}) as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            transactional_ddl=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; --sql is not supported, because guards depend on it.")
run_migrations()
