"""A real store that ignores If-None-Match, `rclone serve s3`, gets nothing of an episode."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.rclone import Rclone, rclone_store
from tests.support.sign_off import run_signoff, signed_episode

from signoff_collector.consent.terms.audience import Audience
from signoff_collector.own_files.home import resolve_home
from signoff_collector.upload.outbox.outbox import waiting
from signoff_collector.upload.stores.s3_store import S3Store

pytestmark = pytest.mark.store


@pytest.fixture
def rclone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rclone]:
    """Run a server of its own for one test, with its credentials in the environment."""
    with rclone_store(tmp_path / "rclone") as running:
        for name, value in running.keys.items():
            monkeypatch.setenv(name, value)
        yield running


def test_rclone_really_overwrites_although_it_is_asked_not_to(rclone: Rclone) -> None:
    with closing(S3Store(Audience(rclone.address), rclone.keys)) as store:
        assert store.create("blobs/ab/abcd", b"first", token="")
        assert store.create("blobs/ab/abcd", "second \U0001f600\U00010348".encode(), token="")
        assert store.read("blobs/ab/abcd", max_bytes=100) == "second \U0001f600\U00010348".encode()


def test_nothing_is_sent_to_an_rclone(rclone: Rclone, home: Path) -> None:
    path = signed_episode(home, rclone.address)  # type: ignore[arg-type]  # an address, no folder
    for _ in range(2):  # a refusal is not remembered as leave to send
        done = run_signoff("upload", path, "--to", rclone.address)
        assert done.code == 14, done.err
        assert "overwrites" in done.err
        assert rclone.kept() == []
    assert waiting(resolve_home()) == (), "what a store refuses is not tried again"
    said = rclone.log.read_text("utf-8", errors="replace")
    assert "probes/" in said, "the log names what was asked for"
    assert hashlib.sha256(path.read_bytes()).hexdigest() not in said
    assert "blobs/" not in said
    assert "signoffs/" not in said
