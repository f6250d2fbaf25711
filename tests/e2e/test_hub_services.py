"""A hub on PostgreSQL and a Ceph gateway: killed, restarted, its database and its store away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.support.ceph import CephGateway, ceph_gateway, need_programs
from tests.support.cli import signoff
from tests.support.deadline import deadline
from tests.support.postgres import Postgres, postgres
from tests.support.sign_off import put_episode, sign_at_terminal, small_episode

from signoff_collector.system.home import resolve_home

pytestmark = pytest.mark.hub
ROOT = Path(__file__).resolve().parents[2]
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


@contextmanager
def hub_on(
    data: Path, database: Postgres, gateway: CephGateway, bucket: str, listen: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a hub with these services; yields its address and its process."""
    argv = [sys.executable, "-I", "-m", "signoff_collector", "hub", "serve", "--json"]
    argv += ["--data", str(data), "--listen", listen]
    argv += ["--database", database.url.replace("+psycopg", "")]
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


def signed_for(address: str, home: Path, folder: Path, text: str) -> Path:
    path = put_episode(resolve_home({"SIGNOFF_HOME": str(home)}).ensure(), small_episode(text))
    said = sign_at_terminal(path, "--to", address, "--owner", "mine", cwd=folder)
    assert said.code == 0, said.out
    return path


def test_nothing_is_lost_when_a_node_its_database_or_its_store_goes_away(
    database: Postgres, gateway: CephGateway, home: Path, tmp_path: Path
) -> None:
    bucket, data = gateway.make_bucket(), tmp_path / "hub"
    with hub_on(data, database, gateway, bucket, "127.0.0.1:0") as (address, hub):
        first = signed_for(address, home, tmp_path, "x = '\U0001f600\U0001f333'\n")
        second = signed_for(address, home, tmp_path, "y = '\U0001f680\U0001f30d'\n")
        sent = signoff("upload", first, "--to", address)
        assert sent.code == 0, sent
        hub.kill()
        hub.wait(deadline())
    with hub_on(data, database, gateway, bucket, urlsplit(address).netloc) as (again, _):
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
