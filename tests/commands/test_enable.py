"""`enable` and `disable`, as a person, a script and a hostile repository use them."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.deadline import deadline

from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.own_files.home import resolve_home

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    assert not home.exists()
    folder = (tmp_path / "work 🎈🎉").resolve()
    folder.mkdir()
    return folder


def on_terminal(folder: Path, answers: list[tuple[str, str]], *arguments: str) -> tuple[int, str]:
    """Run a verb on a real terminal and type an answer whenever its question appears."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-I", "-m", "signoff_collector", *arguments],
        cwd=folder,
        stdin=child,
        stdout=child,
        stderr=child,
        start_new_session=True,
    )
    os.close(child)
    said = b""
    waiting = list(answers)
    end = time.monotonic() + deadline()
    try:
        while time.monotonic() < end:
            if not select.select([parent], [], [], 0.2)[0]:
                if process.poll() is not None:
                    break
                continue
            try:
                piece = os.read(parent, 65536)
            except OSError:
                break
            if not piece:
                break
            said += piece
            if waiting and waiting[0][0].encode() in said:
                os.write(parent, waiting.pop(0)[1].encode() + b"\n")
        code = process.wait(deadline())
    finally:
        process.kill()
        process.wait(deadline())
        os.close(parent)
    return code, said.decode("utf-8", "replace")


def status(folder: Path) -> dict[str, object]:
    said = signoff("status", "--json", cwd=folder)
    assert said.code == 0, said
    row = json.loads(said.out)
    assert isinstance(row, dict)
    return row


def test_a_person_is_told_everything_and_asked_whose_code_it_is(folder: Path, home: Path) -> None:
    answers = [("Whose code", "open-source"), ("Record in", "y")]
    code, said = on_terminal(folder, answers, "enable")
    assert code == 0, said
    for words in ("never-record list", str(home), "MB", "Nothing leaves", "30 days"):
        assert words in said
    workspace = status(folder)["workspace"]
    assert isinstance(workspace, dict)
    assert (workspace["owner"], workspace["confirmed"]) == ("open-source", True)


@pytest.mark.parametrize("answer", ["", "n", "what"])
def test_any_answer_but_yes_enables_nothing(folder: Path, home: Path, answer: str) -> None:
    code, said = on_terminal(folder, [("Whose code", "mine"), ("Record in", answer)], "enable")
    assert code == 13, said
    assert not (home / "config" / "workspaces.json").exists()


def test_without_a_terminal_it_needs_yes_and_is_announced_as_such(folder: Path, home: Path) -> None:
    said = signoff("enable", cwd=folder)
    assert said.code == 2, said
    assert "--yes" in said.err
    assert not home.exists()
    said = signoff("enable", "--yes", "--owner", "mine", "--json", cwd=folder)
    assert said.code == 0, said
    row = json.loads(said.out)
    assert (row["workspace"], row["confirmed"], row["owner"]) == (str(folder), False, "mine")
    assert "not confirmed by a person" in signoff("status", cwd=folder).out


def test_unknown_and_employer_code_is_said_to_stay_local(folder: Path) -> None:
    assert "stays local" in signoff("enable", "--yes", cwd=folder).out
    assert "stays local" in signoff("enable", "--yes", "--owner", "employer", cwd=folder).out
    again = signoff("enable", "--yes", "--owner", "mine", cwd=folder).out
    assert "owner employer" in again, "a program does not make an employer's code free to share"
    code, said = on_terminal(folder, [("Record in", "y")], "enable", "--owner", "mine")
    assert (code, "stays local" in said) == (0, False), said
    assert "a program said whose" in signoff("enable", "--yes", "--owner", "mine", cwd=folder).out


def test_renewing_keeps_whose_code_it_is(folder: Path) -> None:
    code, said = on_terminal(folder, [("Whose code", "employer"), ("Record in", "y")], "enable")
    assert code == 0, said
    assert "owner employer" in signoff("enable", "--yes", cwd=folder).out
    code, said = on_terminal(folder, [("Whose code", ""), ("Record in", "y")], "enable")
    assert "owner employer" in said


def test_a_repository_cannot_switch_itself_on(folder: Path, home: Path) -> None:
    hostile = {
        ".signoff.toml": "enabled = true\n",
        ".signoff/config.toml": "enabled = true\n",
        ".signoff/workspaces.json": '{"version": 1, "workspaces": []}',
        "config/enabled.tsv": f"{folder}\t9999999999\t0123456789abcdef\tdirectory\t0\n",
        ".envrc": "export SIGNOFF_HOME=$PWD/.signoff\n",
        "pyproject.toml": "[tool.signoff]\nenabled = true\n",
        "signoff_collector.py": "raise SystemExit('ran')\n",
    }
    for name, content in hostile.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    subprocess.run(["git", "init", "-q", str(folder)], check=True, timeout=60)
    assert status(folder)["recorded"] is False
    assert not home.exists()
    moved = signoff("enable", "--yes", cwd=folder, SIGNOFF_HOME=str(folder / ".signoff"))
    assert moved.code == 13, moved
    assert "work tree" in moved.err


def test_a_home_inside_the_folder_is_refused(tmp_path: Path) -> None:
    said = signoff("enable", "--yes", cwd=tmp_path, SIGNOFF_HOME=str(tmp_path / "inner"))
    assert said.code == 13, said


def test_disable_takes_it_back_and_a_second_time_is_10(folder: Path) -> None:
    assert signoff("enable", "--yes", cwd=folder).code == 0
    assert signoff("note", "before", cwd=folder).code == 0
    said = signoff("disable", cwd=folder)
    assert said.code == 0, said
    assert status(folder)["recorded"] is False
    assert signoff("note", "after", cwd=folder).code == 10
    assert signoff("disable", cwd=folder).code == 10


def test_many_at_once_are_all_kept(folder: Path) -> None:
    names = [folder / f"p{number}" for number in range(6)]
    for name in names:
        name.mkdir()
    running = [
        subprocess.Popen(
            [sys.executable, "-I", "-m", "signoff_collector", "enable", str(name), "--yes"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        for name in names
    ]
    assert [process.wait(deadline()) for process in running] == [0] * len(names)
    said = signoff("status", "--json", cwd=folder)
    assert json.loads(said.out)["also_enabled"] == [str(name) for name in names]


def test_explain_says_everything_and_changes_nothing(folder: Path, home: Path) -> None:
    said = signoff("enable", "--explain", "--json", cwd=folder)
    assert said.code == 0
    (row,) = [json.loads(line) for line in said.out.splitlines()]
    assert row["workspace"] == str(folder)
    assert ".env" in row["never"]
    assert str(home) in row["where"]
    assert "MB" in row["size"]
    assert {one["value"] for one in row["owners"]} == {"mine", "open-source", "employer", "unknown"}
    assert row["owner"] == "unknown"
    assert row["question"] == f"Record in {folder}?"
    assert [one["head"] for one in row["brief"]] == ["Recorded for 30 days", "Never", "It stays"]
    assert not home.exists()
    plain = signoff("enable", "--explain", cwd=folder)
    shown = plain.err + plain.out
    assert all(line in shown for line in row["text"].splitlines())
    assert all(
        line.strip() in shown
        for name in ("what", "never", "size")
        for line in row[name].splitlines()
    )


def test_a_yes_in_an_editor_is_stored_as_that_editors_claim(folder: Path) -> None:
    done = signoff("enable", "--asked-in", "vscode", "--owner", "mine", "--json", cwd=folder)
    assert done.code == 0
    row = json.loads(done.out.splitlines()[-1])
    assert (row["confirmed"], row["asked_in"], row["owner"]) == (False, "vscode", "mine")
    shown = signoff("status", cwd=folder)
    assert "says you confirmed it in vscode" in shown.out + shown.err
    again = json.loads(signoff("enable", "--explain", "--json", cwd=folder).out)
    assert again["owner"] == "mine"


def test_a_yes_in_an_editor_does_not_free_the_code_for_sharing(folder: Path) -> None:
    signoff("enable", "--asked-in", "vscode", "--owner", "mine", cwd=folder)
    (workspace,) = Workspaces(resolve_home()).all()
    assert Workspaces(resolve_home()).sharing_owner(workspace.root) is None
    code, _ = on_terminal(folder, [("Whose code", ""), ("Record in", "y")], "enable")
    assert code == 0
    (workspace,) = Workspaces(resolve_home()).all()
    assert (workspace.is_confirmed, workspace.asked_in) == (True, None)
    assert Workspaces(resolve_home()).sharing_owner(folder) is not None


@pytest.mark.parametrize("name", ["", "VS Code", "x" * 33, "a\tb", "-x"])
def test_an_editor_that_cannot_be_one_enables_nothing(folder: Path, home: Path, name: str) -> None:
    done = signoff("enable", f"--asked-in={name}", cwd=folder)
    assert done.code == 2
    assert not home.exists()
