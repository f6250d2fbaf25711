"""Pause, resume, enable, disable, forget, stop: in force while the editor runs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.support.bridge import (
    EMOJI,
    anchors,
    at,
    bridge,
    control,
    disable,
    enable,
    folded,
    journals,
    lsp_records,
    records,
    sessions,
    wait_for_records,
)
from tests.support.clock import FakeClock
from tests.support.deadline import wait_until

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.opt_in.workspaces import DAY_NS, LASTS_DAYS, Workspaces
from signoff_collector.capture.sessions.seal_notes import sealed_as
from signoff_collector.own_files.home import resolve_home
from signoff_collector.own_files.private_files import replace_private
from signoff_collector.text.positions import Encoding
from signoff_collector.workspaces.enabled_list import FOREVER_NS
from signoff_schemas.words import Owner

pytestmark = pytest.mark.slow


def test_pause_and_resume_take_effect_without_a_restart(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        wait_for_records(RecordKind.LSP, 1)
        control("pause")
        wait_until(lambda: client.status()["reason"] == "paused", "the pause")
        client.change(uri, 2, at(0, 0, 0, 0, "hidden" + EMOJI))
        client.status()
        assert b"hidden" not in journals(sessions()[0])[0].read_bytes()
        control("resume")
        wait_for_records(RecordKind.ANCHOR, 1)
        client.change(uri, 3, at(0, 0, 0, 0, "x"))
        client.quit()
    (anchor,) = anchors()
    assert anchor["while_paused"] is True
    assert anchor["text"] == "hidden" + EMOJI + "a\n"
    assert folded(uri, Encoding.UTF16) == "xhidden" + EMOJI + "a\n"


def test_a_look_between_the_two_files_of_the_opt_ins_misses_nothing(workspace: Path) -> None:
    """They are written one after the other; what is read is in the second."""
    file = workspace / "a.py"
    file.write_text(f"a {EMOJI}\n")
    config = resolve_home().config
    workspaces = Workspaces(resolve_home())
    (found,) = workspaces.all()
    with bridge() as client:
        client.initialize()
        client.open(file)

        def looked() -> object:
            return client.ask("workspace/executeCommand", {"command": "signoff.stop"})["result"]

        workspaces.set_pause({found.identifier}, FOREVER_NS)
        looked()
        assert client.status()["reason"] == "paused"
        old = (config / "workspaces.json").read_bytes()
        workspaces.set_pause({found.identifier}, None)
        new = (config / "workspaces.json").read_bytes()
        replace_private(config / "workspaces.json", old)
        looked()
        assert client.status()["reason"] == "paused"
        replace_private(config / "workspaces.json", new)
        looked()
        assert client.status()["reason"] == "recording"
        client.quit()


def test_enable_anchors_documents_that_are_open_already(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    file = folder / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        client.change(uri, 2, at(0, 1, 0, 1, EMOJI))
        client.status()
        enable(folder)
        wait_for_records(RecordKind.ANCHOR, 1)
        client.change(uri, 3, at(0, 5, 0, 5, "x"))
        client.quit()
    assert anchors()[0]["while_paused"] is True
    assert anchors()[0]["version"] == 2
    assert folded(uri, Encoding.UTF16) == f"a{EMOJI}x\n"


def test_disable_ends_recording_while_the_editor_runs(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        wait_for_records(RecordKind.LSP, 1)
        disable(workspace)
        wait_until(lambda: not client.status()["recording"], "the end of recording")
        client.change(uri, 2, at(0, 0, 0, 0, "after"))
        client.quit()
    assert len(lsp_records()) == 1


def test_forget_starts_a_new_segment_with_an_anchor(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        client.change(uri, 2, at(0, 0, 0, 0, EMOJI))
        wait_for_records(RecordKind.LSP, 2)
        control("forget")
        wait_for_records(RecordKind.ANCHOR, 1)
        client.quit()
    first, second = (read_journal(path) for path in journals(sessions()[0]))
    assert RecordKind.ANCHOR not in {record.kind for record in first.records}
    assert folded(uri, Encoding.UTF16, second.records) == EMOJI + "a\n"


def test_after_stop_the_next_change_begins_a_session_with_an_anchor(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        wait_for_records(RecordKind.LSP, 1)
        control("stop")
        wait_until(lambda: client.status()["workspaces"][0]["session"] is None, "the stop")
        client.change(uri, 2, at(0, 0, 0, 0, EMOJI))
        wait_for_records(RecordKind.ANCHOR, 1)
        client.quit()
    assert len(sessions()) == 2
    second = read_journal(journals(sessions()[1])[0])
    assert folded(uri, Encoding.UTF16, second.records) == EMOJI + "a\n"


def test_an_editor_with_no_file_open_lets_a_stopped_session_be_sealed(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        wait_for_records(RecordKind.LSP, 1)
        client.close(uri)
        wait_for_records(RecordKind.LSP, 2)
        control("stop")
        wait_until(lambda: not sessions()[0].has_writers(), "the bridge to leave the session")
        client.quit()


def test_editor_commands_pause_resume_and_take_words(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")

    with bridge() as client:
        client.initialize()

        def run(name: str, *arguments: object) -> str:
            params = {"command": f"signoff.{name}", "arguments": list(arguments)}
            return str(client.ask("workspace/executeCommand", params)["result"]["reason"])

        client.open(file)
        run("task", "fix the " + EMOJI)
        wait_for_records(RecordKind.STEP, 1)
        assert run("pause", 5) == "paused"
        assert run("resume") == "recording"
        run("note", "done")
        client.quit()
    words = [(record.fields["kind"], record.fields["text"]) for record in records(RecordKind.STEP)]
    assert words == [("task", "fix the " + EMOJI), ("note", "done")]


def test_an_expiring_or_unconfirmed_opt_in_is_announced(workspace: Path) -> None:
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


def test_a_program_that_enables_while_the_editor_runs_is_announced(
    tmp_path: Path, home: Path
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.py").write_text("a\n")
    workspaces = Workspaces(resolve_home().ensure())
    with bridge() as client:
        client.initialize()
        client.open(folder / "a.py")
        client.status()
        assert client.shown() == []
        workspaces.enable(folder, owner=Owner.MINE, is_confirmed=False)
        wait_until(client.shown, "the announcement")
        workspaces.enable(folder, owner=Owner.MINE, is_confirmed=True)
        client.open(folder / "b.py", EMOJI)
        client.status()
        client.quit()
    (said,) = client.shown()
    assert "not confirmed by a person" in said


def test_an_opt_in_that_lapses_is_said_in_the_open_editor_and_in_the_next(
    tmp_path: Path, home: Path
) -> None:
    folder = tmp_path / "project"
    file = folder / "a.py"
    folder.mkdir()
    file.write_text("a\n")

    def enable_ago(age_ns: int) -> None:
        then = FakeClock(wall_ns=time.time_ns() - age_ns)
        Workspaces(resolve_home().ensure(), then).enable(
            folder, owner=Owner.MINE, is_confirmed=True
        )

    enable_ago(LASTS_DAYS * DAY_NS - DAY_NS // 2)
    with bridge() as client:
        client.initialize()
        client.open(file)
        wait_until(client.shown, "the announcement")
        enable_ago(LASTS_DAYS * DAY_NS + 1)
        wait_until(lambda: len(client.shown()) > 1, "the lapse")
        client.open(folder / "b.py", EMOJI)
        client.status()
        assert client.quit() == 0
    ahead, lapsed = client.shown()
    assert "Recording here ends within a day" in ahead
    assert "ended 30 days" in lapsed
    for name, is_said in (("COMMIT_EDITMSG", False), ("c.py", True)):
        with bridge() as client:
            client.initialize()
            client.open(folder / name, EMOJI)
            client.status()
            assert client.quit() == 0
        assert any("`signoff enable` there" in said for said in client.shown()) is is_said


def test_an_opt_in_that_lapsed_long_ago_is_not_spoken_of(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    long_ago = FakeClock(wall_ns=time.time_ns() - (LASTS_DAYS + 8) * DAY_NS)
    Workspaces(resolve_home().ensure(), long_ago).enable(
        folder, owner=Owner.MINE, is_confirmed=True
    )
    with bridge() as client:
        client.initialize()
        client.open(folder / "a.py", EMOJI)
        client.status()
        assert client.quit() == 0
    assert client.shown() == []


def test_a_session_that_ended_is_sealed_by_a_child(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        client.change(client.open(file), 2, at(0, 0, 0, 0, EMOJI))
        wait_for_records(RecordKind.LSP, 2)
        control("stop")
        wait_until(lambda: sealed_as(sessions()[0]), "the seal of the stopped session")
        assert client.quit() == 0
