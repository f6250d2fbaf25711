"""Whatever a client, a disk or a workspace does wrong: the bridge answers and goes on."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from tests.support.bridge import (
    BRIDGE,
    EMOJI,
    anchors,
    at,
    bridge,
    folded,
    frame,
    journals,
    lsp_records,
    records,
    sessions,
    wait_for_records,
)
from tests.support.deadline import deadline, wait_until

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.text.positions import Encoding

pytestmark = pytest.mark.slow


def test_malformed_frames_get_an_answer_and_cost_only_themselves(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        client.send(b"Nonsense: 1\r\n\r\n" + frame([1, 2]) + b"Content-Length: 4\r\n\r\n{..}")
        client.send(b'Content-Length: 5\r\n\r\n{"jsonrpc":"2.0"}')
        client.notify("textDocument/didChange", {"textDocument": 1, "contentChanges": {}})
        client.notify("textDocument/didOpen", [])
        client.notify("textDocument/didOpen", {"textDocument": {"uri": 3, "text": None}})
        client.notify("textDocument/didSave", {"textDocument": [uri]})
        client.notify("textDocument/didClose", None)
        client.notify("$/progress", {"token": 1})
        client.change(uri, 2, at(0, 0, 0, 0, EMOJI))
        unknown = client.ask("unheard/of", {"a": 1})
        odd = client.ask("workspace/executeCommand", {"command": 7})
        assert client.quit() == 0
    errors = [message["error"]["code"] for message in client.messages if "error" in message]
    assert errors
    assert set(errors) == {-32700}
    assert unknown["error"]["code"] == -32601
    assert "error" in odd
    assert folded(uri, Encoding.UTF16) == EMOJI + "a\n"


@pytest.mark.parametrize("seed", range(4))
def test_a_stream_with_random_faults_never_ends_the_bridge(workspace: Path, seed: int) -> None:
    print("seed", seed)  # noqa: T201 shown when it fails
    chance = random.Random(seed)  # noqa: S311 a repeatable stream
    file = workspace / "a.py"
    file.write_text("a\n")
    uri = file.as_uri()
    good = [
        frame({"jsonrpc": "2.0", "method": method, "params": params})
        for method, params in (
            ("textDocument/didOpen", {"textDocument": {"uri": uri, "version": 1, "text": EMOJI}}),
            ("textDocument/didChange", {"textDocument": {"uri": uri, "version": -5},
                                        "contentChanges": [at(0, 1, 9, 9, EMOJI)]}),
            ("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2},
                                        "contentChanges": [{"text": EMOJI * 3}, {"range": 5}]}),
            ("textDocument/didSave", {"textDocument": {"uri": uri}, "text": "a\n"}),
            ("signoff/evidence", {"uri": uri, "version": "x"}),
            ("signoff/text", {"uri": uri, "text": 5}),
            ("textDocument/didClose", {"textDocument": {"uri": uri}}),
        )
    ]  # fmt: skip
    with bridge() as client:
        client.initialize()
        for _ in range(150):
            data = bytearray(chance.choice(good))
            if chance.random() < 0.5:
                place = chance.randrange(len(data))
                data[place : place + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
            client.send(bytes(data))
        # A frame that promised too much swallows what follows: give it enough to eat.
        client.send(b"\n" * (1 << 20))
        client.send(b"\r\n\r\n" + frame({"jsonrpc": "2.0", "method": "$/x", "params": {}}))
        status = client.status()
        assert client.hang_up() == 0
    assert "workspaces" in status
    for session in sessions():
        for path in journals(session):
            reading = read_journal(path)
            assert reading.left_bytes == reading.unreadable == 0


def test_requests_out_of_turn_are_refused(tmp_path: Path, home: Path) -> None:
    with bridge() as client:
        early = client.ask("shutdown", None)
        client.initialize()
        twice = client.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        client.ask("shutdown", None)
        late = client.ask("signoff/status", {})
        client.notify("exit", None)
        assert client.process.wait(deadline()) == 0
    assert early["error"]["code"] == -32002
    assert twice["error"]["code"] == -32600
    assert late["error"]["code"] == -32600


def test_an_initialize_that_pygls_cannot_read_is_answered(tmp_path: Path, home: Path) -> None:
    with bridge() as client:
        answer = client.ask("initialize", {"capabilities": "none", "processId": {}})
        assert client.hang_up() == 0
    assert answer["error"]["code"] in {-32602, -32603}


def test_exit_without_shutdown_has_exit_code_1(tmp_path: Path, home: Path) -> None:
    with bridge() as client:
        client.initialize()
        client.notify("exit", None)
        assert client.process.wait(deadline()) == 1


def test_a_change_before_open_is_kept_and_the_text_asked_for(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("one\n")
    uri = file.as_uri()
    with bridge() as client:
        client.initialize()
        client.notify("signoff/hello", {"protocol": 1, "anchors": True})
        client.change(uri, 5, at(0, 0, 0, 0, EMOJI))
        client.change(uri, 6, at(0, 0, 0, 0, "x"))
        wait_until(
            lambda: any(message.get("method") == "signoff/anchor" for message in client.messages),
            "the bridge to ask for the text",
        )
        client.notify(
            "signoff/text", {"uri": uri, "version": 6, "text": f"x{EMOJI}one\n", "languageId": "p"}
        )
        client.change(uri, 7, at(0, 0, 0, 0, "y"))
        client.quit()
    assert len(lsp_records("textDocument/didChange")) == 3
    assert [anchor["text"] for anchor in anchors()] == [f"x{EMOJI}one\n"]
    assert folded(uri, Encoding.UTF16) == f"yx{EMOJI}one\n"


def test_odd_versions_and_ranges_outside_are_kept_as_they_came(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text(f"{EMOJI}\n")
    versions = [7, 7, 3, 100, -1]
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        for version in versions:
            client.change(uri, version, at(50, 3, 60, 1, "x"), at(0, 900, 0, 2, EMOJI))
        unversioned = {"textDocument": {"uri": uri}, "contentChanges": [at(0, 0, 0, 0, "v")]}
        client.notify("textDocument/didChange", unversioned)
        assert client.quit() == 0
    kept = [params["textDocument"].get("version") for _, params in lsp_records()[1:]]
    assert kept == [*versions, None]


def test_a_full_disk_stops_recording_and_says_so(workspace: Path) -> None:
    """A limit on file size stands for the full disk: the same failing write()."""
    file = workspace / "a.py"
    file.write_text("a\n")
    limited = ["sh", "-c", 'ulimit -f 256 && exec "$@"', "sh", *BRIDGE]
    with bridge(limited) as client:
        client.initialize()
        uri = client.open(file)
        for version in range(2, 2000):
            client.change(uri, version, at(0, 0, 0, 0, EMOJI))
        shown = wait_until(client.shown, "a word about it")
        assert client.status()["workspaces"][0]["state"] == "stopped"
        client.change(uri, 2000, at(0, 0, 0, 0, "x"))
        assert client.quit() == 0
    assert len(shown) == 1
    assert "stopped recording project" in shown[0]
    reading = read_journal(journals(sessions()[0])[0])
    assert reading.left_bytes == 0
    assert len(reading.records) > 100


def test_a_large_document_costs_no_more_per_change_in_the_journal(workspace: Path) -> None:
    file = workspace / "large.txt"
    file.write_text("".join(f"{number:07} {'x' * 90}\n" for number in range(52_000)))
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        wait_for_records(RecordKind.LSP, 1)
        size = journals(sessions()[0])[0].stat().st_size
        for version in range(2, 3002):
            client.change(uri, version, at(version, 8, version, 9, EMOJI))
        client.quit()
    assert journals(sessions()[0])[0].stat().st_size - size < 3000 * 500
    text = folded(uri, Encoding.UTF16)
    assert text is not None
    assert text.count(EMOJI) == 3000


def test_the_verb_becomes_the_bridge(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    argv = [sys.executable, "-I", "-m", "signoff_collector", "lsp", "--stdio"]
    with bridge(argv) as client:
        client.initialize()
        client.change(client.open(file), 2, at(0, 0, 0, 0, EMOJI))
        assert client.quit() == 0
    assert len(lsp_records()) == 2


def test_what_a_crash_prints_quotes_no_text(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("planted-text\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        client.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2},
                                                 "contentChanges": ["planted-change"]})  # fmt: skip
        client.ask("workspace/executeCommand", {"command": "planted-command", "arguments": [1]})
        client.quit()
        assert client.process.stderr is not None
        said = client.process.stderr.read()
    assert b"planted" not in said


def test_records_hold_the_time_at_which_a_message_came(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        client.change(uri, 2, {"text": EMOJI})
        client.change(uri, 3, at(0, 0, 0, 0, "x"))
        client.quit()
    times = [record.t_boot_ns for record in records() if record.kind == RecordKind.LSP]
    assert times == sorted(times)


@pytest.mark.parametrize(
    "place",
    [
        "signoff_bridge.recording.recorder:Recorder.handle",
        "signoff_bridge.recording.textwork:TextWork._decide",
        "signoff_bridge.recording.recordings:join",
        "signoff_bridge.answers.pulse:Pulse.look",
        "signoff_bridge.service:Service.__init__",
        "signoff_bridge.protocol.features:make_server",
    ],
)
def test_a_fault_of_ours_does_not_disturb_the_editor(workspace: Path, place: str) -> None:
    """P7: whatever breaks inside, the process goes on and ends when the editor does."""
    broken = (
        "import importlib, os, sys\n"
        f"module, _, name = {place!r}.partition(':')\n"
        "owner = importlib.import_module(module)\n"
        "*path, last = name.split('.')\n"
        "for part in path: owner = getattr(owner, part)\n"
        "def fail(*a, **k): raise RuntimeError('planted-fault')\n"
        "setattr(owner, last, staticmethod(fail) if path else fail)\n"
        "from signoff_bridge.__main__ import main\n"
        "os._exit(main())\n"
    )
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge([sys.executable, "-I", "-c", broken]) as client:
        client.notify("initialized", {})
        params = {"processId": None, "rootUri": None, "capabilities": {}}
        first = client.ask("initialize", params)
        assert ("error" in first) == ("make_server" in place)
        uri = client.open(file)
        for version in range(2, 20):
            client.change(uri, version, at(0, 0, 0, 0, EMOJI))
        client.save(uri)
        if "make_server" not in place:
            assert "workspaces" in str(client.ask("signoff/status", {})) or "Service" in place
        assert client.hang_up() == 0
        assert client.process.stderr is not None
        assert b"planted" not in client.process.stderr.read()
