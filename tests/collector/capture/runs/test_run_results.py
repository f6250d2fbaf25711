"""`signoff run` with other runners, unsaved editors and agents: what the journal says of it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.runs import Project, outcomes

from signoff_collector.capture.journal.journal import JournalWriter, RecordKind
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.runs import run_recording
from signoff_collector.capture.runs.run_recording import begin_recording
from signoff_collector.capture.runs.running import Ending
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.capture.tallies.unsaved_files import UnsavedFiles
from signoff_collector.system.clock import SystemClock

GO_STREAM = Path(__file__).parents[1] / "reports" / "go_1_19.jsonl"
JUNIT = (
    "<testsuite name='Linux-c++'><testcase name='sums 🎉' status='run'/>"
    "<testcase name='taxes' status='fail'><failure message='𝄞'/></testcase></testsuite>"
)


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Iterator[Project]:
    del home
    made = Project.create(tmp_path / "work")
    yield made
    made.end()


def program(project: Project, name: str, body: str) -> dict[str, str]:
    """Put a program of this name first on PATH; it stands for a runner that is not here."""
    folder = project.tree.root.parent / "programs"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_go_tests_are_read_from_the_output_as_it_goes_by(project: Project) -> None:
    project.tree.write("go.mod", "module example.org/shop\n")
    env = program(project, "go", f"cat {shlex.quote(str(GO_STREAM))}; exit 1")
    project.tree.write("Makefile", "test:\n\t@go test -json ./...\n")
    result = project.run("go", "test", "-json", "./...", env=env)
    assert (result.returncode, result.stdout) == (1, GO_STREAM.read_bytes())
    project.run("make", "-s", "test", env=env)
    direct, made = project.steps("tests")
    assert outcomes(direct) == outcomes(made)
    assert outcomes(direct)["example.org/shop/cart::TestSum/wrong/𝄞"] == "failed"
    assert (direct["framework"], direct["exit_code"], direct["not_run"]) == ("go", 1, 1)
    assert made["framework"] == "go"
    assert "exit_code" not in made, "2 was make's own"
    frames = [case["frame"] for case in direct["cases"] if case["frame"]]  # type: ignore[attr-defined]  # a list
    assert {"path": "cart/cart_test.go", "line": 15} in frames
    assert {"path": "crash_test.go", "line": 12} in frames, "outside the workspace: its name only"


def test_two_runners_of_one_command_are_both_told(project: Project) -> None:
    env = program(project, "go", f"cat {shlex.quote(str(GO_STREAM))}; exit 1")
    project.tree.write("test_a.py", "def test_1(): pass\n")
    pytest_line = f"{sys.executable} -m pytest -q -p no:cacheprovider"
    project.tree.write("Makefile", f"test:\n\t@{pytest_line}\n\t@go test -json ./...\n")
    project.run("make", "-s", "test", env=env)
    assert sorted(str(step["framework"]) for step in project.steps("tests")) == ["go", "pytest"]
    assert len(project.step("command")["run_ids"]) == 2  # type: ignore[arg-type]  # a list


def test_a_report_that_the_words_name_is_read_and_is_no_change_of_the_code(
    project: Project,
) -> None:
    body = f'printf %s {shlex.quote(JUNIT)} > "$2"; exit 8'
    env = program(project, "ctest", body)
    assert project.run("ctest", "--output-junit", "out.xml", env=env).returncode == 8
    step = project.step("tests")
    assert (step["framework"], step["exit_code"]) == ("ctest", 8)
    assert step["exactness"] != "raced"  # unknown when this machine was too busy to look
    assert list(outcomes(step).values()) == ["passed", "failed"]
    project.run("ctest", "--output-junit", "../outside.xml", env=env)
    assert project.steps("tests")[-1]["cases"] == []


def test_a_runner_without_a_report_gives_its_exit_code_and_no_more(project: Project) -> None:
    env = program(project, "cargo", "exit 101")
    project.run("cargo", "test", env=env)
    step = project.step("tests")
    assert (step["framework"], step["exit_code"], step["cases"]) == ("cargo", 101, [])
    assert "collected" not in step
    command = project.step("command")
    assert command["run_ids"] == [step["run_id"]]
    project.run("cargo", "build", env=env)
    project.run("rspec-that-is-not-there")
    assert len(project.steps("tests")) == 1


def test_an_agent_that_runs_the_command_is_named_and_its_value_is_not(project: Project) -> None:
    project.run("true", env={"CLAUDECODE": "1", "AGENT": "something-private-7f3a"})
    assert project.step("command")["agent_marker"] == "claude-code"
    assert "something-private" not in repr(project.steps("command"))


@pytest.mark.parametrize(
    ("change", "exactness", "kept"),
    [("", "exact", ["new 🎉.py"]), ("𝄞 = 2\n", "raced", ["new 🎉.py"])],
)
def test_the_views_before_and_after_say_how_exact_the_run_is(
    project: Project, monkeypatch: pytest.MonkeyPatch, change: str, exactness: str, kept: list[str]
) -> None:
    for name in ("BEFORE_S", "AFTER_S"):
        monkeypatch.setattr(run_recording, name, 600.0)  # the limits have tests of their own
    found = Workspaces(project.home, SystemClock()).look_up(project.tree.root).workspace
    assert found is not None
    project.tree.write("new 🎉.py", "𝄞 = 1\n")
    recording = begin_recording(
        project.home, found, SystemClock(), argv=["rspec"], cwd=found.root, junit=None
    )
    recording.begin()
    recording.prepare()
    if change:
        project.tree.write("new 🎉.py", change)
    recording.finish(
        Ending(exit_code=0, signal=None, is_started=True, has_terminal=False, duration_ns=5)
    )
    step = project.step("tests")
    assert step["exactness"] == exactness
    assert [item["path"] for item in step["disk"]] == kept  # type: ignore[attr-defined]  # a list


def _message(writer: JournalWriter, method: str, uri: str, **fields: object) -> None:
    import json

    params = {**fields, "textDocument": {"version": 1, "uri": uri}}
    body = [SystemClock().boot_ns(), f"textDocument/{method}", json.dumps(params).encode()]
    writer.append_value(RecordKind.LSP, body)


def _edit(session: Session, root: Path) -> JournalWriter:
    """Journal what an editor does with five files."""
    writer = JournalWriter.create(session.folder, "lsp", clock=SystemClock())
    uris = {name: (root / name).as_uri() for name in ("a.py", "b 🎉.py", "c.py", "d.py", "e.py")}
    for uri in uris.values():
        _message(writer, "didOpen", uri, text="")
    trap = '{"textDocument": {"uri": "file:///elsewhere"}} 𝄞'
    for name in ("a.py", "b 🎉.py", "c.py", "d.py"):
        _message(writer, "didChange", uris[name], contentChanges=[{"text": trap}])
    _message(writer, "didSave", uris["c.py"])
    _message(writer, "didClose", uris["d.py"])
    _message(writer, "didChange", "file:///outside/x.py", contentChanges=[{"text": "x"}])
    _message(writer, "didChange", "untitled:1", contentChanges=[{"text": "x"}])
    return writer


def test_files_that_an_editor_holds_unsaved_are_told_with_the_run(project: Project) -> None:
    project.run("true")
    (session,) = project.sessions
    root = Path(os.path.realpath(project.tree.root))
    with _edit(session, root) as writer:
        env = program(project, "rspec", "exit 0")
        project.run("rspec", env=env)
        unsaved = project.step("tests")["unsaved_paths"]
        assert isinstance(project.step("tests")["services"], list)
        assert unsaved == [str(root / "a.py"), str(root / "b 🎉.py")]
        before = UnsavedFiles(session)
        for name in ("a.py", "b 🎉.py"):
            writer.append_value(
                RecordKind.SAVE, {"t_boot_ns": 1, "uri": (root / name).as_uri(), "matches": True}
            )
        assert len(before.paths()) == 2, "what came later belongs to a later moment"
        assert UnsavedFiles(session).paths() == []


def test_an_anchored_text_counts_as_unsaved_when_it_is_not_the_files(project: Project) -> None:
    project.run("true")
    (session,) = project.sessions
    root = Path(os.path.realpath(project.tree.root))
    project.tree.write("same.py", "🎉 = 1\r\n")
    project.tree.write("other.py", "𝄞 = 1\n")
    with JournalWriter.create(session.folder, "lsp", clock=SystemClock()) as writer:
        for name in ("same.py", "other.py", "missing.py"):
            body = {"t_boot_ns": 1, "uri": (root / name).as_uri(), "text": "🎉 = 1\n"}
            writer.append_value(RecordKind.ANCHOR, body)
        assert UnsavedFiles(session).paths() == [str(root / "other.py")]
