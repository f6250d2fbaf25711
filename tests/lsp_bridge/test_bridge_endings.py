"""However an editor ends, what was open in it is closed in the journal, with the reason."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from signoff_collector.capture.journal import RecordKind
from support_bridge import EMOJI, at, bridge, closes, control, records, wait_for_records
from support_deadline import deadline, wait_until


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
