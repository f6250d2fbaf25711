"""`status` and plain `signoff`: what is recorded here, what is not, compared with the journals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.support.bridge import EMOJI, at, bridge, enable, lsp_records, records, wait_for_records
from tests.support.cli import signoff
from tests.support.clock import FakeClock
from tests.support.deadline import deadline, wait_until
from tests.support.sessions import workspace

from signoff_collector import __version__
from signoff_collector.capture.files.watch_state import WatchMode, WatchState, write_watch_state
from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.opt_in.workspaces import DAY_NS, Workspaces
from signoff_collector.capture.sessions.sessions import (
    list_sessions,
    note_seal_begun,
    note_seal_failed,
    open_session,
)
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import RefusedError
from signoff_schemas.words import Owner

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    assert not home.exists()
    folder = (tmp_path / "work").resolve()
    folder.mkdir()
    (folder / "a.py").write_text(f"{EMOJI}\n")
    return folder


def status(folder: Path) -> dict[str, Any]:
    said = signoff("status", "--json", cwd=folder)
    assert said.code == 0, said
    row = json.loads(said.out)
    assert isinstance(row, dict)
    return row


def test_where_nothing_is_enabled_it_says_so_and_writes_nothing(folder: Path, home: Path) -> None:
    said = signoff(cwd=folder)
    assert said.code == 0, said
    assert said.out.startswith("Nothing is recorded here")
    assert str(home) in said.out
    assert "signoff enable" in said.out
    assert not home.exists()


def test_plain_signoff_and_status_say_the_same(folder: Path) -> None:
    enable(folder)
    assert signoff(cwd=folder).out == signoff("status", cwd=folder).out


def test_what_is_not_recorded_comes_before_the_counts(folder: Path) -> None:
    enable(folder)
    (folder / ".signoffignore").write_text("!widen.txt\n")
    assert signoff("note", f"here {EMOJI}", cwd=folder).code == 0
    said = signoff("status", cwd=folder).out
    assert said.index("Not recorded here") < said.index("note 1")
    assert "!widen.txt" in said


def test_the_counts_are_those_of_the_journals(folder: Path) -> None:
    enable(folder)
    with bridge() as editor:
        editor.initialize()
        uri = editor.open(folder / "a.py")
        editor.change(uri, 2, at(0, 0, 0, 0, "x"), at(0, 1, 0, 1, "y"))
        editor.change(uri, 3, at(0, 0, 0, 1, ""))
        (folder / "a.py").write_text(f"y{EMOJI}\n")
        editor.save(uri)
        wait_for_records(RecordKind.SAVE, 1)
        wait_until(
            lambda: status(folder)["session"]["counts"] == counted(),
            "the counts of status and of the journals to agree",
        )
        row = status(folder)
        assert row["session"]["counts"]["edit"] == 3
        assert row["session"]["has_writers"] is True
        assert "lsp" in row["session"]["last"]
        assert editor.quit() == 0


def test_the_counts_are_those_of_the_sealed_steps(folder: Path) -> None:
    enable(folder)
    (folder / "b.py").write_text(f"b {EMOJI}\n")
    with bridge() as editor:
        editor.initialize()
        uri = editor.open(folder / "a.py")
        other = editor.open(folder / "b.py")
        editor.change(uri, 2, at(0, 0, 0, 0, "x"), at(0, 1, 0, 1, EMOJI))
        editor.change(other, 2, at(0, 0, 0, 0, "z"))
        (folder / "a.py").write_text(f"x{EMOJI}{EMOJI}\n")
        editor.save(uri)
        editor.close(other)
        editor.notify("signoff/view", {"uri": uri, "version": 2, "ranges": [[0, 1]]})
        editor.notify("signoff/focus", {"gained": False, "to": "other"})
        for name in ("task", "note"):
            command = {"command": f"signoff.{name}", "arguments": [f"said {EMOJI}"]}
            editor.ask("workspace/executeCommand", command)
        # There is a session as soon as the bridge has written its first record, not before.
        wait_for_records(RecordKind.SAVE, 1)
        wait_until(lambda: status(folder)["session"]["counts"].get("focus"), "the last record")
        assert editor.quit() == 0
    told = status(folder)["session"]["counts"]
    sealed = signoff("seal", "--json", cwd=folder)
    assert sealed.code == 0, sealed
    rows = signoff("show", json.loads(sealed.out.splitlines()[-1])["episode"], "--steps", "--json")
    steps = Counter(json.loads(line)["kind"] for line in rows.out.splitlines())
    kinds = ("open", "close", "edit", "save", "view", "focus", "task", "note")
    assert {kind: told.get(kind) for kind in kinds} == {kind: steps[kind] for kind in kinds}
    assert told["edit"] == 3


def test_status_tells_what_is_wrong_and_untold_before_the_counts(folder: Path) -> None:
    enable(folder)
    with bridge() as editor:
        editor.initialize(clientInfo={"name": "Helix", "version": "25.1"})
        uri = editor.open(folder / "a.py")
        wait_for_records(RecordKind.LSP, 1)
        (session,) = list_sessions(resolve_home())
        reason = f"The system reports no changes {EMOJI}."

        def row() -> dict[str, Any] | None:
            """Say it before each look: the real watcher may have just said how it watches."""
            write_watch_state(session, WatchState(mode=WatchMode.SCAN, reason=reason))
            found = status(folder)["session"]
            return found if any(one["text"] == reason for one in found["problems"]) else None

        found = wait_until(row, "the problem")
        assert found["watch"]["mode"] == "scan"
        (file,) = found["files"]
        assert (file["path"], file["open"]) == ("a.py", True)
        assert file["age_s"] >= 0
        writer = next(one for one in found["writers"] if one["source"] == "lsp")
        assert writer == {
            "source": "lsp", "name": "Helix 25.1", "at_work": True, "killed": False,
            "companion": False,
        }  # fmt: skip
        write_watch_state(session, WatchState(mode=WatchMode.SCAN, reason=reason))
        said = signoff("status", cwd=folder).out
        assert "in Helix 25.1: there is no Signoff extension for it" in said
        assert "last from Helix 25.1: " in said
        assert "last in a.py: " in said
        order = [
            said.index(word) for word in ("Not recorded here", "no Signoff extension", "open 1")
        ]
        assert order == sorted(order)
        editor.notify("signoff/hello", {"name": "x", "version": "1", "protocol": 1})
        editor.close(uri)
        wait_until(lambda: not status(folder)["session"]["files"][0]["open"], "the file is closed")
        assert "no Signoff extension" not in signoff("status", cwd=folder).out
        assert editor.quit() == 0


def test_an_editor_that_is_here_and_not_set_up_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("hx", "zsh", "codex"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("SHELL", "/usr/bin/zsh")
    enable(folder)
    lines = status(folder)["not_recorded"]
    assert any(line.startswith("anything in Helix: it is not set up") for line in lines)
    (shells,) = (line for line in lines if line.startswith("commands typed in"))
    assert shells.startswith("commands typed in zsh: not set up (`signoff setup zsh`)"), (
        "the shell of the account, with a start-up file or not"
    )
    assert any(line.startswith("what Codex is asked and does: not set up") for line in lines)


@pytest.mark.parametrize(
    ("called", "is_named"),
    [("Visual Studio Code", False), ("code-server", False), ("VSCodium", False), ("Emacs", True)],
)
def test_an_editor_that_writes_is_not_named_whatever_it_calls_itself(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: str, *, is_named: bool
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "code").write_text("#!/bin/sh\nexit 1\n")
    (programs / "code").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    enable(folder)
    with bridge() as client:
        client.initialize(clientInfo={"name": called, "version": "1.100.0"})
        client.open(folder / "a.py", EMOJI)
        wait_for_records(RecordKind.LSP, 1)
        lines = status(folder)["not_recorded"]
        client.quit()
    assert any(line.startswith("anything in VS Code") for line in lines) == is_named


def counted() -> dict[str, int]:
    found: Counter[str] = Counter()
    for _, params in lsp_records("textDocument/didChange"):
        found["edit"] += len(params["contentChanges"])
    found["open"] = len(lsp_records("textDocument/didOpen")) + len(records(RecordKind.ANCHOR))
    found["save"] = len(records(RecordKind.SAVE))
    for session in list_sessions(resolve_home()):
        for path in session.journals:  # the watchers' too
            told = read_journal(path).records
            found.update(str(one.fields["kind"]) for one in told if one.kind == RecordKind.STEP)
            found["files"] += sum(one.kind == RecordKind.FILES for one in told)
    return {kind: count for kind, count in found.items() if count}


def test_a_failed_seal_is_said_with_what_to_do(folder: Path) -> None:
    enable(folder)
    clock = SystemClock()
    session = open_session(resolve_home(), workspace(folder), clock)
    note_seal_begun(session, clock)
    refusal = RefusedError("a mask could not be verified", hint="Look at line 3.")
    note_seal_failed(session, refusal, clock)
    (resolve_home().sessions / "rubbish").mkdir()
    row = status(folder)
    assert {item["session"] for item in row["blocked"]} == {session.id, "rubbish"}
    said = signoff("status", cwd=folder).out
    assert "a mask could not be verified" in said
    assert "Look at line 3." in said
    rows = [json.loads(line) for line in signoff("list", "--json").out.splitlines()]
    assert {item["state"] for item in rows} == {"blocked", "damaged"}


def test_an_older_bridge_that_still_runs_is_named_a_killed_one_is_not(folder: Path) -> None:
    enable(folder)
    session = open_session(resolve_home(), workspace(folder), SystemClock())
    gone = subprocess.Popen([sys.executable, "-I", "-c", ""])
    gone.wait(deadline())
    for pid, name, text in (
        (os.getpid(), "a", '{"version": "0.0.1"}'),
        (os.getpid(), "b", json.dumps({"version": __version__})),
        (os.getpid(), "c", "["),
        (gone.pid, "d", '{"version": "0.0.2"}'),
    ):
        (session.folder / f"bridge-lsp-{pid}-{name}.json").write_text(text)
    assert status(folder)["session"]["older_releases"] == ["0.0.1"]


def test_a_damaged_list_of_opt_ins_is_11_and_named(folder: Path, home: Path) -> None:
    enable(folder)
    (home / "config" / "workspaces.json").write_text("{")
    said = signoff("status", cwd=folder)
    assert said.code == 11, said
    assert "workspaces.json" in said.err
    assert "hint:" in said.err


def test_a_pause_is_shown_and_recording_goes_on_after_it(folder: Path) -> None:
    enable(folder)
    with bridge() as editor:
        editor.initialize()
        uri = editor.open(folder / "a.py")
        wait_for_records(RecordKind.LSP, 1)
        assert signoff("pause", cwd=folder).code == 0
        assert status(folder)["state"] == "paused"
        wait_until(lambda: not editor.status()["recording"], "the bridge to obey the pause")
        editor.change(uri, 2, at(0, 0, 0, 0, "while-paused "))
        assert not editor.status()["recording"], "the change was taken while it was paused"
        assert signoff("note", "x", cwd=folder).code == 13
        assert not lsp_records("textDocument/didChange")
        assert signoff("resume", cwd=folder).code == 0
        assert status(folder)["recorded"] is True
        wait_until(lambda: records(RecordKind.ANCHOR), "the text after the pause")
        anchor = records(RecordKind.ANCHOR)[-1].fields
        assert anchor["while_paused"] is True
        assert str(anchor["text"]).startswith("while-paused ")
        assert editor.quit() == 0


def test_disable_and_enable_take_effect_in_an_open_editor(folder: Path) -> None:
    enable(folder)
    with bridge() as editor:
        editor.initialize()
        uri = editor.open(folder / "a.py")
        wait_for_records(RecordKind.LSP, 1)
        assert signoff("disable", cwd=folder).code == 0
        wait_until(lambda: not editor.status()["recording"], "the bridge to let go")
        editor.change(uri, 2, at(0, 0, 0, 0, "off "))
        assert not editor.status()["recording"], "the change was taken while it was off"
        assert signoff("enable", "--yes", cwd=folder).code == 0
        wait_until(lambda: records(RecordKind.ANCHOR), "the text after enabling again")
        assert not lsp_records("textDocument/didChange")
        assert len(list_sessions(resolve_home())) == 2
        assert editor.quit() == 0


@pytest.mark.parametrize(
    ("days", "words"),
    [(26, None), (27, "ends in 3 days"), (29, "ends within a day"), (30, "ended 30 days after")],
)
def test_the_end_of_an_opt_in_is_said_three_days_ahead_and_when_it_came(
    tmp_path: Path, home: Path, days: int, words: str | None
) -> None:
    place = tmp_path / "lasting"
    place.mkdir()
    then = FakeClock(wall_ns=time.time_ns() - days * DAY_NS - 10**9)
    Workspaces(resolve_home().ensure(), then).enable(place, owner=Owner.MINE, is_confirmed=True)
    said = signoff("status", cwd=place).out
    assert ("ends " in said) is (words is not None and days < 30), said
    assert words is None or words in said, said
    assert ("`signoff enable` renews it" in said) is (words is not None and days < 30)
    assert ("`signoff enable` records again" in said) is (days == 30)
