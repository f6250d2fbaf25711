"""Sending and erasing, killed at every point, with bytes changed on the way."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.deadline import deadline
from tests.support.sign_off import Ran, call_signoff, signed_episode

from signoff_collector.consent.recovery import Seed, withdrawal_handle, withdrawal_secret
from signoff_collector.consent.sign_off_files import read_sign_off, statement_path
from signoff_collector.consent.terms.audience import canonical_audience
from signoff_collector.consent.withdrawal import Tombstone, parse_tombstone
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import Clock, SystemClock
from signoff_collector.upload.outbox.outbox import Outbox, State, outbox_path
from signoff_collector.upload.sending.erasing import withdraw_from
from signoff_collector.upload.sending.sending import send_item
from signoff_collector.upload.sending.under_way import POINTS
from signoff_collector.upload.stores.layout import blob_key, tombstone_key
from signoff_collector.upload.stores.stores import open_store
from signoff_schemas.errors import (
    DamagedError,
    NotSignedError,
    ReceiverRefusedError,
    RefusedError,
    SignoffError,
)
from signoff_schemas.statement import parse_statement

pytestmark = pytest.mark.slow

BEASTS = "\U0001f98a\U0001f600"
KILLED = """
import os, signal, sys
from signoff_collector.commands import upload as verb
from signoff_collector.screen.console import Console
from signoff_collector.upload.sending import rounds
import argparse

point = sys.argv[3]
real = rounds.send_item

def send_until(item, **named):
    def probe(reached):
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)
    return real(item, probe=probe, **named)

rounds.send_item = send_until
arguments = argparse.Namespace(
    episode=sys.argv[1], to=sys.argv[2], resume=False, cancel=False, enrol=False, wait=None, ca=None
)
sys.exit(verb.run(arguments, Console(is_json=False)))
"""

KILLED_WITHDRAWAL = """
import os, signal, sys
from signoff_collector.own_files.home import resolve_home
from signoff_collector.upload.outbox.outbox import Outbox
from signoff_collector.upload.sending.withdrawing import carry_out

def probe(reached):
    if reached == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)

home = resolve_home()
with Outbox.open(home) as outbox:
    for withdrawal in outbox.withdrawals.open():
        carry_out(withdrawal, outbox, home, probe=probe)
"""


def run_code(code: str, *arguments: str | Path) -> Ran:
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr)


def files_of(store: Path) -> list[str]:
    return sorted(str(p.relative_to(store)) for p in store.rglob("*") if p.is_file())


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.mark.parametrize("point", POINTS)
def test_an_upload_killed_at_any_point_is_resumed(point: str, home: Path, store: Path) -> None:
    path = signed_episode(home, store)
    before = path.read_bytes()
    killed = run_code(KILLED, path, store, point)
    assert killed.code == -signal.SIGKILL, killed.err
    assert path.read_bytes() == before, "nothing local is touched"
    is_committed = any(name.endswith(".json") for name in files_of(store))
    assert is_committed == (POINTS.index(point) >= POINTS.index("after statement"))
    resumed = call_signoff("upload", "--resume")
    assert resumed.code == 0, resumed.err
    files = files_of(store)
    assert len(files) == 3, files
    assert (store / next(f for f in files if f.startswith("blobs/"))).read_bytes() == before
    assert call_signoff("upload", "--resume").out == "nothing waits to be sent\n"
    again = call_signoff("upload", path, "--to", store)
    assert again.code == 0
    assert files_of(store) == files


def test_an_upload_killed_again_and_again_arrives_once(home: Path, store: Path) -> None:
    chance = random.Random(20261122)  # noqa: S311
    path = signed_episode(home, store)
    for _ in range(5):
        run_code(KILLED, path, store, chance.choice(POINTS))
    assert call_signoff("upload", path, "--to", store).code == 0
    assert len(files_of(store)) == 3


@pytest.mark.parametrize("point", ["tombstone put", "erased signoffs", "erased blobs"])
def test_a_withdrawal_killed_at_any_point_is_resumed(
    point: str, home: Path, store: Path, tmp_path: Path
) -> None:
    path = signed_episode(home, store)
    assert call_signoff("upload", path, "--to", store).code == 0
    store.rename(tmp_path / "away")
    assert call_signoff("withdraw", "--yes", path).code == 1
    (tmp_path / "away").rename(store)
    assert run_code(KILLED_WITHDRAWAL, point).code == -signal.SIGKILL
    assert [name.partition("/")[0] for name in files_of(store)].count("tombstones") == 1
    assert call_signoff("upload", "--resume").code == 0
    assert [name.partition("/")[0] for name in files_of(store)] == ["tombstones"]


def send(
    path: Path, home: Path, store_folder: Path, change: object = None, clock: Clock | None = None
) -> None:
    """Queue an upload as it is now, then run `change`, then send."""
    place = resolve_home({"SIGNOFF_HOME": str(home)})
    audience = canonical_audience(str(store_folder))
    sign_off = read_sign_off(path)
    statement = parse_statement(sign_off.statement)
    with Outbox.open(place) as outbox:
        item = outbox.add_item(
            record_id=statement.predicate.record_id,
            sha256=statement.sha256,
            audience=audience,
            episode_path=path,
            statement=sign_off.statement,
            signature=sign_off.signature,
        )
        if callable(change):
            change(outbox)
        send_item(
            item,
            store=open_store(audience),
            outbox=outbox,
            home=place,
            clock=clock or SystemClock(),
        )


def test_a_sign_off_that_expired_while_it_waited_is_not_sent(home: Path, store: Path) -> None:
    path = signed_episode(home, store, "--expires-days", "30")
    later = FakeClock(wall_ns=SystemClock().wall_ns())
    later.advance(31 * 86_400)
    with pytest.raises(NotSignedError, match="expired"):
        send(path, home, store, clock=later)
    assert not store.exists()
    with Outbox.open(resolve_home()) as outbox:
        assert outbox.open_items() == ()


def test_what_a_later_sign_off_replaced_is_not_sent_though_the_outbox_is_gone(
    home: Path, store: Path
) -> None:
    first = signed_episode(home, store)
    record = parse_statement(read_sign_off(first).statement).predicate.record_id
    signed_episode(home, store, "--supersedes", record, text=f"other = 1  # {BEASTS}\n")
    outbox_path(resolve_home()).unlink()
    with pytest.raises(RefusedError, match="superseded by"):
        send(first, home, store)
    assert not store.exists()
    assert call_signoff("upload", first, "--to", store).code == 13
    assert call_signoff("verify", first).code == 12


def test_what_names_a_record_and_is_no_statement_replaces_nothing(home: Path, store: Path) -> None:
    first = signed_episode(home, store)
    record = parse_statement(read_sign_off(first).statement).predicate.record_id
    (first.parent / "damaged.signoff.json").write_text(f'{{"supersedes": "{record}"')
    (first.parent / "folder.signoff.json").mkdir()
    assert call_signoff("upload", first, "--to", store).code == 0


def test_an_episode_changed_after_it_was_queued_is_not_sent(home: Path, store: Path) -> None:
    path = signed_episode(home, store)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1

    def change(_: Outbox) -> None:
        path.write_bytes(content)

    with pytest.raises(SignoffError) as caught:
        send(path, home, store, change)
    assert caught.value.exit_code == 12
    assert not store.exists()
    with Outbox.open(resolve_home()) as outbox:
        assert outbox.open_items() == ()


def test_an_item_is_never_sent_to_another_store(home: Path, store: Path, tmp_path: Path) -> None:
    path = signed_episode(home, store)
    other = canonical_audience(str(tmp_path / "other"))
    sign_off = read_sign_off(path)
    statement = parse_statement(sign_off.statement)
    with Outbox.open(resolve_home()) as outbox:
        item = outbox.add_item(
            record_id=statement.predicate.record_id,
            sha256=statement.sha256,
            audience=other,
            episode_path=path,
            statement=sign_off.statement,
            signature=sign_off.signature,
        )
        with pytest.raises(RefusedError):
            send_item(
                item,
                store=open_store(other),
                outbox=outbox,
                home=resolve_home(),
                clock=SystemClock(),
            )
    assert not (tmp_path / "other").exists()


def test_other_bytes_under_the_same_name_are_noticed_and_kept(home: Path, store: Path) -> None:
    path = signed_episode(home, store)
    sha256 = parse_statement(read_sign_off(path).statement).sha256
    blob = store / blob_key(sha256)
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"something else")
    with pytest.raises(ReceiverRefusedError, match="other bytes"):
        send(path, home, store)
    assert files_of(store) == [blob_key(sha256)]
    assert blob.read_bytes() == b"something else"


def test_a_withdrawal_that_overtakes_an_upload_wins(home: Path, store: Path) -> None:
    path = signed_episode(home, store)
    place = resolve_home()
    sign_off = read_sign_off(path)
    statement = parse_statement(sign_off.statement)
    seed = Seed((place.keys / "recovery.seed").read_bytes())
    secret = withdrawal_secret(seed, canonical_audience(str(store)), statement.predicate.record_id)
    tombstone = Tombstone(
        sha256=statement.sha256,
        record_id=statement.predicate.record_id,
        handle=withdrawal_handle(secret),
        withdrawn_on="2026-11-22",
        preimage=secret.hex(),
    )
    target = open_store(canonical_audience(str(store)))

    def probe(point: str) -> None:
        if point == "after statement":
            withdraw_from(target, tombstone.encode())

    with Outbox.open(place) as outbox:
        item = outbox.add_item(
            record_id=statement.predicate.record_id,
            sha256=statement.sha256,
            audience=target.audience,
            episode_path=path,
            statement=sign_off.statement,
            signature=sign_off.signature,
        )
        with pytest.raises(ReceiverRefusedError, match="withdrawn"):
            send_item(
                item,
                store=target,
                outbox=outbox,
                home=place,
                clock=SystemClock(),
                probe=probe,
            )
        assert outbox.item(item.record_id).state == State.REFUSED
    assert files_of(store) == [tombstone_key(statement.sha256)]


def test_a_forged_tombstone_blocks_nothing_and_erases_nothing(home: Path, store: Path) -> None:
    path = signed_episode(home, store)
    statement = parse_statement(read_sign_off(path).statement)
    target = open_store(canonical_audience(str(store)))
    target.prepare()
    secret = bytes(range(32))
    fields = {
        "sha256": statement.sha256,
        "record_id": statement.predicate.record_id,
        "withdrawn_on": "2026-11-22",
    }
    stranger = Tombstone(handle=withdrawal_handle(secret), preimage=secret.hex(), **fields)
    no_proof = Tombstone(handle=statement.predicate.withdrawal.handle, **fields)
    wrong = Tombstone(handle=statement.predicate.withdrawal.handle, preimage=secret.hex(), **fields)
    for forged in (stranger, no_proof, wrong):
        assert target.create(tombstone_key(statement.sha256), forged.encode(), token="0" * 16)
        send(path, home, store)
        assert len(files_of(store)) == 4
        with pytest.raises((RefusedError, DamagedError)):
            withdraw_from(target, forged.encode())
        assert len(files_of(store)) == 4
        target.remove(tombstone_key(statement.sha256))


def test_the_owner_replaces_a_forged_tombstone(home: Path, store: Path) -> None:
    path = signed_episode(home, store)
    statement = parse_statement(read_sign_off(path).statement)
    send(path, home, store)
    place = store / tombstone_key(statement.sha256)
    place.parent.mkdir(parents=True)
    place.write_bytes(b'{"not": "a tombstone"}')
    assert call_signoff("withdraw", "--yes", path).code == 0
    assert files_of(store) == [tombstone_key(statement.sha256)]
    found = parse_tombstone(place.read_bytes())
    assert found is not None
    assert found.record_id == statement.predicate.record_id


def test_withdrawal_erases_receipts_and_unfinished_attempts_too(home: Path, store: Path) -> None:
    path = signed_episode(home, store)
    sha256 = parse_statement(read_sign_off(path).statement).sha256
    send(path, home, store)
    receipt = store / "receipts" / sha256[:2] / sha256 / "r.json"
    receipt.parent.mkdir(parents=True)
    receipt.write_bytes(b"{}")
    torn = store / "blobs" / sha256[:2] / f".{sha256}.{'1' * 16}.part"
    torn.write_bytes(b"torn")
    neighbour = store / "blobs" / sha256[:2] / (sha256[:2] + "0" * 62)
    neighbour.write_bytes(b"not ours")
    assert call_signoff("withdraw", "--yes", path).code == 0
    kept = str(neighbour.relative_to(store))
    assert files_of(store) == sorted([kept, tombstone_key(sha256)])


def test_a_tombstone_holds_no_content(home: Path, store: Path) -> None:
    path = signed_episode(home, store, text="PLANTED \U0001f600\U00010348 value\n")
    send(path, home, store)
    assert call_signoff("withdraw", "--yes", path).code == 0
    (name,) = files_of(store)
    tombstone = json.loads((store / name).read_bytes())
    assert set(tombstone) == {
        "tombstone_version",
        "sha256",
        "record_id",
        "handle",
        "withdrawn_on",
        "preimage",
        "signature",
    }
    for whole in (store / name).read_bytes(), os.fsencode(name):
        assert b"PLANTED" not in whole
        assert os.fsencode(home.parent) not in whole


def test_nothing_local_is_deleted_when_an_upload_fails(home: Path, store: Path) -> None:
    path = signed_episode(home, store)
    before = sorted(p.name for p in path.parent.iterdir())
    store.write_bytes(b"a file where the store should be")
    failed = call_signoff("upload", path, "--to", store)
    assert failed.code == 1
    assert sorted(p.name for p in path.parent.iterdir()) == before
    assert statement_path(path).exists()
