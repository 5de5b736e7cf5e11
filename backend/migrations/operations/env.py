"""Alembic's way in to the operations database: always with a connection that the application opened."""

from alembic import context

from app.database import OperationsBase
from app.notifications import models as notifications
from app.operations.alerts import models as alerts
from app.operations.incidents import models as incidents
from app.operations.oncall import models as oncall
from app.telemetry import models as telemetry

TABLES = (telemetry, notifications, oncall, alerts, incidents)  # imported so that every table is known

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=OperationsBase.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
