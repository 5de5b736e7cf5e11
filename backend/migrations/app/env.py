"""Alembic's way in: always with a connection that the application opened (see ``Database.migrate``)."""

from alembic import context

from app.accounts import models as accounts
from app.activity import models as activity
from app.batches import models as batches
from app.connection import models as connections
from app.database import Base
from app.forms import models as forms
from app.provers import models as provers
from app.sync import models as sync
from app.work import models as work

TABLES = (
    accounts,
    activity,
    work,
    provers,
    sync,
    forms,
    connections,
    batches,
)  # imported so that every table is known

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
