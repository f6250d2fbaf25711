"""What `restore` says took a text is the line that was typed in a shell with our hook."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.shells import Shell, begin_session, enabled, lines_of, recorded, wait_for_ends
from tests.support.torture import Torture, project

from signoff_collector.own_files.home import Home

pytestmark = pytest.mark.slow

SCRIPT = "from pathlib import Path\nPath('scripted.txt').write_text('by script 😀𝄞\\n')\n"
TYPED = {
    "sedded": "sed -i s/mine/yours/ sedded.txt",
    "scripted": f"{sys.executable} script.py",
    "checked": "git checkout checked.txt",
    "restored": "git restore restored.txt",
    "stashed": "git stash -q",
}
NAMED = [name for name in TYPED if name != "stashed"]
UNNAMED = "before a change on disk"
FIFO = "sh -c 'mkfifo ../fifo; read x <../fifo; echo theirs >both.txt'"


@pytest.fixture
def torture(tmp_path: Path, home: Path) -> Torture:
    tree = project(tmp_path)
    for name in (*TYPED, "both"):
        tree.write(f"{name}.txt", f"first {name}\n")
    tree.write("script.py", SCRIPT)
    tree.git("add", "-A")
    tree.git("commit", "-q", "-m", "all")
    enabled(home, tree.root)
    return Torture(tree)


def reasons(torture: Torture, name: str, text: str) -> list[str]:
    """Return the reasons that the list gives of the states of a file with a text, newest first.

    The texts of one file differ in size. The state at the end is left out.
    """
    said = signoff("restore", f"{name}.txt", "--json", "--all", cwd=torture.root)
    rows = [json.loads(line) for line in said.out.splitlines()][1:]
    return [row["why"] for row in rows if row["size_bytes"] == len(text.encode())]


def run(shell: Shell, home: Home, line: str) -> None:
    """Type a line and wait for its end."""
    ended = sum(kind == "end" for kind, _ in recorded(home))
    shell.line(line)
    wait_for_ends(shell, home, ended + 1)


def test_each_loss_is_named_after_the_typed_line_that_did_it(
    torture: Torture, home: Path, tmp_path: Path
) -> None:
    own = Home(root=home.resolve())
    with Shell("bash", torture.root, tmp_path / "sh") as shell:
        begin_session(shell, own)
        torture.told_all()
        for name, line in TYPED.items():
            (torture.root / f"{name}.txt").write_text(f"mine {name}\n")
            torture.told_all()
            run(shell, own, line)
            torture.told_all()
        run(shell, own, "git stash pop -q")
        torture.told_all()
        _check(torture)
        shell.leave()
    assert signoff("stop", cwd=torture.root).code == 0
    _check(torture)


def _check(torture: Torture) -> None:
    assert {name: reasons(torture, name, f"mine {name}\n") for name in NAMED} == {
        "sedded": ["before `sed -i s/mine/yours/ sedded.txt`"],
        "scripted": [f"before `{sys.executable} script.py`"],
        "checked": ["before `git checkout checked.txt`"],
        "restored": ["before git restore (a change on disk)"],
    }
    # A busy machine's watcher may tell the files apart from git's step: then nothing is named.
    (stashed,) = reasons(torture, "stashed", "mine stashed\n")
    popped = reasons(torture, "stashed", "first stashed\n")[0]
    assert stashed in {"before git stash (a change on disk)", UNNAMED}
    assert popped in {"before git stash pop (a change on disk)", UNNAMED}


def test_of_two_lines_that_ran_at_once_neither_is_named(
    torture: Torture, home: Path, tmp_path: Path
) -> None:
    own = Home(root=home.resolve())
    root = torture.root
    with (
        Shell("bash", root, tmp_path / "one") as shell,
        Shell("bash", root, tmp_path / "two") as other,
    ):
        begin_session(shell, own)
        torture.told_all()
        (root / "both.txt").write_text("mine both\n")
        torture.told_all()
        other.line(FIFO)
        wait_until(lambda: FIFO in lines_of(own) and (tmp_path / "fifo").exists(), "a line to run")
        ended = sum(kind == "end" for kind, _ in recorded(own))
        shell.line("echo >../fifo; until grep -q theirs both.txt; do :; done")
        wait_for_ends(shell, own, ended + 2)
        torture.told_all()
        assert reasons(torture, "both", "mine both\n") == [UNNAMED]
        shell.leave()
        other.leave()


def test_a_line_whose_terminal_was_killed_is_no_evidence(
    torture: Torture, home: Path, tmp_path: Path
) -> None:
    own = Home(root=home.resolve())
    with Shell("bash", torture.root, tmp_path / "dead") as dead:
        begin_session(dead, own)
        torture.told_all()
        dead.line("sleep 1000")
        wait_until(lambda: "sleep 1000" in lines_of(own), "the line to be recorded")
        dead.process.kill()
    with Shell("bash", torture.root, tmp_path / "sh") as shell:
        (torture.root / "sedded.txt").write_text("mine sedded\n")
        torture.told_all()
        run(shell, own, TYPED["sedded"])
        torture.told_all()
        assert reasons(torture, "sedded", "mine sedded\n") == [f"before `{TYPED['sedded']}`"]


def test_an_editor_that_is_open_meanwhile_leaves_a_line_its_name(
    torture: Torture, home: Path, tmp_path: Path
) -> None:
    own = Home(root=home.resolve())
    editor = tmp_path / "vi"
    editor.write_text("#!/bin/sh\nread x\n")
    editor.chmod(0o755)
    with (
        Shell("bash", torture.root, tmp_path / "one") as other,
        Shell("bash", torture.root, tmp_path / "two") as shell,
    ):
        begin_session(other, own)
        torture.told_all()
        (torture.root / "sedded.txt").write_text("mine sedded\n")
        torture.told_all()
        line = f"{editor} a.txt"
        other.line(line)
        wait_until(lambda: line in lines_of(own), "the editor to run")
        run(shell, own, TYPED["sedded"])
        ended = sum(kind == "end" for kind, _ in recorded(own))
        other.line("")
        wait_for_ends(other, own, ended + 1)
        torture.told_all()
        assert reasons(torture, "sedded", "mine sedded\n") == [f"before `{TYPED['sedded']}`"]
