"""Write revision 1 of the hub's tables and its golden database: only until it was released.

Run it after a change of the tables; `tests/hub/database` says when that is due. What comes after a
release is a new module `rNNNN_what.py` beside it (docs/hub/upgrade.md).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import CreateIndexOp, CreateTableOp, ModifyTableOps, UpgradeOps
from sqlalchemy import create_engine

ROOT = Path(__file__).resolve().parents[1]
FIRST = ROOT / "hub/signoff_hub/database/migrations/revisions/r0001_first_tables.py"
HEAD = '''"""The tables of the first release.

Each is left as it is where it is there already: before there were marks, a hub had them too.
Written by tests/write_hub_revision.py.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:  # noqa: PLR0915  (one statement per table)
    """Make them."""
'''


def first_revision() -> str:
    """Return the module that makes what `tables.py` describes."""
    sys.path[:0] = [str(ROOT / name) for name in ("hub", "collector", "schemas", "datasets")]
    from signoff_hub.database.tables import METADATA

    with create_engine("sqlite://").connect() as connection:
        made = produce_migrations(MigrationContext.configure(connection), METADATA)
    assert made.upgrade_ops is not None
    flat: list[CreateTableOp | CreateIndexOp] = []
    for one in made.upgrade_ops.ops:
        for each in one.ops if isinstance(one, ModifyTableOps) else [one]:
            assert isinstance(each, CreateTableOp | CreateIndexOp)
            each.if_not_exists = True
            flat.append(each)
    code = render_python_code(UpgradeOps(ops=flat), render_as_batch=False)
    body = "\n".join(one for one in code.splitlines() if not one.lstrip().startswith("#"))
    source = HEAD + body.rstrip() + "\n"
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(FIRST), "-"],
        input=source,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return done.stdout


if __name__ == "__main__":
    FIRST.write_text(first_revision(), "utf-8")
    golden = [sys.executable, "-m", "tests.golden.make_hub_golden"]
    subprocess.run(golden, check=True, cwd=ROOT)
