"""A hub on PostgreSQL and a Ceph gateway: killed, restarted, its database and its store away."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from sqlalchemy import create_engine, text
from tests.support.ceph import CephGateway, ceph_gateway, need_programs
from tests.support.cli import signoff
from tests.support.deadline import deadline, wait_until
from tests.support.postgres import Postgres, postgres
from tests.support.sign_off import put_episode, sign_at_terminal, small_episode

from signoff_collector.consent.terms.audience import canonical_audience
from signoff_collector.own_files.home import resolve_home
from signoff_collector.upload.stores.layout import blob_key, tombstone_key
from signoff_hub.objects.bucket import BucketObjects

pytestmark = pytest.mark.hub
ROOT = Path(__file__).resolve().parents[2]
VERSIONING = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
KEY = "blobs/ab/abcd"
SUITES = (
    "receiving/test_sign_offs.py",
    "withdrawing/test_withdrawals.py",
)
"""What has to hold on SQLite and a folder, and here; the slow ones are run here by hand."""


@pytest.fixture(scope="module")
def database() -> Iterator[Postgres]:
    with postgres() as made:
        yield made


@pytest.fixture(scope="module")
def gateway() -> Iterator[CephGateway]:
    need_programs()
    with ceph_gateway() as made:
        yield made


def fresh(database: Postgres) -> str:
    """Make a database on a server; returns its address."""
    name = f"db{secrets.token_hex(6)}"
    engine = create_engine(database.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{database.url.replace('+psycopg', '').rpartition('/')[0]}/{name}"


@contextmanager
def hub_on(
    data: Path, database: str | None, gateway: CephGateway, bucket: str, listen: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a hub with these services, or a database of its own; yields address and process."""
    argv = [sys.executable, "-I", "-m", "signoff_collector", "hub", "serve", "--json"]
    argv += ["--data", str(data), "--listen", listen]
    if database is not None:
        argv += ["--database", database]
    argv += ["--store", gateway.audience(bucket)]
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, text=True, env={**os.environ, **gateway.keys}
    ) as hub:
        assert hub.stdout is not None
        try:
            yield json.loads(hub.stdout.readline())["address"], hub
        finally:
            if hub.poll() is None:
                hub.send_signal(signal.SIGTERM)
                hub.wait(deadline())


def signed_for(address: str, home: Path, folder: Path, typed: str) -> Path:
    path = put_episode(resolve_home({"SIGNOFF_HOME": str(home)}).ensure(), small_episode(typed))
    said = sign_at_terminal(path, "--to", address, "--owner", "mine", cwd=folder)
    assert said.code == 0, said.out
    return path


def test_nothing_is_lost_when_a_node_its_database_or_its_store_goes_away(
    database: Postgres, gateway: CephGateway, home: Path, tmp_path: Path
) -> None:
    bucket, data, rows = gateway.make_bucket(), tmp_path / "hub", fresh(database)
    with hub_on(data, rows, gateway, bucket, "127.0.0.1:0") as (address, hub):
        first = signed_for(address, home, tmp_path, "x = '\U0001f600\U0001f333'\n")
        second = signed_for(address, home, tmp_path, "y = '\U0001f680\U0001f30d'\n")
        sent = signoff("upload", first, "--to", address)
        assert sent.code == 0, sent
        hub.kill()
        hub.wait(deadline())
    with hub_on(data, rows, gateway, bucket, urlsplit(address).netloc) as (again, _):
        assert again == address
        database.stop(is_killed=True)
        waits = signoff("upload", second, "--to", address)
        assert waits.code == 1, waits
        database.start()
        gateway.stop()
        waits = signoff("upload", "--resume")
        assert waits.code in {0, 1}, waits
        gateway.start()
        sent = signoff("upload", "--resume")
        assert sent.code == 0, sent
        receipts = signoff("receipts", "--json").out.splitlines()
        assert {json.loads(one)["receiver"] for one in receipts} == {address}
        assert len(receipts) == 2
        for path in (first, second):
            assert signoff("verify", path).code == 0
        gone = signoff("withdraw", first, "--yes")
        assert gone.code == 0, gone
        assert signoff("upload", first, "--to", address).code == 14


def test_what_holds_on_sqlite_and_a_folder_holds_on_postgresql_and_ceph(
    database: Postgres, gateway: CephGateway
) -> None:
    services = {
        "SIGNOFF_HUB_DATABASE": database.url.replace("+psycopg", ""),
        "SIGNOFF_HUB_STORE": gateway.audience(gateway.make_bucket()),
    }
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist"]
    argv += [str(ROOT / "tests/hub" / one) for one in SUITES]
    done = subprocess.run(
        argv,
        cwd=ROOT,
        env={**os.environ, **gateway.keys, **services},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:]


def test_no_version_is_left_of_what_was_withdrawn_from_a_bucket_that_keeps_versions(
    gateway: CephGateway, home: Path, tmp_path: Path
) -> None:
    """Versions are kept from a moment on at which the hub runs: this Ceph overwrites with them."""
    bucket = gateway.make_bucket()
    with hub_on(tmp_path / "hub", None, gateway, bucket, "127.0.0.1:0") as (address, _):
        first = signed_for(address, home, tmp_path, "x = '\U0001f600\U0001f333'\n")
        second = signed_for(address, home, tmp_path, "y = '\U0001f680\U0001f30d'\n")
        digests = [hashlib.sha256(one.read_bytes()).hexdigest() for one in (first, second)]
        sent = signoff("upload", first, "--to", address)
        assert sent.code == 0, sent
        gateway.ask("PUT", f"/{bucket}?versioning=", VERSIONING)
        sent = signoff("upload", second, "--to", address)
        assert sent.code == 0, sent
        neighbour = f"{blob_key(digests[0])}0"
        for key in (blob_key(digests[0]), neighbour):
            gateway.ask("PUT", f"/{bucket}/{key}", "somebody wrote over it")
        for path in (first, second):
            gone = signoff("withdraw", path, "--yes")
            assert gone.code == 0, gone

        def left() -> set[str]:
            keys = {key for key, _ in gateway.versions_in(bucket)}
            return {key for key in keys if any(one in key for one in digests)}

        kept = {neighbour, *map(tombstone_key, digests)}
        wait_until(lambda: left() <= kept, "every version of both episodes is erased")
        assert left() == kept
        for path in (first, second):
            assert signoff("upload", path, "--to", address).code == 14


def test_a_hub_comes_back_from_a_backup_of_its_bucket_and_what_ended_does_not(
    database: Postgres, gateway: CephGateway, home: Path, tmp_path: Path
) -> None:
    """Into a fresh bucket with a mirror and the feed, and beside its own; on fresh databases."""
    bucket, data, rows = gateway.make_bucket(), tmp_path / "hub", fresh(database)
    backup, page = tmp_path / "backup", tmp_path / "page.json"
    with hub_on(data, rows, gateway, bucket, "127.0.0.1:0") as (address, _):
        texts = (f"x = '\U0001f600{n}\U0001f333'\n" for n in range(3))
        paths = [signed_for(address, home, tmp_path, typed) for typed in texts]
        digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
        for path in paths:
            assert signoff("upload", path, "--to", address).code == 0

        def end(number: int) -> None:
            gone = signoff("withdraw", paths[number], "--yes")
            assert gone.code == 0, gone
            blob = blob_key(digests[number])
            wait_until(lambda: blob not in gateway.keys_in(bucket), "a node erased the bytes")

        services = ("--database", rows, "--store", gateway.audience(bucket))
        end(0)
        saved = signoff("hub", "backup", "--data", data, *services, "-o", backup, **gateway.keys)
        assert saved.code == 0, saved
        (left,) = backup.rglob(f"*{digests[0]}*")
        assert left == backup / "objects" / tombstone_key(digests[0])
        end(1)
        with urlopen(f"{address}/v1/feed?after=0") as answer:  # noqa: S310  (on the loopback)
            page.write_bytes(answer.read())
        swept = signoff("hub", "sweep", "--data", data, *services, **gateway.keys)
        assert swept.code == 0, swept  # all of the log is published
    mirror, objects = tmp_path / "mirror", objects_in(gateway, bucket)
    for key in gateway.keys_in(bucket):
        if key.startswith("log/"):
            (mirror / key).parent.mkdir(parents=True, exist_ok=True)
            assert objects.copy_to(key, mirror / key)
    elsewhere = ("--mirror", mirror, "--gone-from", page)
    for store, told in ((gateway.make_bucket(), elsewhere), (bucket, ())):
        again = tmp_path / store
        services = ("--database", fresh(database), "--store", gateway.audience(store))
        words = ("restore", backup, "--data", again, *services, "--key", data / "keys" / "hub")
        restored = signoff("hub", *words, *told, "--json", **gateway.keys)
        assert restored.code == 0, restored
        said = json.loads(restored.out.splitlines()[-1])
        assert (said["proven"], said["ended"]) == (True, 1), restored
        sound = signoff("hub", "verify", "--data", again, *services, **gateway.keys)
        assert sound.code == 0, sound
        held = {key for key, _ in gateway.versions_in(store) if key.startswith("blobs/")}
        assert held == {blob_key(digests[2])}
        whole = objects_in(gateway, store).pieces(blob_key(digests[2]))
        assert whole is not None
        assert b"".join(whole) == paths[2].read_bytes()
        where = urlsplit(address).netloc
        with hub_on(again, services[1], gateway, store, where) as (back, _):
            assert back == address
            codes = [signoff("upload", path, "--to", address).code for path in paths]
            assert codes == [14, 14, 0]
            assert signoff("verify", paths[2]).code == 0


@pytest.fixture
def bucket(gateway: CephGateway) -> str:
    """A bucket that keeps three versions of an object; the first is of before it kept any."""
    made = gateway.make_bucket()
    for number, body in enumerate(("one", "two", "three")):
        gateway.ask("PUT", f"/{made}/{KEY}", body)
        if not number:
            gateway.ask("PUT", f"/{made}?versioning=", VERSIONING)
    assert len(gateway.versions_in(made)) == 3
    return made


def objects_in(gateway: CephGateway, bucket: str) -> BucketObjects:
    return BucketObjects(canonical_audience(gateway.audience(bucket)), gateway.keys)


def test_versions_that_a_bucket_does_not_let_go_are_told_and_hidden(
    gateway: CephGateway, bucket: str
) -> None:
    forbidden = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:DeleteObjectVersion"],
        "Resource": [f"arn:aws:s3:::{bucket}/*"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [forbidden]})
    gateway.ask("PUT", f"/{bucket}?policy=", policy)
    for was_there in (True, False):  # a repetition neither shows them again nor adds a marker
        removed = objects_in(gateway, bucket).remove(KEY)
        assert (removed.was_there, removed.kept_versions) == (was_there, True)
        assert gateway.keys_in(bucket) == []
        assert len(gateway.versions_in(bucket)) == 4
    gateway.ask("DELETE", f"/{bucket}?policy=")
    assert not objects_in(gateway, bucket).remove(KEY).kept_versions
    assert gateway.versions_in(bucket) == []


def test_an_erasure_that_is_cut_off_finds_the_object_again(
    gateway: CephGateway, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class CutOffError(Exception):
        """In the place of a kill."""

    made, erased = objects_in(gateway, bucket), 0
    connect = made._s3

    def cut(**_: object) -> None:
        nonlocal erased
        erased += 1
        if erased == 3:
            raise CutOffError

    def connected() -> object:
        client = connect()
        client.meta.events.register("before-call.s3.DeleteObject", cut)  # type: ignore[attr-defined]  # boto3 ships no types
        return client

    monkeypatch.setattr(made, "_s3", connected)
    with pytest.raises(CutOffError):
        made.remove(KEY)
    again = objects_in(gateway, bucket)
    assert [*again.names("blobs/ab")] == ["abcd"]
    assert again.remove(KEY).was_there
    assert gateway.versions_in(bucket) == []
