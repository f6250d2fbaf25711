"""The real background process seals what killed processes left, also when it is killed itself."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until
from tests.support.sessions import Folder, current_home, workspace

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.sessions.sessions import (
    SealedAs,
    Session,
    end_session,
    join_workspace,
    seal_failure,
    sealed_as,
    sweep,
)
from signoff_collector.commands.seal import _sweep
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.known_values.kept_values import Kept
from signoff_collector.own_files.home import Home
from signoff_collector.screen.console import Console
from signoff_collector.system.clock import SystemClock

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]


def record(home: Home, folder: Folder, text: str) -> Session:
    """Leave a session as a killed editor does: one file, typed key by key, nobody in it."""
    clock = SystemClock()
    fields = {"encoding": "utf-16", "editor": "test", "editor_pid": os.getpid()}
    session, writer = join_workspace(home, folder, "lsp", clock, header_fields=fields)
    uri = (folder.root / "a.py").as_uri()

    def say(method: str, parameters: object) -> None:
        writer.append_value(
            RecordKind.LSP, [clock.boot_ns(), method, json.dumps(parameters).encode()]
        )

    document = {"uri": uri, "languageId": "python", "version": 1, "text": ""}
    say("textDocument/didOpen", {"textDocument": document})
    column = 0
    for number, character in enumerate(text):
        place = {"line": 0, "character": column}
        change = {"range": {"start": place, "end": place}, "text": character}
        version = {"uri": uri, "version": number + 2}
        say("textDocument/didChange", {"textDocument": version, "contentChanges": [change]})
        column += len(character.encode("utf-16-le")) // 2
    writer.close()
    end_session(home, session)
    return session


def wait_for_seal(session: Session) -> SealedAs:
    sealed = wait_until(lambda: sealed_as(session), f"session {session.id} was sealed")
    wait_until(lambda: seal_failure(session) is None, "earlier attempts were forgotten")
    return sealed


def test_a_sweep_seals_every_session_that_is_over(tmp_path: Path) -> None:
    home = current_home()
    sessions = [
        record(home, workspace(tmp_path / name), f"print('{name} 😀𝄞')" * 20) for name in "ab"
    ]
    assert sweep(home, SystemClock())
    for session in sessions:
        sealed = wait_for_seal(session)
        assert sealed.path.is_relative_to(home.episodes)
        assert len(read_episode(sealed.path).edits) == 20 * 13


def kill_sealer_at(moment: Callable[[], bool]) -> None:
    sealer = subprocess.Popen(
        [sys.executable, "-I", "-m", "signoff_collector", "seal", "--sweep"],
        stdout=subprocess.DEVNULL,
    )
    guard = threading.Timer(deadline(), sealer.kill)
    guard.start()
    wait_until(lambda: moment() or sealer.poll() is not None, "the moment to kill came")
    sealer.kill()
    sealer.wait(deadline())
    guard.cancel()


def is_running(_: Session) -> bool:
    return True


def has_begun(session: Session) -> bool:
    return seal_failure(session) is not None


def has_gathered(session: Session) -> bool:
    return (session.folder / "gathered.journal").exists() or sealed_as(session) is not None


@pytest.mark.parametrize("moment", [is_running, has_begun, has_gathered])
def test_a_sealer_killed_at_some_moment_loses_nothing(
    tmp_path: Path, moment: Callable[[Session], bool]
) -> None:
    home = current_home()
    session = record(home, workspace(tmp_path / "w"), "x = '😀𝄞'\t" * 300)
    kill_sealer_at(lambda: moment(session))
    kill_sealer_at(lambda: moment(session))
    if sealed_as(session) is None:
        assert sweep(home, SystemClock())
    sealed = wait_for_seal(session)
    assert len(read_episode(sealed.path).edits) == 300 * 9
    assert not sweep(home, SystemClock())


def test_what_fails_is_tried_once_by_one_sweep_however_often_it_is_asked(tmp_path: Path) -> None:
    home, clock = current_home(), SystemClock()
    damaged = record(home, workspace(tmp_path / "damaged"), "x")
    for path in damaged.journals:
        path.write_bytes(b"damaged")
    whole = record(home, workspace(tmp_path / "whole"), "y = '😀𝄞'")
    rounds: list[object] = []

    class Asked(Console):
        """Somebody asks for a sweep while it goes on, as a bridge that quits does."""

        def row(self, row: Mapping[str, object]) -> None:
            rounds.append(row)
            (home.sessions / ".sweep-again").touch()

    console = Asked(is_json=True, out=io.StringIO(), err=io.StringIO())
    assert _sweep(home, clock, console, Kept()) == 10
    assert len(rounds) == 1
    assert not (home.sessions / ".sweep-again").exists(), "there was a second round"
    assert sealed_as(whole) is not None
    failure = seal_failure(damaged)
    assert failure is not None
    assert failure.attempts == 1
