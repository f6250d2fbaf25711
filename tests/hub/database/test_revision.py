"""Tables are made, adopted, moved up or refused; the way there is `tables.py` in the end."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect, select, text
from tests.support.deadline import deadline
from tests.support.postgres import postgres
from tests.write_hub_revision import FIRST, first_revision

from signoff_hub.database.database import Database
from signoff_hub.database.revision import NEWEST, prepare, read_mark
from signoff_hub.database.tables import ACCOUNT, METADATA
from signoff_schemas.errors import DamagedError, NewerVersionError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.sqlite'}"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as made:
        yield made.url.replace("+psycopg", "")


@pytest.fixture
def fresh(server: str) -> Iterator[str]:
    """The address of an empty schema."""
    with closing(Database(server)) as database:
        with database.write() as connection:
            connection.execute(text("CREATE SCHEMA fresh"))
        yield f"{server}?options=-csearch_path%3Dfresh"
        with database.write() as connection:
            connection.execute(text("DROP SCHEMA fresh CASCADE"))


def made_by(url: str) -> None:
    with closing(Database(url)) as database:
        prepare(database)


def mark_of(url: str) -> str | None:
    with closing(Database(url)) as database, database.read() as connection:
        return read_mark(connection)


def differences(url: str) -> object:
    with closing(Database(url)) as database, database.read() as connection:
        options = {"compare_type": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)


def test_the_first_revision_is_what_the_tables_are_until_it_was_released() -> None:
    """After a change of the tables: `python tests/write_hub_revision.py`."""
    assert FIRST.read_text("utf-8") == first_revision()


def test_the_newest_revision_is_the_one_that_the_code_names() -> None:
    numbers = [int(path.name[1:5]) for path in FIRST.parent.glob("r[0-9]*.py")]
    assert sorted(numbers) == list(range(1, NEWEST + 1))


def test_all_revisions_together_make_what_the_tables_are(url: str) -> None:
    made_by(url)
    assert differences(url) == []
    assert mark_of(url) == "0001"


@pytest.mark.hub
def test_all_revisions_together_make_what_the_tables_are_on_postgresql(fresh: str) -> None:
    made_by(fresh)
    assert differences(fresh) == []
    made_by(fresh)
    assert mark_of(fresh) == "0001"


def test_a_column_that_drifted_is_found(url: str) -> None:
    made_by(url)
    with closing(Database(url)) as database, database.write() as connection:
        connection.execute(text("ALTER TABLE run ADD COLUMN more INTEGER"))
    assert differences(url)


def _unmarked(url: str) -> None:
    """Make tables as a hub did before there were marks."""
    with closing(Database(url)) as database:
        METADATA.create_all(database.engine)
        with database.write() as connection:
            connection.execute(insert(ACCOUNT).values(id="a" * 32, state="active"))


def _adopted(url: str) -> None:
    _unmarked(url)
    made_by(url)
    assert mark_of(url) == "0001"
    assert differences(url) == []
    with closing(Database(url)) as database, database.read() as connection:
        assert connection.execute(select(ACCOUNT.c.id)).scalars().all() == ["a" * 32]


def test_tables_without_a_mark_are_adopted_with_what_they_hold(url: str) -> None:
    _adopted(url)


@pytest.mark.hub
def test_tables_without_a_mark_are_adopted_on_postgresql(fresh: str) -> None:
    _adopted(fresh)


def _foreign(url: str) -> None:
    with closing(Database(url)) as database:
        with database.write() as connection:
            connection.execute(text("CREATE TABLE account (name VARCHAR(9))"))
        with pytest.raises(DamagedError, match=r"missing|account"):
            prepare(database)
        with database.read() as connection:
            assert inspect(connection).get_table_names() == ["account"]


def test_tables_of_another_program_are_left_as_they_are(url: str) -> None:
    _foreign(url)


@pytest.mark.hub
def test_tables_of_another_program_are_left_as_they_are_on_postgresql(fresh: str) -> None:
    _foreign(fresh)


@pytest.mark.parametrize(
    ("mark", "error"),
    [
        ("0002", NewerVersionError),
        ("9999", NewerVersionError),
        ("1975ea83b712", DamagedError),
        ("0000", DamagedError),
        ("1", DamagedError),
    ],
)
def test_what_this_release_cannot_work_with_is_refused(
    url: str, mark: str, error: type[Exception]
) -> None:
    made_by(url)
    with closing(Database(url)) as database:
        with database.write() as connection:
            connection.execute(
                text("UPDATE alembic_version SET version_num = :mark"), {"mark": mark}
            )
        with pytest.raises(error) as told:
            prepare(database)
    assert getattr(told.value, "hint", None)
    assert mark_of(url) == mark


def _race(url: str) -> None:
    code = (
        "import sys; from signoff_hub.database.database import Database;"
        "from signoff_hub.database.revision import prepare;"
        "import signoff_hub.database.revision, alembic.command;"
        "database = Database(sys.argv[1]); sys.stdin.readline(); prepare(database)"
    )
    argv = [sys.executable, "-c", code, url]
    nodes = [subprocess.Popen(argv, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in "1234"]
    for node in nodes:
        assert node.stdin is not None
        node.stdin.write(b"go\n")
        node.stdin.flush()
    told = [node.communicate(timeout=4 * deadline())[1] for node in nodes]
    assert [node.returncode for node in nodes] == [0] * 4, told
    assert differences(url) == []
    assert mark_of(url) == "0001"


def test_nodes_that_start_at_once_make_the_tables_once(url: str) -> None:
    _race(url)


@pytest.mark.hub
def test_nodes_that_start_at_once_make_the_tables_once_on_postgresql(fresh: str) -> None:
    _race(fresh)


_KILLED = """
import os, signal, sys
from sqlalchemy import event
from signoff_hub.database.database import Database
from signoff_hub.database.revision import prepare
database, left = Database(sys.argv[1]), [int(sys.argv[2])]
@event.listens_for(database.engine, "after_cursor_execute")
def count(connection, cursor, statement, *rest):
    if statement.lstrip().startswith("CREATE") or "alembic_version" in statement:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
prepare(database)
"""


def _killed_and_repeated(url: str) -> None:
    for after in (1, 12, 40):
        argv = [sys.executable, "-c", _KILLED, url, str(after)]
        done = subprocess.run(argv, capture_output=True, timeout=4 * deadline(), check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
        with closing(Database(url)) as database, database.read() as connection:
            assert inspect(connection).get_table_names() == []
    made_by(url)
    assert differences(url) == []


def test_a_node_that_is_killed_in_the_middle_changed_nothing(url: str) -> None:
    _killed_and_repeated(url)


@pytest.mark.hub
def test_a_node_that_is_killed_in_the_middle_changed_nothing_on_postgresql(fresh: str) -> None:
    _killed_and_repeated(fresh)


def test_a_database_that_is_ready_costs_no_alembic(url: str) -> None:
    made_by(url)
    code = (
        "import sys; from signoff_hub.database.database import Database;"
        "from signoff_hub.database.revision import prepare;"
        "prepare(Database(sys.argv[1])); assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, url], check=True, timeout=4 * deadline())
