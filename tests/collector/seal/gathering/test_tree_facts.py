"""What gathering asks git about changes of files, and what it need not ask."""

from __future__ import annotations

from pathlib import Path

from tests.support.repository import WorkTree

from signoff_collector.capture.git.git import Git
from signoff_collector.capture.git.git_contents import list_tree
from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.seal.gathering.tree_facts import TreeFacts


def item(path: str, digit: str | None) -> dict[str, object]:
    return {"path": path, "sha256": None if digit is None else digit * 64, "mode": "100644"}


def test_what_the_repository_is_known_to_have_is_not_looked_for_in_it() -> None:
    facts = TreeFacts()
    bulk = [item("both 🎉.py", "1"), item("bulk 𝄞.py", "2"), item("gone.py", None)]
    facts.take(RecordKind.FILES, {"changed": bulk, "renamed": [], "resolvable": True})
    facts.take(RecordKind.FILES, {"changed": [item("both 🎉.py", "3")], "resolvable": False})
    assert facts.contents == {("both 🎉.py", "3" * 64)}
    assert facts.changed == {"both 🎉.py", "bulk 𝄞.py", "gone.py"}
    assert facts.apart == {"both 🎉.py"}


def test_many_paths_of_a_commit_are_listed_as_a_few_are(tmp_path: Path, home: Path) -> None:
    del home
    tree = WorkTree.create(tmp_path / "work 🎈𝄞")
    for number in range(600):
        tree.write(f"many/file {number} 🎉.py", f"{number % 7}\n")
    tree.git("add", ".")
    tree.git("commit", "-q", "-m", "many")
    git = Git(tree.root)
    wanted = [f"many/file {number} 🎉.py" for number in range(550)] + ["not there"]
    few = [entry for path in wanted[::50] for entry in list_tree(git, "HEAD", [path])]
    many = {entry.path: entry for entry in list_tree(git, "HEAD", wanted)}
    assert len(many) == 550
    assert [many[entry.path] for entry in few] == few
