"""A real hub and the real verbs: signed in a terminal, uploaded, followed, taken back."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.deadline import deadline
from tests.support.sign_off import put_episode, sign_at_terminal, small_episode
from tests.support.tls import made_certificates

from signoff_collector.own_files.home import resolve_home


@contextmanager
def hub_at(data: Path, listen: str = "127.0.0.1:0", *options: str | Path) -> Iterator[str]:
    """Serve a hub as a person does; yields its address."""
    argv = ["hub", "serve", "--data", str(data), "--listen", listen, "--json", *map(str, options)]
    with subprocess.Popen(
        [sys.executable, "-I", "-m", "signoff_collector", *argv], stdout=subprocess.PIPE, text=True
    ) as hub:
        assert hub.stdout is not None
        try:
            yield json.loads(hub.stdout.readline())["address"]
        finally:
            hub.send_signal(signal.SIGTERM)
            assert hub.wait(deadline()) == 0


@pytest.fixture
def episode(home: Path) -> Path:
    return put_episode(resolve_home({"SIGNOFF_HOME": str(home)}).ensure(), small_episode())


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_an_episode_goes_to_a_hub_is_followed_there_and_taken_back(
    episode: Path, tmp_path: Path
) -> None:
    data = tmp_path / "hub"
    with hub_at(data) as address:
        said = sign_at_terminal(episode, "--to", address, "--owner", "mine", cwd=tmp_path)
        assert said.code == 0, said.out
        assert "What this hub does with an episode" in said.out
        sent = signoff("upload", episode, "--to", address)
        assert sent.code == 0, sent
        (receipt,) = [json.loads(line) for line in signoff("receipts", "--json").out.splitlines()]
        assert receipt["receiver"] == address
        assert signoff("verify", episode).code == 0
        uses = signoff("uses")
        assert uses.code == 0, uses
        everything = tmp_path / "mine.tar"
        exported = signoff("uses", "--export", everything)
        assert exported.code == 0, exported
        assert signoff("uses", "--export", everything).code != 0  # never over a file
        with tarfile.open(everything) as tar:
            tar.extractall(tmp_path / "mine", filter="data")
        (copy,) = (tmp_path / "mine").rglob("*.episode")
        assert copy.read_bytes() == episode.read_bytes()
        proven = signoff("verify", copy)
        assert proven.code == 0, proven
        again = signoff("upload", episode, "--to", address)
        assert again.code == 0, again
        gone = signoff("withdraw", episode, "--yes")
        assert gone.code == 0, gone
        refused = signoff("upload", episode, "--to", address)
        assert refused.code == 14, refused
    assert list((data / "objects" / "tombstones").rglob("*.json"))
    sound = signoff("hub", "verify", "--data", data)
    assert sound.code == 0, sound


def test_a_hub_of_a_private_authority_needs_its_certificate_once(
    episode: Path, tmp_path: Path
) -> None:
    tls = made_certificates(tmp_path)
    options = ("--certificate", tls.certificate, "--key", tls.key)
    with hub_at(tmp_path / "hub", "127.0.0.1:0", *options) as address:
        assert address.startswith("https://")
        unknown = signoff("upload", episode, "--to", address)
        assert unknown.code != 0
        words = (episode, "--to", address, "--owner", "mine")
        refused = sign_at_terminal(*words, cwd=tmp_path)
        assert (refused.code, "--ca FILE" in refused.out) == (14, True), refused.out
        said = sign_at_terminal(*words, "--ca", tls.authority, cwd=tmp_path)
        assert said.code == 0, said.out
        sent = signoff("upload", episode, "--to", address)  # what was named is kept
        assert sent.code == 0, sent
        assert signoff("uses").code == 0
        gone = signoff("withdraw", episode, "--yes")
        assert gone.code == 0, gone
    alone = signoff("upload", episode, "--resume", "--ca", tls.authority)
    assert alone.code == 2, alone


def test_a_hub_that_was_killed_goes_on_where_it_was(episode: Path, tmp_path: Path) -> None:
    data = tmp_path / "hub"
    argv = ["hub", "serve", "--data", str(data), "--listen", "127.0.0.1:0", "--json"]
    with subprocess.Popen(
        [sys.executable, "-I", "-m", "signoff_collector", *argv], stdout=subprocess.PIPE, text=True
    ) as hub:
        assert hub.stdout is not None
        address = json.loads(hub.stdout.readline())["address"]
        said = sign_at_terminal(episode, "--to", address, "--owner", "mine", cwd=tmp_path)
        assert said.code == 0, said.out
        hub.kill()
        hub.wait(deadline())
    waiting = signoff("upload", episode, "--to", address)
    assert waiting.code == 1, waiting
    with hub_at(data, address.removeprefix("http://")) as back:
        assert back == address
        sent = signoff("upload", "--resume")
        assert sent.code == 0, sent
        assert signoff("receipts", "--json").out.count("\n") == 1
