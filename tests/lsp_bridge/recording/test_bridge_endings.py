"""However an editor ends, what was open in it is closed in the journal, with the reason."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from tests.support.bridge import (
    EMOJI,
    at,
    bridge,
    closes,
    control,
    folded,
    records,
    sessions,
    wait_for_records,
)
from tests.support.deadline import deadline, wait_until

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.tallies.step_counts import count_steps
from signoff_collector.text.positions import Encoding

pytestmark = pytest.mark.slow


def _files(workspace: Path) -> tuple[Path, Path]:
    kept, closed = workspace / "a.py", workspace / "b.py"
    for file in (kept, closed):
        file.write_text("one\n")
    return kept, closed


@pytest.mark.parametrize(
    ("way", "reason"),
    [("quit", "ended"), ("eof", "lost"), ("TERM", "lost"), ("HUP", "lost"), ("exit", "ended")],
)
def test_what_is_open_as_an_editor_ends_is_closed(workspace: Path, way: str, reason: str) -> None:
    kept, closed = _files(workspace)
    with bridge() as client:
        client.initialize()
        client.change(client.open(kept), 2, at(0, 0, 0, 0, EMOJI))
        client.close(client.open(closed))
        match way:
            case "quit":
                client.quit()
            case "eof":
                client.hang_up()
            case "exit":
                client.notify("exit", None)
            case _:
                wait_for_records(RecordKind.LSP, 4)
                os.kill(client.process.pid, signal.Signals[f"SIG{way}"])
        client.process.wait(deadline())
    assert closes() == {"a.py": reason, "b.py": None}
    last = records()[-1]
    assert isinstance(last.body, list)
    assert last.body[1] == "textDocument/didClose"


@pytest.mark.parametrize(
    ("by_person", "way", "reason"),
    [
        (False, "quit", "lost"),
        (True, "quit", "ended"),
        ("odd", "quit", "ended"),
        (False, "late", "lost"),
        (True, "HUP", "ended"),
        (True, "eof", "ended"),
    ],
)
def test_what_a_companion_says_of_the_end_counts(
    workspace: Path, by_person: object, way: str, reason: str
) -> None:
    kept, _ = _files(workspace)
    with bridge() as client:
        client.initialize()
        client.change(client.open(kept), 2, at(0, 0, 0, 0, EMOJI))
        if way == "late":
            client.ask("shutdown", None)
        client.notify("signoff/quit", {"by_person": by_person})
        match way:
            case "quit":
                client.quit()
            case "late":
                client.notify("exit", None)
            case "eof":
                client.hang_up()
            case _:
                os.kill(client.process.pid, signal.SIGHUP)
        client.process.wait(deadline())
    assert closes() == {"a.py": reason}
    assert folded(kept.as_uri(), Encoding.UTF16) == f"{EMOJI}one\n"


@pytest.mark.parametrize(("name", "by_person"), [("emacs", None), ("emacs", False), ("Ed", True)])
def test_an_editor_that_kills_its_server_behind_shutdown_leaves_a_whole_recording(
    workspace: Path, name: str, by_person: bool | None
) -> None:
    kept, _ = _files(workspace)
    with bridge() as client:
        client.initialize(clientInfo={"name": name})
        client.change(client.open(kept), 2, at(0, 0, 0, 0, EMOJI))
        if by_person is not None:
            client.notify("signoff/quit", {"by_person": by_person})
        client.ask("shutdown", None)
        os.kill(client.process.pid, signal.SIGKILL)
        client.process.wait(deadline())
    assert closes() == {"a.py": "lost" if by_person is False else "ended"}
    writers = [one for one in count_steps(sessions()[0]).writers if one.source == "lsp"]
    assert [one.is_killed for one in writers] == [False]


@pytest.mark.parametrize("is_quit", [False, True])
def test_what_was_sent_before_a_signal_is_still_read(workspace: Path, is_quit: bool) -> None:
    kept, _ = _files(workspace)
    long = f"{EMOJI}{'x' * 20_000}"
    with bridge() as client:
        client.initialize()
        uri = client.open(kept)
        wait_for_records(RecordKind.LSP, 1)
        os.kill(client.process.pid, signal.SIGSTOP)
        client.change(uri, 2, at(0, 0, 0, 0, long))
        client.change(uri, 3, at(0, 0, 0, 0, long))
        if is_quit:
            client.notify("exit", None)
        os.kill(client.process.pid, signal.SIGTERM)
        os.kill(client.process.pid, signal.SIGCONT)
        client.process.wait(deadline())
    assert folded(uri, Encoding.UTF16) == f"{long}{long}one\n"
    assert closes() == {"a.py": "ended" if is_quit else "lost"}


def test_what_was_closed_in_a_pause_is_closed_when_recording_goes_on(workspace: Path) -> None:
    kept, closed = _files(workspace)
    with bridge() as client:
        client.initialize()
        client.open(kept)
        uri = client.open(closed)
        wait_for_records(RecordKind.LSP, 2)
        control("pause")
        wait_until(lambda: client.status()["reason"] == "paused", "the pause")
        client.close(uri)
        assert client.status()["reason"] == "paused"
        assert closes() == {}
        control("resume")
        wait_for_records(RecordKind.ANCHOR, 1)
        assert closes() == {"b.py": "closed"}
        client.quit()
    assert closes() == {"a.py": "ended", "b.py": "closed"}
