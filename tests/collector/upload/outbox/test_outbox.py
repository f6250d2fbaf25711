"""The outbox: every state is on disk, and a damaged one is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.deadline import deadline
from tests.support.sign_off import run_signoff

from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.upload.outbox.outbox import (
    Item,
    Outbox,
    State,
    outbox_path,
    sending_lock,
    waiting,
)
from signoff_schemas.errors import DamagedError, SignoffError

HERE = "file:///here"


@pytest.fixture
def place(home: Path) -> Home:
    return resolve_home().ensure()


def add(outbox: Outbox, record: str, sha256: str = "ab") -> Item:
    return outbox.add_item(
        record_id=record,
        sha256=sha256,
        audience=HERE,
        episode_path=Path("/x.episode"),
        statement=b"{}",
        signature=b"s",
    )


def test_an_upload_waits_until_it_is_confirmed(place: Home) -> None:
    assert waiting(place) == ()
    assert not outbox_path(place).exists(), "asking makes nothing"
    with Outbox.open(place) as outbox:
        add(outbox, "r1")
    for state in (State.BLOB_SENT, State.SIGNATURE_SENT, State.COMMITTED):
        with Outbox.open(place) as outbox:
            outbox.advance("r1", state)
        (item,) = waiting(place)
        assert (item.verb, item.sha256, item.state) == ("upload", "ab", state)
    with Outbox.open(place) as outbox:
        outbox.advance("r1", State.CONFIRMED)
    assert waiting(place) == ()
    assert outbox_path(place).stat().st_mode & 0o777 == 0o600


def test_a_failure_is_kept_with_its_reason(place: Home) -> None:
    with Outbox.open(place) as outbox:
        add(outbox, "r1")
        outbox.fail("r1", "the store is down")
        outbox.fail("r1", "the store is still down")
        assert outbox.item("r1").attempts == 2
    (item,) = waiting(place)
    assert item.last_error == "the store is still down"


def test_queueing_again_goes_on_where_it_was_and_a_refused_one_starts_again(place: Home) -> None:
    with Outbox.open(place) as outbox:
        add(outbox, "r1")
        outbox.advance("r1", State.BLOB_SENT)
        assert add(outbox, "r1").state == State.BLOB_SENT
        outbox.fail("r1", "no", State.REFUSED)
        assert outbox.open_items() == ()
        assert add(outbox, "r1").state == State.QUEUED


def test_a_void_sign_off_cancels_what_of_it_waits(place: Home) -> None:
    with Outbox.open(place) as outbox:
        add(outbox, "r1")
        add(outbox, "r2")
        outbox.void("r1", "ab", HERE, "superseded by r2")
        assert outbox.item("r1").state == State.CANCELLED
        assert outbox.void_because("r1") == "superseded by r2"
        assert outbox.void_because("r2") is None
        assert [item.record_id for item in outbox.open_items()] == ["r2"]


def test_a_withdrawal_waits_until_it_was_carried_out(place: Home) -> None:
    with Outbox.open(place) as outbox:
        outbox.withdrawals.add("r1", "ab", HERE, b"tombstone")
        outbox.withdrawals.finish("r1", "the store is down")
    (item,) = waiting(place)
    assert (item.verb, item.last_error) == ("withdraw", "the store is down")
    with Outbox.open(place) as outbox:
        outbox.withdrawals.finish("r1")
    assert waiting(place) == ()


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough" * 40, b"SQLite format 3\0"]
)
def test_a_damaged_outbox_is_said(place: Home, content: bytes) -> None:
    outbox_path(place).write_bytes(content)
    with pytest.raises(DamagedError):
        waiting(place)


def test_status_goes_on_when_the_outbox_is_damaged(place: Home, tmp_path: Path) -> None:
    outbox_path(place).write_bytes(b"no database at all" * 40)
    said = run_signoff("status", cwd=tmp_path)
    assert said.code == 0
    assert "outbox" in said.out


def test_a_full_disk_is_said_and_what_was_there_stays(place: Home) -> None:
    with Outbox.open(place) as outbox:
        add(outbox, "r1")
    code = (
        "import resource, signal\n"
        "from pathlib import Path\n"
        "from signoff_collector.own_files.home import resolve_home\n"
        "from signoff_collector.upload.outbox.outbox import Outbox\n"
        "from signoff_schemas.errors import SignoffError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n"
        "try:\n"
        "    with Outbox.open(resolve_home()) as outbox:\n"
        "        outbox.add_item(record_id='r2', sha256='cd', audience='file:///here',\n"
        "            episode_path=Path('/x'), statement=bytes(90000), signature=b's')\n"
        "except SignoffError as error:\n"
        "    print(error.exit_code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code],
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )
    assert done.stdout == "1\n", done.stderr
    assert [item.sha256 for item in waiting(place)] == ["ab"]


def test_two_senders_do_not_run_at_once(place: Home) -> None:
    with sending_lock(place), pytest.raises(SignoffError, match="running"):
        sending_lock(place)
    sending_lock(place).release()


def test_asking_what_waits_loads_nothing_heavy(place: Home) -> None:
    code = (
        "import sys\n"
        "from signoff_collector.own_files.home import Home\n"
        "from signoff_collector.upload.outbox.outbox import waiting\n"
        "heavy = {'pydantic', 'numpy', 'cryptography', 'obstore', 'socket', 'backports.zstd'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code],
        env={},  # nor what measures coverage
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )
    assert done.stdout == "[]\n", done.stderr
