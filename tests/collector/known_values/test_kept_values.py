"""Exact values live in the kernel's keyring between recording and sealing, never on disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.leaks import leaks_in_episode, random_secret, windows
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session, signoff

from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.known_values import kept_values
from signoff_collector.known_values.kept_values import Kept, drop_values, keep_values
from signoff_collector.known_values.kept_values import kept_values as read_kept
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system import keyring as kernel
from signoff_collector.system.clock import SystemClock


@pytest.fixture
def keyring(home: Path) -> Home:
    """Return a home whose values can be kept; a system without a keyring has nothing to test."""
    made = resolve_home().ensure()
    if not keep_values(made, "probe", {}):
        pytest.skip("this kernel gives its users no keyring")
    drop_values(made)
    return made


def test_values_are_kept_for_other_processes_and_nowhere_on_disk(keyring: Home) -> None:
    secret = random_secret(1)
    assert keep_values(keyring, "s1", {"API_TOKEN": secret, "PATH": "/bin"})
    code = (
        "from signoff_collector.own_files.home import resolve_home\n"
        "from signoff_collector.known_values.kept_values import kept_values\n"
        "print(*kept_values(resolve_home()).values)"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == secret
    for path in keyring.root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(one.encode() in data for one in windows(secret))
    drop_values(keyring)
    assert read_kept(keyring) == Kept()


def test_later_sessions_add_to_what_is_kept_and_the_newest_have_room(
    keyring: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_values, "MAX_BYTES", 400)
    secrets = [random_secret(seed, 60) for seed in range(8)]
    for number, secret in enumerate(secrets):
        assert keep_values(keyring, f"s{number}", {"TOKEN": secret})
    kept = read_kept(keyring)
    assert kept.sessions[-1] == "s7"
    assert kept.values[0] == secrets[7]
    assert secrets[0] not in kept.values


def test_another_home_has_another_key(keyring: Home, tmp_path: Path) -> None:
    other = Home(root=tmp_path / "other")
    keep_values(keyring, "s1", {"TOKEN": random_secret(3)})
    assert read_kept(other) == Kept()


@pytest.mark.parametrize(
    "payload",
    [b"", b"\xff\x00", b"[]", b'{"values": 1, "sessions": {}}', b'{"values": [1, null]}', b"[" * 9],
)
def test_what_another_program_wrote_there_does_no_harm(keyring: Home, payload: bytes) -> None:
    assert kernel.keep(kept_values._name(keyring), payload or b"\n", seconds=60)
    assert read_kept(keyring) == Kept()


def test_without_a_keyring_nothing_is_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_SYSCALLS", {})
    made = resolve_home().ensure()
    assert not keep_values(made, "s1", {"TOKEN": random_secret(1)})
    assert read_kept(made) == Kept()
    drop_values(made)


def test_a_value_only_the_editor_knew_is_masked_by_whoever_seals(
    keyring: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The value has no shape and no telling name beside it: nothing but its value gives it away."""
    secret = "Grünkohl-" + random_secret(5, 9).lower()
    session = make_session(tmp_path / "project")
    monkeypatch.setenv("EDITORS_PASSWORD", secret)
    ensure_watcher(session, keyring)
    monkeypatch.delenv("EDITORS_PASSWORD")
    journal = Journal(root=session.root)
    journal.open("a.py", "s = '😀🦊'\n")
    for place, key in enumerate(secret):
        journal.change("a.py", (0, 7 + place), (0, 7 + place), key)
    journal.write(session.folder)
    sealed = seal_session(session, resolve_home(), SystemClock(), environ={})
    episode = read_episode(sealed.path)
    assert episode.header.exact_values == "session"
    assert leaks_in_episode(episode, [secret]) == []


def test_forgetting_everything_drops_the_key(keyring: Home, tmp_path: Path) -> None:
    keep_values(keyring, "s1", {"TOKEN": random_secret(3)})
    assert signoff("forget", "--yes", "--all", cwd=tmp_path).returncode == 0
    assert read_kept(keyring) == Kept()
