"""How Alembic reaches the database: as the owner of the schema, one transaction for all steps and what they grant."""

from alembic import context
from flask import current_app

from portal.models.grants import grant_privileges
from portal.models.schema_owner import owner_connection

database = current_app.extensions["migrate"].db
settings = current_app.extensions["portal.settings"]


def run_migrations() -> None:
    """Upgrade or downgrade within a single transaction, so that a killed run leaves the schema as it was."""
    with owner_connection(database.engine, settings.migration_database_url) as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            transactional_ddl=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "postgresql":
            grant_privileges(connection)


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; --sql is not supported, because guards depend on it.")
run_migrations()
