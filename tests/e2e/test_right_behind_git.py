"""What is edited and written right behind a git operation stands behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.bridge import bridge, enable
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.repository import WorkTree
from tests.support.torture import PlainHand, Torture, project
from tests.support.tree_session import copied_moments, snapshot

from signoff_collector.episode.file.reader import read_episode
from signoff_schemas.steps import GitStep, ResyncStep

pytestmark = pytest.mark.usefixtures("compiled_engine")

LINE = "# 🎉𝄞 "


def _let_the_clock_of_files_tick(tree: WorkTree, outside: Path) -> None:
    """Wait until a file would be younger than what git wrote last; some milliseconds."""
    places = [tree.root / ".git" / name for name in ("HEAD", "logs/HEAD", "refs/heads")]

    def is_younger() -> bool:
        outside.write_bytes(b".")
        return outside.stat().st_ctime_ns > max(path.stat().st_mtime_ns for path in places)

    wait_until(is_younger, "a tick of the kernel's clock")


def test_each_operation_has_the_tree_that_git_left(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    tree = project(tmp_path)
    base, root = tree.head, tree.root
    enable(root)
    torture = Torture(tree)
    with bridge() as client:
        client.initialize()
        client.notify("signoff/hello", {"name": "keyboard", "version": "1", "protocol": 1})
        hand = PlainHand(client)
        hand.type_below(root / "a.py", "first = 1", f"{LINE}first")
        hand.save(root / "a.py")
        torture.told()
        for number, operation in enumerate(
            (
                ["commit", "-qam", "one"],
                ["checkout", "-q", "-b", "topic"],
                ["reset", "-q", "--hard"],
            )
        ):
            (root / "other.py").write_text(f"before {number} {LINE}\n")
            torture.told()
            tree.git("add", "-A")
            tree.git(*operation)
            torture.copies.append(snapshot(root))
            _let_the_clock_of_files_tick(tree, tmp_path / "probe")
            (root / f"new-{number}.py").write_text(f"after {number} {LINE}\n")
            if operation[0] != "reset":  # what it moved and is changed at once is not seen
                (root / "src/b.py").write_text(f"after {number} {LINE}\n")
                (root / "other.py").write_text(f"after {number} {LINE}\n")
                (root / "tool.sh").chmod(0o644 if number % 2 else 0o600)
                hand.type_below(root / "a.py", "last = 2", f"{LINE}behind {number}")
                hand.save(root / "a.py")
            torture.told()
        hand.close(root / "a.py")
    said = signoff("seal", "--json", cwd=root)
    path = Path(json.loads(said.out.splitlines()[-1])["episode"])
    episode = read_episode(path)
    assert signoff("check", path).code == 0
    assert [s.operation for s in episode.steps if isinstance(s, GitStep)] == [
        "commit", "checkout", "reset",
    ]  # fmt: skip
    for place, (seq, copy) in enumerate(zip(copied_moments(episode), torture.copies, strict=True)):
        out = tmp_path / f"moment-{place}"
        said = signoff(
            "checkout", path, "--at", f"step:{seq}", "--disk", "--links",
            "--repo", root, "--base", base, out,
        )  # fmt: skip
        assert said.code == 0, said
        found = snapshot(out)
        assert {name for name in found | copy if found.get(name) != copy.get(name)} == set(), place
    assert not [step for step in episode.steps if isinstance(step, ResyncStep)]
