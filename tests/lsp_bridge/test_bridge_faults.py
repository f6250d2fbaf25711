"""Whatever a client, a disk or a workspace does wrong: the bridge answers and goes on."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from signoff_collector.capture.journal import RecordKind, read_journal
from signoff_collector.seal.positions import Encoding
from support_bridge import (
    BRIDGE,
    EMOJI,
    anchors,
    at,
    bridge,
    enable,
    folded,
    frame,
    journals,
    lsp_records,
    records,
    sessions,
    wait_for_records,
)
from support_deadline import deadline, wait_until
from support_decoy import make_decoy_project


@pytest.fixture
def workspace(tmp_path: Path, home: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    return folder


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


def test_never_record_and_ignored_files_leave_no_trace(workspace: Path) -> None:
    subprocess.run(["git", "init", "-q", str(workspace)], check=True, timeout=deadline())
    (workspace / ".gitignore").write_text("build/\n")
    (workspace / ".signoffignore").write_text("private.py\n")
    (workspace / "build").mkdir()
    names = [
        ".env",
        "id_rsa",
        "build/out.txt",
        "private.py",
        ".git/description",
        "a.py.swp",
        "kept.py",
    ]
    with bridge() as client:
        client.initialize()
        for name in names:
            path = workspace / name
            path.write_text(f"planted-{name}\n")
            uri = client.open(path)
            client.change(uri, 2, at(0, 0, 0, 0, EMOJI + "planted"))
            client.save(uri, "planted-save")
            client.notify("signoff/view", {"uri": uri, "ranges": [[0, 1]]})
        client.quit()
    opened = [params["textDocument"]["uri"] for _, params in lsp_records("textDocument/didOpen")]
    assert opened == [(workspace / "kept.py").as_uri()]
    for path in sessions()[0].folder.rglob("*"):
        content = b"" if path.is_dir() else path.read_bytes()
        for name in names[:-1]:
            assert f"planted-{name}".encode() not in content, path.name


def test_text_of_unrecorded_files_is_not_in_memory(workspace: Path) -> None:
    """THREATS 8: the text of a never-record file is not held, although it is open."""
    secret, planted = workspace / ".env", "planted" + "-in-memory-" + str(os.getpid())
    secret.write_text("x")
    with bridge() as client:
        client.initialize()
        uri = client.open(secret, planted * 3)
        client.change(uri, 2, at(0, 0, 0, 0, planted))
        status = client.status()
        client.quit()
    assert status["workspaces"] == []
    assert sessions() == []


def test_a_full_disk_stops_recording_and_says_so(workspace: Path) -> None:
    """A limit on file size stands for the full disk: the same failing write()."""
    file = workspace / "a.py"
    file.write_text("a\n")
    limited = ["sh", "-c", 'ulimit -f 64 && exec "$@"', "sh", *BRIDGE]
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


def test_an_unusable_home_is_said_and_nothing_is_recorded(tmp_path: Path) -> None:
    inside = tmp_path / "repository"
    (inside / ".git").mkdir(parents=True)
    file = inside / "a.py"
    file.write_text("a\n")
    with bridge(SIGNOFF_HOME=str(inside / "home")) as client:
        client.initialize()
        uri = client.open(file)
        client.change(uri, 2, at(0, 0, 0, 0, EMOJI))
        wait_until(client.shown, "a word about the home")
        assert not client.status()["recording"]
        assert client.quit() == 0
    assert "records nothing" in client.shown()[0]
    assert sorted(path.name for path in inside.iterdir()) == [".git", "a.py"]


def test_nothing_appears_in_the_workspace(workspace: Path) -> None:
    subprocess.run(["git", "init", "-q", str(workspace)], check=True, timeout=deadline())
    file = workspace / "a.py"
    file.write_text("a\n")
    before = sorted(path.relative_to(workspace) for path in workspace.rglob("*"))
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        client.change(uri, 2, at(0, 0, 0, 0, EMOJI))
        client.save(uri)
        client.quit()
    assert sorted(path.relative_to(workspace) for path in workspace.rglob("*")) == before


def test_modules_of_the_recorded_project_are_not_run(workspace: Path) -> None:
    canary = make_decoy_project(workspace)
    file = workspace / "main.py"
    environ = {"PYTHONPATH": str(workspace), "PYTHONSTARTUP": str(workspace / "json.py")}
    with bridge(cwd=workspace, **environ) as client:
        client.initialize()
        client.change(client.open(file), 2, at(0, 0, 0, 0, EMOJI))
        assert client.quit() == 0
    assert not canary.exists()
    assert len(lsp_records()) == 2


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


def test_an_expiring_or_unconfirmed_opt_in_is_announced(workspace: Path) -> None:
    from signoff_collector.capture.workspaces import Workspaces
    from signoff_collector.home import resolve_home
    from signoff_schemas.words import Owner

    Workspaces(resolve_home()).enable(workspace, owner=Owner.MINE, is_confirmed=False)
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        client.open(file)
        wait_until(client.shown, "the announcement")
        client.open(workspace / "b.py", "b\n")
        client.status()
        client.quit()
    assert len(client.shown()) == 1
    assert "not confirmed by a person" in client.shown()[0]


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
