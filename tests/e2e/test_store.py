"""Uploads, withdrawals and everything between them, through a real Ceph gateway."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.ceph import CephGateway, ceph_gateway, need_programs
from tests.support.clock import FakeClock
from tests.support.deadline import deadline
from tests.support.sign_off import (
    call_signoff,
    put_episode,
    run_signoff,
    signed_episode,
    small_episode,
)

from signoff_collector.consent.offered_terms import ChosenTerms
from signoff_collector.consent.recovery import find_seed, recovery_code
from signoff_collector.consent.sign_off_files import take_snapshot
from signoff_collector.consent.terms.agreement import Agreement
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.review.final.signing import draft, finish, offer
from signoff_collector.system.clock import SystemClock
from signoff_collector.upload.outbox.outbox import Item, Outbox, State, waiting
from signoff_collector.upload.sending.rounds import Sender
from signoff_collector.upload.sending.sending import send_item
from signoff_collector.upload.sending.under_way import POINTS
from signoff_collector.upload.stores.layout import blob_key
from signoff_collector.upload.stores.s3_store import S3Store
from signoff_collector.upload.stores.stores import open_store
from signoff_schemas.words import Owner

pytestmark = pytest.mark.store

KILLED = """
import argparse, os, signal, sys
from signoff_collector.commands import upload as verb
from signoff_collector.screen.console import Console
from signoff_collector.upload.sending import rounds

real = rounds.send_item

def send_until(item, **named):
    def probe(reached):
        if reached == sys.argv[3]:
            os.kill(os.getpid(), signal.SIGKILL)
    return real(item, probe=probe, **named)

rounds.send_item = send_until
arguments = argparse.Namespace(
    episode=sys.argv[1], to=sys.argv[2], resume=False, cancel=False, enrol=False, wait=None, ca=None
)
sys.exit(verb.run(arguments, Console(is_json=False)))
"""
VERSIONING = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"


@pytest.fixture(scope="module")
def running() -> Iterator[CephGateway]:
    """Run one Ceph for all tests of this module."""
    need_programs()
    with ceph_gateway() as gateway:
        yield gateway


@pytest.fixture
def ceph(running: CephGateway, monkeypatch: pytest.MonkeyPatch) -> CephGateway:
    """Give the gateway, running, with its user's credentials in the environment."""
    for name, value in running.keys.items():
        monkeypatch.setenv(name, value)
    return running


@pytest.fixture
def bucket(ceph: CephGateway) -> str:
    return ceph.make_bucket()


def sign_for(home: Path, address: str) -> Path:
    return signed_episode(home, address)  # type: ignore[arg-type]  # an address, no folder


def kill_at(point: str, path: Path, address: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", KILLED, str(path), address, point],
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def queued(home: Home, outbox: Outbox, path: Path, address: str) -> Item:
    """Put an upload into the outbox as `upload` does, without sending it."""
    from signoff_collector.consent.sign_off_files import read_sign_off
    from signoff_schemas.statement import parse_statement

    sign_off = read_sign_off(path)
    return outbox.add_item(
        record_id=parse_statement(sign_off.statement).predicate.record_id,
        sha256=take_snapshot(path).sha256,
        audience=address,
        episode_path=path,
        statement=sign_off.statement,
        signature=sign_off.signature,
    )


def test_an_episode_is_sent_once_and_again_without_harm(
    ceph: CephGateway, bucket: str, home: Path
) -> None:
    address = ceph.audience(f"{bucket}/team/a")
    path = sign_for(home, address)
    first = run_signoff("upload", path, "--to", address)
    assert first.code == 0, first.err
    assert first.err == "", "no bar where nobody looks"
    keys = ceph.keys_in(bucket)
    assert [key.split("/")[2] for key in keys] == ["blobs", "signoffs", "signoffs"]
    assert all(key.startswith("team/a/") for key in keys)
    assert run_signoff("upload", path, "--to", address).code == 0
    assert ceph.keys_in(bucket) == keys


def test_what_lies_there_under_a_name_is_never_overwritten(
    ceph: CephGateway, bucket: str, home: Path
) -> None:
    address = ceph.audience(bucket)
    path = sign_for(home, address)
    place = f"/{bucket}/{blob_key(take_snapshot(path).sha256)}"
    ceph.ask("PUT", place, "something else \U0001f600\U00010348")
    done = call_signoff("upload", path, "--to", address)
    assert done.code == 14
    assert "other bytes" in done.err
    assert ceph.ask("GET", place) == "something else \U0001f600\U00010348"


def test_of_many_writers_one_wins(ceph: CephGateway, bucket: str) -> None:
    def write(number: int) -> bool:
        with closing(S3Store(Audience(ceph.audience(bucket)), ceph.keys)) as store:
            return store.create("blobs/ab/abcd", b"%d" % number, token="")

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(write, range(8)))
    assert won.count(True) == 1
    assert ceph.ask("GET", f"/{bucket}/blobs/ab/abcd") == str(won.index(True))


@pytest.mark.parametrize("point", POINTS)
def test_an_upload_killed_between_objects_is_resumed(
    point: str, ceph: CephGateway, bucket: str, home: Path
) -> None:
    address = ceph.audience(bucket)
    path = sign_for(home, address)
    kill_at(point, path, address)
    is_committed = any(key.endswith(".json") for key in ceph.keys_in(bucket))
    assert is_committed == (POINTS.index(point) >= POINTS.index("after statement"))
    assert call_signoff("upload", "--resume").code == 0
    assert len(ceph.keys_in(bucket)) == 3
    assert waiting(resolve_home()) == ()


def test_a_gateway_that_is_down_is_waited_for_with_longer_and_longer_pauses(
    ceph: CephGateway, bucket: str, home: Path
) -> None:
    address = ceph.audience(bucket)
    path = sign_for(home, address)
    place, clock, pauses = resolve_home(), FakeClock(wall_ns=SystemClock().wall_ns()), list[float]()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.advance(seconds)
        if len(pauses) == 4:
            ceph.start()

    ceph.stop()
    try:
        with Outbox.open(place) as outbox:
            item = queued(place, outbox, path, address)
            sender = Sender(home=place, outbox=outbox, clock=clock, sleep=sleep)
            (outcome,) = sender.until_done(for_s=600)
            assert outcome.error is None
            assert outbox.item(item.record_id).attempts == 4
    finally:
        if len(pauses) < 4:
            ceph.start()
    assert len(pauses) == 4
    for number, pause in enumerate(pauses):
        assert 2 ** (number + 1) / 2 <= pause <= 2 ** (number + 1)
    assert len(ceph.keys_in(bucket)) == 3


def test_a_gateway_that_stays_down_keeps_it_waiting(
    ceph: CephGateway, bucket: str, home: Path
) -> None:
    address = ceph.audience(bucket)
    path = sign_for(home, address)
    ceph.stop()
    try:
        done = call_signoff("upload", path, "--to", address)
    finally:
        ceph.start()
    assert done.code == 1
    assert "cannot be reached" in done.err
    (item,) = waiting(resolve_home())
    assert item.state == State.QUEUED
    assert call_signoff("upload", "--resume").code == 0
    assert len(ceph.keys_in(bucket)) == 3


def test_every_byte_that_leaves_is_counted(ceph: CephGateway, bucket: str, home: Path) -> None:
    address = ceph.audience(bucket)
    path = sign_for(home, address)
    place, gone = resolve_home(), list[int]()
    with Outbox.open(place) as outbox:
        item = queued(place, outbox, path, address)
        sender = Sender(
            home=place, outbox=outbox, clock=SystemClock(), on_start=lambda _: gone.append
        )
        sender.send(item)
    assert sum(gone) >= path.stat().st_size


@pytest.mark.parametrize("point", ["before blob", "blob noted", "signature noted"])
def test_a_cancelled_upload_is_taken_out_again(
    point: str, ceph: CephGateway, bucket: str, home: Path
) -> None:
    address = ceph.audience(bucket)
    path = sign_for(home, address)
    kill_at(point, path, address)
    done = call_signoff("upload", path, "--cancel")
    assert done.code == 0, done.err
    assert ceph.keys_in(bucket) == []
    assert call_signoff("upload", "--resume").out == "nothing waits to be sent\n"
    assert call_signoff("upload", path, "--cancel").code == 10
    assert call_signoff("upload", path, "--to", address).code == 0, "changed one's mind"


@pytest.mark.parametrize("point", POINTS[:-1])
def test_an_upload_can_be_cancelled_while_it_is_under_way(
    point: str, ceph: CephGateway, bucket: str, home: Path
) -> None:
    address = ceph.audience(bucket)
    path = sign_for(home, address)
    place = resolve_home()

    def probe(reached: str) -> None:
        if reached == point:
            with Outbox.open(place) as other:
                assert other.cancel(item.record_id) == State.CANCELLING

    with Outbox.open(place) as outbox, closing(open_store(Audience(address))) as store:
        item = queued(place, outbox, path, address)
        sent = send_item(
            item, store=store, outbox=outbox, home=place, clock=SystemClock(), probe=probe
        )
        assert sent.state == State.CANCELLED
        assert outbox.item(item.record_id).state == State.CANCELLED
    assert ceph.keys_in(bucket) == []


def test_a_withdrawn_episode_is_erased_and_not_taken_again(
    ceph: CephGateway, bucket: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = ceph.audience(bucket)
    path = sign_for(home, address)
    other_machine = tmp_path / "other_machine"
    shutil.copytree(home, other_machine)
    assert call_signoff("upload", path, "--to", address).code == 0
    done = call_signoff("withdraw", "--yes", path)
    assert done.code == 0, done.err
    (left,) = ceph.keys_in(bucket)
    assert left.startswith("tombstones/")
    assert ceph.versions_in(bucket) == [(left, "null")], "nothing is kept behind it"
    assert call_signoff("withdraw", "--yes", path).code == 0, "may be done twice"
    assert call_signoff("upload", path, "--to", address).code == 14
    monkeypatch.setenv("SIGNOFF_HOME", str(other_machine))
    refused = call_signoff("upload", path, "--to", address)
    assert refused.code == 14, refused.err
    assert "withdrawn" in refused.err
    assert ceph.keys_in(bucket) == [left]


def test_a_withdrawal_waits_for_a_gateway_that_is_down(
    ceph: CephGateway, bucket: str, home: Path
) -> None:
    address = ceph.audience(bucket)
    path = sign_for(home, address)
    assert call_signoff("upload", path, "--to", address).code == 0
    ceph.stop()
    try:
        assert call_signoff("withdraw", "--yes", path).code == 1
    finally:
        ceph.start()
    assert [item.verb for item in waiting(resolve_home())] == ["withdraw"]
    assert call_signoff("upload", "--resume").code == 0
    assert [key.partition("/")[0] for key in ceph.keys_in(bucket)] == ["tombstones"]


def test_the_recovery_code_withdraws_after_everything_local_is_lost(
    ceph: CephGateway, bucket: str, home: Path, tmp_path: Path
) -> None:
    address = ceph.audience(bucket)
    path = sign_for(home, address)
    sha256 = take_snapshot(path).sha256
    assert call_signoff("upload", path, "--to", address).code == 0
    seed = find_seed(resolve_home())
    assert seed is not None
    new_machine = {"SIGNOFF_HOME": str(tmp_path / "new_machine")}
    done = run_signoff(
        "withdraw", "--yes", sha256, "--from", address, "--recovery-code",
        stdin=recovery_code(seed) + "\n", env=new_machine,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert [key.partition("/")[0] for key in ceph.keys_in(bucket)] == ["tombstones"]


def test_versions_that_a_bucket_keeps_are_named_and_counted_as_left(
    ceph: CephGateway, bucket: str, home: Path
) -> None:
    address = ceph.audience(bucket)
    path = sign_for(home, address)
    assert call_signoff("upload", path, "--to", address).code == 0
    before = ceph.keys_in(bucket)
    ceph.ask("PUT", f"/{bucket}?versioning=", VERSIONING)
    for _ in range(2):  # a later look no longer shows them: they are remembered
        done = call_signoff("withdraw", "--yes", path)
        assert done.code == 3, done.err
        assert all(f"{key}?versionId=null" in done.err for key in before)
    assert [key.partition("/")[0] for key in ceph.keys_in(bucket)] == ["tombstones"]
    assert {(key, "null") for key in before} <= set(ceph.versions_in(bucket))


def test_a_real_bucket_that_ignores_if_none_match_is_refused(ceph: CephGateway, home: Path) -> None:
    # Ceph 16 does so in buckets that keep versions
    versioned = ceph.make_bucket(keeps_versions=True)
    address = ceph.audience(versioned)
    done = call_signoff("upload", sign_for(home, address), "--to", address)
    assert done.code == 14
    assert "overwrites" in done.err
    assert ceph.keys_in(versioned) == []
    assert {key.partition("/")[0] for key, _ in ceph.versions_in(versioned)} == {"probes"}


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_wrong_credentials_are_said_and_nothing_is_kept_of_them(
    name: str, ceph: CephGateway, bucket: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "PLANTEDcredential")
    address = ceph.audience(bucket)
    done = call_signoff("upload", sign_for(home, address), "--to", address)
    assert done.code == 14
    assert "these credentials" in done.err
    assert "PLANTED" not in done.err + done.out
    assert b"PLANTED" not in (home / "state/outbox.sqlite").read_bytes()
    assert ceph.keys_in(bucket) == []


def test_a_bucket_that_is_not_there_is_said(ceph: CephGateway, home: Path) -> None:
    address = ceph.audience("no-such-bucket")
    done = call_signoff("upload", sign_for(home, address), "--to", address)
    assert done.code == 14
    assert "no such bucket" in done.err


def test_an_expired_sign_off_is_not_sent(ceph: CephGateway, bucket: str, home: Path) -> None:
    address = ceph.audience(bucket)
    place = resolve_home().ensure()
    path = put_episode(place, small_episode())
    snapshot = take_snapshot(path)
    long_ago = FakeClock(wall_ns=SystemClock().wall_ns() - 3 * 86400 * 10**9)
    chosen = ChosenTerms(
        audience=address,
        owner=Owner.MINE,
        expires_days=2,
        notice_sha256=offer(place, snapshot).notice_sha256,
    )
    drafted = draft(place, snapshot, chosen, by=Agreement.TERMINAL, clock=long_ago)
    finish(place, path, snapshot, drafted, clock=long_ago)
    done = call_signoff("upload", path, "--to", address)
    assert done.code == 12
    assert "expired" in done.err
    assert ceph.keys_in(bucket) == []


def test_a_replaced_sign_off_is_refused_here_and_by_the_store(
    ceph: CephGateway, bucket: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = ceph.audience(bucket)
    path = sign_for(home, address)
    old = tmp_path / "old"
    shutil.copytree(home, old)
    assert call_signoff("upload", path, "--to", address).code == 0
    assert call_signoff("sign", path, "--to", address, "--owner", "mine", "--yes").code == 0
    assert call_signoff("upload", path, "--to", address).code == 0
    keys = ceph.keys_in(bucket)
    assert len(keys) == 3, "the earlier statement is gone"
    monkeypatch.setenv("SIGNOFF_HOME", str(old))
    old_path = old / path.relative_to(home)
    refused = call_signoff("upload", old_path, "--to", address)
    assert refused.code == 14, refused.err
    assert "later sign-off" in refused.err
    assert ceph.keys_in(bucket) == keys


def test_no_proxy_or_endpoint_of_the_environment_is_used(
    ceph: CephGateway, bucket: str, home: Path
) -> None:
    address = ceph.audience(bucket)
    nowhere = "http://127.0.0.1:1"
    names = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT", "HTTP_PROXY", "http_proxy")
    names += ("HTTPS_PROXY", "ALL_PROXY", "AWS_PROXY_URL")
    wrong = dict.fromkeys(names, nowhere) | {"AWS_SKIP_SIGNATURE": "true"}
    path = sign_for(home, address)
    done = run_signoff("upload", path, "--to", address, env={**os.environ, **wrong})
    assert done.code == 0, done.err
    assert len(ceph.keys_in(bucket)) == 3
