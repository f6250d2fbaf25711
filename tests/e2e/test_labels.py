"""What `restore` says took a text is what did: git, `rm` right behind git, a command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.bridge import bridge, enable
from tests.support.cli import signoff
from tests.support.torture import Torture, project

pytestmark = pytest.mark.slow

NAMES = ("stashed", "gone", "kept", "reset", "checked", "told")
MINE = {name: f"mine {'x' * number}\n" for number, name in enumerate(NAMES, 1)}
"""What is taken away, each of another size."""


@pytest.fixture
def torture(tmp_path: Path, home: Path) -> Torture:
    tree = project(tmp_path)
    for name in ("stashed", "reset", "checked", "told"):
        tree.write(f"{name}.txt", "first\n")
    tree.git("add", "-A")
    tree.git("commit", "-q", "-m", "all")
    enable(tree.root)
    return Torture(tree)


def _why(torture: Torture, path: str) -> dict[int, str]:
    """Return the reason that the list gives of each state, by its size."""
    said = signoff("restore", path, "--json", "--all", cwd=torture.root)
    rows = [json.loads(line) for line in said.out.splitlines()]
    return {row["size_bytes"]: row["why"] for row in rows}


def test_each_loss_is_named_after_what_did_it(torture: Torture) -> None:
    root = torture.root
    with bridge() as client:
        client.initialize()
        client.open(root / "a.py")
        torture.told()
        (root / "stashed.txt").write_text(MINE["stashed"])
        (root / "gone.txt").write_text(MINE["gone"])
        (root / "kept.txt").write_text(MINE["kept"])
        torture.told_all()
        torture.git("stash", "-q")
        (root / "gone.txt").unlink()
        (root / "kept.txt").write_text("x\n")
        torture.told_all()
        (root / "reset.txt").write_text(MINE["reset"])
        torture.told_all()
        torture.git("reset", "-q", "--hard")
        (root / "checked.txt").write_text(MINE["checked"])
        torture.told_all()
        torture.tree.git("checkout", ".")
        torture.told_all()
        (root / "told.txt").write_text(MINE["told"])
        torture.told_all()
        assert signoff("run", "--", "git", "checkout", ".", cwd=root).code == 0
        torture.told_all()
        _check(torture)
        assert client.quit() == 0
    _check(torture)


def _check(torture: Torture) -> None:
    reasons = {name: _why(torture, f"{name}.txt")[len(text)] for name, text in MINE.items()}
    assert reasons == {
        "stashed": "before git stash (a change on disk)",
        "gone": "before it was deleted",
        "kept": "before a change on disk",
        "reset": "before git reset (a change on disk)",
        "checked": "before a change on disk",
        "told": "before git restore (a change on disk)",
    }
