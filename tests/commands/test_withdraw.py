"""`signoff withdraw`: with the key, with the code, by nobody else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.sign_off import (
    call_signoff,
    put_episode,
    run_signoff,
    signed_episode,
    small_episode,
)

from signoff_collector.consent.recovery import find_seed, recovery_code, seed_path
from signoff_collector.consent.sign_off_files import read_sign_off
from signoff_collector.consent.withdrawal import parse_tombstone
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_collector.upload.outbox.outbox import Outbox, sending_lock, waiting
from signoff_collector.upload.sending.rounds import Sender
from signoff_schemas.errors import ReceiverRefusedError
from signoff_schemas.statement import parse_statement


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def path(home: Path, store: Path) -> Path:
    made = signed_episode(home, store)
    assert call_signoff("upload", made, "--to", store).code == 0
    return made


def kinds_in(store: Path) -> list[str]:
    return sorted(p.relative_to(store).parts[0] for p in store.rglob("*") if p.is_file())


def sha256_of(path: Path) -> str:
    return parse_statement(read_sign_off(path).statement).sha256


def the_tombstone(store: Path) -> object:
    (place,) = (store / "tombstones").glob("*/*.json")
    return parse_tombstone(place.read_bytes())


def test_one_command_erases_and_leaves_a_tombstone(path: Path, store: Path) -> None:
    done = run_signoff("withdraw", "--yes", path)
    assert done.code == 0, done.err
    assert "cannot be un-trained" in done.out
    assert kinds_in(store) == ["tombstones"]
    assert the_tombstone(store) is not None
    assert path.exists(), "nothing local is deleted"
    assert call_signoff("verify", path).code == 12


def test_withdrawing_twice_is_the_same(path: Path, store: Path) -> None:
    assert call_signoff("withdraw", "--yes", path).code == 0
    assert call_signoff("withdraw", "--yes", path).code == 0
    assert kinds_in(store) == ["tombstones"]


def test_a_withdrawn_episode_is_neither_sent_nor_signed_again_for_that_store(
    home: Path, path: Path, store: Path, tmp_path: Path
) -> None:
    assert call_signoff("withdraw", "--yes", path).code == 0
    assert call_signoff("upload", path, "--to", store).code == 14
    before = read_sign_off(path)
    again = run_signoff("sign", path, "--to", store, "--owner", "mine", "--yes")
    assert again.code == 13, again
    assert "which refuses these bytes from then on" in again.err
    assert read_sign_off(path) == before
    assert kinds_in(store) == ["tombstones"]
    assert signed_episode(home, tmp_path / "other") == path, "another store never had it"


def test_the_receiver_refuses_it_also_from_another_machine(
    path: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call_signoff("withdraw", "--yes", path).code == 0
    monkeypatch.setenv("SIGNOFF_HOME", str(tmp_path / "laptop"))
    there = signed_episode(tmp_path / "laptop", store)
    assert call_signoff("upload", there, "--to", store).code == 14
    assert kinds_in(store) == ["tombstones"]


def test_the_key_alone_withdraws_when_the_seed_is_lost(path: Path, store: Path) -> None:
    seed_path(resolve_home()).unlink()
    assert call_signoff("withdraw", "--yes", path).code == 0
    assert kinds_in(store) == ["tombstones"]


def test_the_recovery_code_withdraws_when_everything_else_is_lost(
    home: Path, path: Path, store: Path
) -> None:
    seed = find_seed(resolve_home())
    assert seed is not None
    sha256 = sha256_of(path)
    shutil.rmtree(home)
    arguments = ("withdraw", "--yes", sha256, "--from", store, "--recovery-code")
    assert run_signoff(*arguments, stdin="no code\n").code == 2
    assert run_signoff(*arguments, stdin=f"{recovery_code(seed)}\n").code == 0
    assert kinds_in(store) == ["tombstones"]


def test_nobody_else_can_withdraw(
    path: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = sha256_of(path)
    before = kinds_in(store)
    monkeypatch.setenv("SIGNOFF_HOME", str(tmp_path / "stranger"))
    assert call_signoff("withdraw", "--yes", sha256, "--from", store).code == 13
    theirs = signed_episode(tmp_path / "stranger", store)
    assert sha256_of(theirs) == sha256, "the same bytes, signed by somebody else"
    assert call_signoff("withdraw", "--yes", sha256, "--from", store).code == 13
    seed = find_seed(resolve_home())
    assert seed is not None
    code = f"{recovery_code(seed)}\n"
    done = run_signoff("withdraw", "--yes", sha256, "--from", store, "--recovery-code", stdin=code)
    assert done.code == 13
    assert kinds_in(store) == before


def test_a_digest_that_nobody_signed_is_10(home: Path, store: Path, tmp_path: Path) -> None:
    assert call_signoff("withdraw", "--yes", "ab" * 32).code == 10
    store.mkdir()
    assert call_signoff("withdraw", "--yes", "ab" * 32, "--from", store).code == 10
    unsigned = put_episode(resolve_home().ensure(), small_episode())
    assert call_signoff("withdraw", "--yes", unsigned).code == 10


def test_the_file_may_be_gone(path: Path, store: Path) -> None:
    sha256 = sha256_of(path)
    path.unlink()
    assert call_signoff("withdraw", "--yes", sha256[:16]).code == 0
    assert kinds_in(store) == ["tombstones"]


def test_a_store_that_is_down_is_told_later(path: Path, store: Path, tmp_path: Path) -> None:
    store.rename(tmp_path / "away")
    assert call_signoff("withdraw", "--yes", path).code == 1
    (item,) = waiting(resolve_home())
    assert item.verb == "withdraw"
    assert call_signoff("verify", path).code == 12, "the sign-off is void now at once"
    (tmp_path / "away").rename(store)
    assert call_signoff("upload", "--resume").code == 0
    assert waiting(resolve_home()) == ()
    assert kinds_in(store) == ["tombstones"]


def test_what_only_waits_is_cancelled(home: Path, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    path = signed_episode(home, drive / "store")
    drive.rename(tmp_path / "unplugged")
    assert call_signoff("upload", path, "--to", drive / "store").code == 1
    assert call_signoff("withdraw", "--yes", path).code == 1
    assert [item.verb for item in waiting(resolve_home())] == ["withdraw"]


def test_while_a_sender_is_at_work_a_withdrawal_is_noted_and_counts_at_once(
    path: Path, store: Path
) -> None:
    with sending_lock(resolve_home()):
        done = call_signoff("withdraw", "--yes", path)
        assert done.code == 1
        assert "the sign-off is void now" in done.err
        assert call_signoff("verify", path).code == 12
        assert [item.verb for item in waiting(resolve_home())] == ["withdraw"]
        assert len(kinds_in(store)) == 3
    assert call_signoff("upload", "--resume").code == 0
    assert kinds_in(store) == ["tombstones"]


def test_a_sender_that_waits_does_not_send_what_is_taken_back_meanwhile(
    home: Path, tmp_path: Path
) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    path = signed_episode(home, drive / "store")
    drive.rename(tmp_path / "unplugged")
    assert call_signoff("upload", path, "--to", drive / "store").code == 1
    place, clock = resolve_home(), FakeClock(wall_ns=SystemClock().wall_ns())

    def sleep(seconds: float) -> None:
        clock.advance(seconds)
        assert call_signoff("withdraw", "--yes", path).code == 1
        (tmp_path / "unplugged").rename(drive)

    with sending_lock(place), Outbox.open(place) as outbox:
        (item,) = outbox.open_items()
        sender = Sender(home=place, outbox=outbox, clock=clock, sleep=sleep)
        with pytest.raises(ReceiverRefusedError, match="took this episode back"):
            sender.persist(item, for_s=3600)
    assert [p for p in drive.rglob("*") if p.is_file()] == []


def test_two_stores_are_both_told(home: Path, path: Path, store: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert signed_episode(home, other) == path
    assert call_signoff("upload", path, "--to", other).code == 0
    assert call_signoff("withdraw", "--yes", path).code == 0
    assert kinds_in(store) == kinds_in(other) == ["tombstones"]


def test_only_the_named_store_is_told(home: Path, path: Path, store: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert signed_episode(home, other) == path
    assert call_signoff("upload", path, "--to", other).code == 0
    assert call_signoff("withdraw", "--yes", path, "--from", other).code == 0
    assert kinds_in(other) == ["tombstones"]
    assert len(kinds_in(store)) == 3


def test_an_earlier_episode_that_was_replaced_can_be_withdrawn(
    home: Path, path: Path, store: Path
) -> None:
    record = parse_statement(read_sign_off(path).statement).predicate.record_id
    other = signed_episode(home, store, "--supersedes", record, text="again \U0001f600\U00010348\n")
    assert call_signoff("verify", path).code == 12
    assert call_signoff("upload", path, "--to", store).code == 13
    assert call_signoff("upload", other, "--to", store).code == 0
    assert call_signoff("withdraw", "--yes", path).code == 0
    assert kinds_in(store) == ["blobs", "signoffs", "signoffs", "tombstones"]


@pytest.mark.parametrize("name", ["blobs", "signoffs", "tombstones"])
def test_a_link_in_the_store_leads_no_erasure_outside(
    path: Path, store: Path, tmp_path: Path, name: str
) -> None:
    if not (store / name).exists():
        (store / name).mkdir()
    (store / name).rename(tmp_path / "moved")
    before = sorted(str(p) for p in (tmp_path / "moved").rglob("*"))
    (store / name).symlink_to(tmp_path / "moved")
    assert call_signoff("withdraw", "--yes", path).code == 14
    assert sorted(str(p) for p in (tmp_path / "moved").rglob("*")) == before


def test_an_empty_name_is_no_store(path: Path, store: Path) -> None:
    before = kinds_in(store)
    assert call_signoff("withdraw", "--yes", path, "--from", "").code == 2
    assert kinds_in(store) == before


def test_a_store_that_is_not_there_and_unknown_is_not_told_to_be_waited_for(
    path: Path, tmp_path: Path
) -> None:
    said = run_signoff("withdraw", "--yes", sha256_of(path), "--from", tmp_path / "nothere")
    assert said.code == 1
    assert "nothing was queued" in said.err
    assert "--resume" not in said.err
    assert waiting(resolve_home()) == ()
