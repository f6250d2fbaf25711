"""Commands, operations on files and sharing, through the real bridge into its journal."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from tests.support.bridge import (
    EMOJI,
    Client,
    at,
    bridge,
    enable,
    holding,
    journals,
    lsp_records,
    records,
    sessions,
    wait_for_records,
)
from tests.support.deadline import wait_until

from signoff_collector.capture.journal.control import ControlState, control_state
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.opt_in.command_patterns import add_patterns
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.slow


def _steps(kind: str) -> list[dict[str, Any]]:
    found = (dict(record.fields) for record in records(RecordKind.STEP))
    return [step for step in found if step.get("kind") == kind]


def _run(client: Client, cwd: Path, line: str, number: int = 1, **more: object) -> None:
    output = {"head": f"{EMOJI}\n", "tail": "", "size_bytes": 9}
    told = {"id": f"t-{number}", "via": "terminal", "line": line, "cwd": str(cwd),
            "started_ago_ms": 20, "duration_ms": 10, "exit_code": 0, "output": output}  # fmt: skip
    client.notify("signoff/command", {**told, **more})


def _files(client: Client, what: str, *files: dict[str, str]) -> None:
    client.notify(f"workspace/did{what}Files", {"files": list(files)})


def _control() -> ControlState:
    return control_state(sessions()[0].control_lines())


def test_a_command_begins_a_session_and_is_written_once(workspace: Path, tmp_path: Path) -> None:
    with bridge() as client:
        client.initialize()
        _run(client, tmp_path, "ls outside", 1)
        _run(client, workspace, "make", 2)
        _run(client, workspace, "make", 2)
        _run(client, workspace, "signoff review", 3)
        _run(client, workspace, "make again", 4)
        wait_for_records(RecordKind.STEP, 2)
        client.quit()
    assert [step["line"] for step in _steps("command")] == ["make", "make again"]
    assert not holding(sessions()[0].folder, b"outside")


def test_a_line_is_what_the_hook_of_its_shell_says_and_a_private_one_is_not_told(
    workspace: Path,
) -> None:
    with bridge() as client:
        client.initialize()
        _run(client, workspace, "make", 1, shell_pid=4711)  # before its shell told of anything
        wait_for_records(RecordKind.STEP, 1)
        clock = SystemClock()
        records_ = (
            "", "shell", "4", "1", "bash", "5.2", "1",
            *_spooled(1, clock.boot_ns() - 2 * 10**9, f"cd x && make {EMOJI}"),
            *_spooled(2, clock.boot_ns(), None),
        )  # fmt: skip
        spool = sessions()[0].folder / "shell-4711-0a0b0c0d.spool"
        spool.write_bytes("\0".join((*records_, "")).encode())
        _run(client, workspace, "echo classified", 2, shell_pid=4711)
        _run(client, workspace, "cd x", 3, shell_pid=4711, started_ago_ms=2_000)
        _run(client, workspace, "make again", 4, shell_pid=4712)
        wait_for_records(RecordKind.STEP, 3)
        client.quit()
    assert [step["line"] for step in _steps("command")] == [
        "make", f"cd x && make {EMOJI}", "make again",
    ]  # fmt: skip
    assert not any(holding(sessions()[0].folder, b"classified"))


def test_a_busy_editor_tells_late_and_each_line_keeps_its_own_exit_code(workspace: Path) -> None:
    lines = [("cat a.py", 0), (f"sh -c 'exit 3' {EMOJI}", 3), ("cd . && echo two | cat", 0),
             ("cd .. | cat", 0), (None, 0), ("true", 0), ("true", 1)]  # fmt: skip
    seen = [lines[0], lines[1], ("cd .", 0), ("cd ..", 0), ("echo hidden", 0), *lines[5:]]
    with bridge() as client:
        client.initialize()
        _run(client, workspace, "make", 1)
        wait_for_records(RecordKind.STEP, 1)
        now_ns = SystemClock().boot_ns()
        spool = sessions()[0].folder / "shell-4711-0a0b0c0d.spool"
        told = [
            _spooled(number, now_ns - (len(lines) - number) * 10**8, line, code)
            for number, (line, code) in enumerate(lines, start=1)
        ]
        parts = ("", "shell", "4", "1", "bash", "5.2", "1", *sum(told, ()), "")
        spool.write_bytes("\0".join(parts).encode())
        for number, (line, code) in enumerate(seen, start=2):
            _run(client, workspace, str(line), number, shell_pid=4711, exit_code=code)
        _run(client, workspace, "of no line there", 10, shell_pid=4711)
        wait_for_records(RecordKind.STEP, 7)
        client.quit()
    assert [(step["line"], step["exit_code"]) for step in _steps("command")] == [
        ("make", 0), *(one for one in lines if one[0] is not None)
    ]  # fmt: skip
    assert not any(holding(sessions()[0].folder, b"hidden"))


def _spooled(number: int, boot_ns: int, line: str | None, code: int = 0) -> tuple[str, ...]:
    """Return the records of a hook about one line, a private one for None."""
    n, uptime = str(number), f"{boot_ns / 10**9:.2f}"
    begun = (
        ("private", "3", n, uptime, "") if line is None
        else ("begin", "6", n, uptime, "", "/", "", line)
    )  # fmt: skip
    return ("", *begun, "", "end", "4", n, uptime, "", str(code))


def test_a_line_that_the_person_keeps_out_leaves_a_silence_only(workspace: Path) -> None:
    add_patterns(resolve_home(), None, ["fake-cloud *"])
    with bridge() as client:
        client.initialize()
        _run(client, workspace, "make", 1)
        _run(client, workspace, f"sudo fake-cloud login {EMOJI}", 2)
        wait_for_records(RecordKind.STEP, 2)
        client.quit()
    assert [step["line"] for step in _steps("command")] == ["make"]
    assert [step["reason"] for step in _steps("gap")] == ["private"]
    assert not holding(sessions()[0].folder, b"fake-cloud")


def test_a_value_of_the_environment_never_reaches_the_journal(workspace: Path) -> None:
    seed = 20261122
    print(f"seed {seed}")  # noqa: T201  pytest shows it where a test fails
    token = "".join(random.Random(seed).choices("abcdefghijklmnop0123456789", k=32))  # noqa: S311  a test's seed
    output = {"head": f"{token}\n", "tail": "", "size_bytes": 33}
    with bridge(DEPLOY_TOKEN=token) as client:
        client.initialize()
        _run(client, workspace, f"curl -H {token} {EMOJI}", output=output)
        wait_for_records(RecordKind.STEP, 1)
        client.quit()
    (step,) = _steps("command")
    assert step["line"] == f"curl -H REDACTED_VALUE {EMOJI}"
    assert step["output"]["head"] == "REDACTED_VALUE\n"
    assert not holding(sessions()[0].folder, token.encode())


def test_the_order_of_a_command_between_two_changes_is_kept(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        client.change(uri, 2, at(0, 0, 0, 0, EMOJI))
        _run(client, workspace, "make")
        client.change(uri, 3, at(0, 0, 0, 0, "x"))
        wait_for_records(RecordKind.LSP, 3)
        client.quit()
    kinds = [
        record.kind for record in records() if record.kind in (RecordKind.LSP, RecordKind.STEP)
    ]
    closed_at_the_end = kinds.pop()
    assert closed_at_the_end == RecordKind.LSP
    assert kinds == [RecordKind.LSP, RecordKind.LSP, RecordKind.STEP, RecordKind.LSP]


@pytest.mark.parametrize(
    "params",
    [None, 7, [], {"line": "x" * 100_000}, {"cwd": "/", "line": "a\0b"}, {"id": {"a": []}}],
    ids=str,
)
def test_nonsense_costs_nothing_but_itself(workspace: Path, params: object) -> None:
    with bridge() as client:
        client.initialize()
        for method in ("signoff/command", "signoff/shared", "signoff/repository",
                       "workspace/didRenameFiles", "workspace/didDeleteFiles"):  # fmt: skip
            client.notify(method, params)
        _run(client, workspace, "make")
        wait_until(lambda: _steps("command"), "the command behind it")
        assert client.quit() == 0


def test_an_operation_on_a_file_is_told_by_its_old_and_new_name(workspace: Path) -> None:
    (workspace / "new.py").write_text(EMOJI)
    (workspace / "b.py").write_text(EMOJI)
    (workspace / ".env").write_text("A=1")
    (workspace / "folder").mkdir()
    uris = {name: (workspace / name).as_uri() for name in
            ("old.py", "new.py", "b.py", ".env", "gone.py", "folder", "c.py")}  # fmt: skip
    with bridge() as client:
        able = {"didCreate": True, "didRename": True, "didDelete": True}
        result = client.initialize(capabilities={"workspace": {"fileOperations": able}})
        _files(client, "Rename", {"oldUri": uris["old.py"], "newUri": uris["new.py"]})
        _files(client, "Rename", {"oldUri": uris["c.py"], "newUri": uris[".env"]})
        _files(client, "Create", {"uri": uris["b.py"]}, {"uri": uris[".env"]},
               {"uri": uris["folder"]}, {"uri": "untitled:Untitled-1"})  # fmt: skip
        _files(client, "Delete", {"uri": uris["gone.py"]}, {"uri": uris[".env"]})
        wait_for_records(RecordKind.STEP, 4)
        client.quit()
    told = [(step["kind"], step["path"], step.get("old_path")) for step in
            (dict(record.fields) for record in records(RecordKind.STEP))]  # fmt: skip
    assert told == [
        ("rename", str(workspace / "new.py"), str(workspace / "old.py")),
        ("delete", str(workspace / "c.py"), None),
        ("create", str(workspace / "b.py"), None),
        ("delete", str(workspace / "gone.py"), None),
    ]
    operations = result["capabilities"]["workspace"]["fileOperations"]
    assert {"didCreate", "didRename", "didDelete"} <= set(operations)


def test_a_file_that_moves_between_two_workspaces_is_gone_here_and_new_there(
    workspace: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    enable(other)
    (other / "a.py").write_text(EMOJI)
    named = {"oldUri": (workspace / "a.py").as_uri(), "newUri": (other / "a.py").as_uri()}
    with bridge() as client:
        client.initialize()
        _files(client, "Rename", named)
        wait_for_records(RecordKind.STEP, 2)
        client.quit()
    told = {(step.fields["kind"], step.fields["path"]) for step in records(RecordKind.STEP)}
    assert told == {("delete", str(workspace / "a.py")), ("create", str(other / "a.py"))}


def test_nothing_is_recorded_while_the_editor_is_shared(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        wait_for_records(RecordKind.LSP, 1)
        client.notify("signoff/shared", {"active": True})
        client.change(uri, 2, at(0, 0, 0, 0, "hidden" + EMOJI))
        _run(client, workspace, "make hidden")
        wait_until(lambda: _control().pause_reason == "shared", "the pause of all writers")
        (row,) = client.status()["workspaces"]
        assert (row["state"], row["pause"]) == ("paused", "shared")
        client.ask("workspace/executeCommand", {"command": "signoff.resume", "arguments": []})
        assert client.status()["reason"] == "paused"
        assert b"hidden" not in journals(sessions()[0])[0].read_bytes()
        client.notify("signoff/shared", {"active": False})
        wait_for_records(RecordKind.ANCHOR, 1)
        client.change(uri, 3, at(0, 0, 0, 0, "x"))
        wait_for_records(RecordKind.LSP, 2)
        client.quit()
    assert [method for method, _ in lsp_records()][1] == "textDocument/didChange"
    assert records(RecordKind.ANCHOR)[0].fields["while_paused"] is True
    assert not _steps("command")


def test_the_end_of_sharing_does_not_end_the_pause_of_a_person(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        client.open(file)
        wait_for_records(RecordKind.LSP, 1)
        client.ask("workspace/executeCommand", {"command": "signoff.pause", "arguments": []})
        client.notify("signoff/shared", {"active": True})
        client.notify("signoff/shared", {"active": False})
        wait_until(lambda: client.status()["reason"] == "paused", "the pause")
        assert _control().pause_reason == "paused"
        assert client.status()["workspaces"][0]["pause"] == "paused"
        client.quit()
