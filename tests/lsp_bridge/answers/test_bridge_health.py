"""What does not work is said in the editor: once, in words, never when it quits."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from tests.support.bridge import (
    EMOJI,
    PLACE,
    Client,
    at,
    bridge,
    enable,
    sessions,
    wait_for_records,
)
from tests.support.deadline import wait_until

from signoff_bridge.protocol.language_server import LanguageServerThread
from signoff_bridge.protocol.outbox import Outbox
from signoff_collector.capture.files.watch_state import WatchMode, WatchState, write_watch_state
from signoff_collector.capture.journal.journal import RecordKind


@pytest.fixture
def file(home: Path, tmp_path: Path) -> Path:
    assert not home.exists()
    folder = (tmp_path / "project").resolve()
    folder.mkdir()
    enable(folder)
    (folder / "a.py").write_text(f"{EMOJI}\n")
    return folder / "a.py"


def look(client: Client) -> None:
    """Ask as a person does; the answer to a later request shows that the look is over."""
    client.ask("workspace/executeCommand", {"command": "signoff.status", "arguments": []})


def problems(client: Client) -> list[str]:
    return [text for text in client.status()["problems"] if PLACE not in text]


def test_a_killed_editor_is_told_once_by_whoever_comes_next(file: Path) -> None:
    with bridge() as first:
        first.initialize()
        first.change(first.open(file), 2, at(0, 0, 0, 0, f"x{EMOJI}"))
        wait_for_records(RecordKind.LSP, 2)
        assert problems(first) == []
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
    with bridge() as second, bridge() as third:
        for client in (second, third):
            client.initialize(clientInfo={"name": "Other"})
            client.open(file)
        wait_for_records(RecordKind.LSP, 4)
        for client in (second, third, second):
            wait_until(lambda client=client: look(client) or problems(client), "the problem")
            (text,) = problems(client)
            assert "was cut off" in text
        wait_until(lambda: second.shown() + third.shown(), "the warning")
        assert second.quit() == third.quit() == 0
    assert len(second.shown() + third.shown()) == 1, "one editor of the two says it"
    assert len(sessions()) == 1


def test_a_watcher_that_cannot_see_all_is_a_problem_until_it_can(file: Path) -> None:
    reason = f"The system reports no changes {EMOJI}."
    with bridge() as client:
        client.initialize()
        client.open(file)
        wait_for_records(RecordKind.LSP, 1)
        (session,) = sessions()

        def found(mode: WatchMode) -> list[str]:
            """Say it again at every look: the real watcher may have just said how it watches."""
            told = reason if mode is WatchMode.SCAN else None
            write_watch_state(session, WatchState(mode=mode, directories=3, reason=told))
            look(client)
            return problems(client)

        wait_until(lambda: reason in found(WatchMode.SCAN), "the problem")
        wait_until(client.shown, "the warning")
        wait_until(lambda: not found(WatchMode.INOTIFY), "the end of it")
        wait_until(lambda: reason in found(WatchMode.SCAN), "the problem again")
        assert client.quit() == 0
    (said,) = client.shown()
    assert said.startswith("Signoff, project: ")
    assert reason in said


def test_nothing_is_said_once_the_editor_quits() -> None:
    reading, writing = os.pipe()
    server = LanguageServerThread(Outbox(writing), None)  # type: ignore[arg-type]
    server.start()
    try:
        wait_until(lambda: server.show("while it runs"), "pygls to be there")
        server.hush()
        assert not server.show("too late", is_warning=True)
        assert b"while it runs" in os.read(reading, 4096)
    finally:
        os.close(reading)
        os.close(writing)


def test_an_editor_that_quits_at_once_hears_nothing_on_the_way_out(file: Path) -> None:
    with bridge() as client:
        client.initialize()
        client.open(file)
        client.ask("workspace/executeCommand", {"command": "signoff.status", "arguments": []})
        client.ask("shutdown", None)
        before = len(client.messages)
        client.notify("exit", None)
        client.process.wait()
        client._thread.join()
    late = client.messages[before:]
    assert [one for one in late if one.get("method", "").startswith("window/")] == []
