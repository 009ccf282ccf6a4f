"""Alembic's entry: runs the migrations on the connection that `migrate` hands over."""

from alembic import context

from model_registry_pipeline.warehouse.migrate import VERSION_SCHEMA
from model_registry_pipeline.warehouse.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_schemas=True,
    version_table_schema=VERSION_SCHEMA,
    version_table="schema_version",
)
context.run_migrations()
