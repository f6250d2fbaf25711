"""What a workspace holds stays out, and nothing of ours goes in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.support.bridge import (
    EMOJI,
    at,
    bridge,
    holding,
    lsp_records,
    sessions,
)
from tests.support.deadline import deadline, wait_until
from tests.support.decoy import make_decoy_project


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
    for name in names[:-1]:
        assert holding(sessions()[0].folder, f"planted-{name}".encode()) == []


def test_text_of_unrecorded_files_is_not_in_memory(workspace: Path) -> None:
    """threat 8: the text of a never-record file is not held, although it is open."""
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
