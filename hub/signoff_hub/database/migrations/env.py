"""What alembic runs before the revisions: it works in the transaction of `revisions.py`."""

from __future__ import annotations

from alembic import context

from signoff_hub.database.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite changes a column by making its table anew
)
context.run_migrations()
