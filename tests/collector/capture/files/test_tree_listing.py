"""Where a work tree differs from HEAD: byte for byte, without a filter run or an index touched."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.support.files import CLOCK, NOTES, Watched, enabled
from tests.support.repository import WorkTree, listing

from signoff_collector.capture.files import tree_listing
from signoff_collector.capture.files.file_items import Allowance
from signoff_collector.capture.files.file_rules import FileRules
from signoff_collector.capture.files.tree_listing import Tree, TreeReader
from signoff_collector.capture.git.git import Git
from signoff_collector.capture.opt_in.policy import Policy

CRLF = "eins 🎉\r\nzwei 𝄞\r\n".encode()


@pytest.fixture
def tree(tmp_path: Path, home: Path) -> WorkTree:
    del home
    return WorkTree.create(tmp_path / "work 🎈𝄞")


def reader(root: Path) -> TreeReader:
    _, workspace = enabled(root)
    policy = Policy.for_workspace(workspace)
    return TreeReader(root, FileRules(root, lambda: policy))


def read(reader: TreeReader, paths: Iterable[str] = ()) -> Tree:
    return reader.read(paths, CLOCK.wall_ns())


def entries(found: Tree) -> dict[str, tuple[str | None, bytes | None]]:
    """Return path to mode and kept content."""
    return {item.path: (item.mode, item.content) for item in found.items}


def test_every_kind_of_difference_is_listed_with_its_bytes(tree: WorkTree) -> None:
    for name in ("same.py", "changed.py", "gone.py", "mode.py", "was_file", "both.py"):
        tree.write(name, f"{name} 🎉\n")
    tree.write(".gitignore", "*.log\n")
    tree.git("add", ".")
    tree.git("commit", "-q", "-m", "first")
    root = tree.root
    (root / "changed.py").write_bytes("no final newline 𝄞".encode("utf-8-sig"))
    (root / "gone.py").unlink()
    (root / "mode.py").chmod(0o755)
    (root / "was_file").unlink()
    (root / "was_file").symlink_to("same.py 🎉")
    tree.write("both.py", "staged")
    tree.git("add", "both.py")
    tree.write("both.py", "and changed again 𝄞")
    tree.write("deep/new 🎉.txt", NOTES)
    for ignored in ("a.log", ".env", "deep/b.py~"):
        tree.write(ignored, "secret")
    found = read(reader(root))
    assert (found.head, found.is_complete) == (tree.head, True)
    assert entries(found) == {
        "both.py": ("100644", "and changed again 𝄞".encode()),
        "changed.py": ("100644", "no final newline 𝄞".encode("utf-8-sig")),
        "deep/new 🎉.txt": ("100644", NOTES.encode()),
        "gone.py": (None, None),
        "mode.py": ("100755", "mode.py 🎉\n".encode()),
        "was_file": ("120000", "same.py 🎉".encode()),
    }
    same = hashlib.sha1(b"blob 13\0" + "same.py 🎉\n".encode(), usedforsecurity=False).digest()
    assert found.contents["same.py"] == b"g" + same
    assert found.contents["changed.py"][:1] == b"s"


def test_what_git_converts_is_listed_though_git_calls_it_unchanged(tree: WorkTree) -> None:
    tree.git("config", "core.autocrlf", "true")
    (tree.root / "windows.txt").write_bytes(CRLF)
    tree.write("unix.py", "no line end 🎉")
    tree.git("add", ".")
    tree.git("commit", "-q", "-m", "first")
    assert tree.git("status", "--porcelain") == ""
    assert entries(read(reader(tree.root))) == {"windows.txt": ("100644", CRLF)}


def test_no_filter_runs_and_nothing_of_git_is_touched(tree: WorkTree, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    tree.write(".gitattributes", "*.bin filter=planted\n")
    tree.write("data.bin", "clean me 🎉")
    tree.git("add", ".")
    tree.git("commit", "-q", "-m", "first")
    for name in ("clean", "smudge", "process"):
        tree.git("config", f"filter.planted.{name}", f"sh -c 'echo {name} >> {mark}; cat'")
    tree.git("config", "filter.planted.required", "true")
    tree.git("config", "core.fsmonitor", f"sh -c 'echo fsmonitor >> {mark}'")
    tree.write("data.bin", "changed 𝄞")
    os.utime(tree.root / ".gitattributes")
    before = listing(tree.root)
    reading = reader(tree.root)
    assert list(entries(read(reading))) == ["data.bin"]
    assert list(entries(read(reading))) == ["data.bin"]
    assert listing(tree.root) == before
    assert not mark.exists()


def test_a_workspace_below_the_top_is_listed_by_its_own_paths(tree: WorkTree) -> None:
    tree.write("sub [1]/one.py", "1 🎉")
    tree.write("sub [1]2/other.py", "not ours")
    tree.commit("first", "sub [1]/two.py", "2")
    tree.write("sub [1]/two.py", "changed 𝄞")
    tree.write("sub [1]2/other.py", "changed")
    tree.write("top.py", "untracked")
    found = read(reader(tree.root / "sub [1]"))
    assert entries(found) == {
        "one.py": ("100644", "1 🎉".encode()),
        "two.py": ("100644", "changed 𝄞".encode()),
    }


def test_submodules_and_nested_repositories_are_none_of_ours(tree: WorkTree) -> None:
    inner = WorkTree.create(tree.root / "vendor 🎉")
    inner.commit("theirs")
    tree.commit("first", "own.py", "𝄞")
    tree.git("add", "vendor 🎉")
    tree.git("commit", "-q", "-m", "with a submodule")
    inner.commit("theirs moves on", "theirs.py", "x")
    WorkTree.create(tree.root / "clone").commit("theirs too")
    assert read(reader(tree.root)).items == []


def test_before_the_first_commit_everything_differs(tree: WorkTree) -> None:
    tree.write("one 🎉.py", "𝄞")
    found = read(reader(tree.root))
    assert (found.head, list(entries(found))) == (None, ["one 🎉.py"])


def test_without_git_every_file_that_may_be_recorded_is_listed(tmp_path: Path, home: Path) -> None:
    del home
    root = tmp_path / "plain"
    root.mkdir()
    for name in ("one 🎉.py", ".env", "gone.py"):
        (root / name).write_text("𝄞")
    (root / "gone.py").unlink()
    found = read(reader(root), ["one 🎉.py", ".env", "gone.py"])
    assert entries(found) == {"one 🎉.py": ("100644", "𝄞".encode())}
    assert (found.head, found.is_complete) == (None, True)


def test_without_git_a_huge_folder_is_asked_about_in_part_and_said(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    root = tmp_path / "plain 🎉"
    root.mkdir()
    names = [f"{number} 𝄞.py" for number in range(5)]
    for name in names:
        (root / name).write_text("🎉")
    assert read(reader(root), names).is_complete
    monkeypatch.setattr(tree_listing, "MAX_ASKED", 3)
    found = read(reader(root), iter(names))
    assert (len(found.items), found.is_complete) == (4, False)


def test_what_is_too_much_is_cut_and_said(tree: WorkTree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.commit("first")
    for number in range(6):
        tree.write(f"new {number} 🎉.py", f"𝄞 {number}")
    (tree.root / "new 0 🎉.py").write_bytes(b"\0binary")
    monkeypatch.setattr(tree_listing, "MAX_KEPT_FILES", 3)
    found = read(reader(tree.root))
    assert [item.content is not None for item in found.items] == [False, True, True, True, False,
                                                                  False]  # fmt: skip
    assert all(item.sha256 for item in found.items)
    assert found.is_complete, "all are listed"
    monkeypatch.setattr(tree_listing, "MAX_ENTRIES", 4)
    found = read(reader(tree.root))
    assert (len(found.items), found.is_complete) == (4, False)
    with (tree.root / "huge").open("wb") as file:
        file.truncate(1 << 40)
    monkeypatch.setattr(tree_listing, "MAX_ENTRIES", 100)
    found = read(reader(tree.root))
    assert (len(found.items), found.is_complete) == (6, False)


def test_a_second_reading_opens_only_what_has_changed(
    tree: WorkTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree.commit("first")
    for number in range(5):
        path = tree.write(f"new {number} 🎉.py", f"𝄞 {number}")
        os.utime(path, ns=(0, 0))
    monkeypatch.setattr(tree_listing, "_RACY_NS", -1)
    reading = reader(tree.root)
    first = read(reading)
    opened: list[str] = []
    real_read = Allowance.read
    monkeypatch.setattr(
        Allowance, "read", lambda self, path: opened.append(path) or real_read(self, path)
    )
    assert [item.sha256 for item in read(reading).items] == [item.sha256 for item in first.items]
    assert opened == []
    tree.write("new 3 🎉.py", "another 𝄞")
    second = read(reading)
    assert opened == [f"{tree.root}/new 3 🎉.py"]
    assert second.items[3].content == "another 𝄞".encode()
    reading.forget()
    assert all(item.content for item in read(reading).items)


def test_a_repository_that_cannot_be_read_leaves_the_tree_unknown(tree: WorkTree) -> None:
    tree.commit("first")
    tree.write("notes.txt", "dirty 🎉𝄞")
    (tree.root / ".git/index").write_bytes(b"damaged")
    found = read(reader(tree.root))
    assert (found.items, found.is_complete) == ([], False)


@pytest.mark.parametrize("folder", ["", "sub/", "sub/deep/"])
def test_git_is_not_asked_where_a_pipe_stands_for_an_ignore_file(
    tree: WorkTree, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would open the pipe and wait until it is killed; sealing waits for that."""
    tree.write("sub/deep/a.py", "changed\n")
    os.mkfifo(tree.root / f"{folder}.gitignore")
    asked: list[str] = []
    run = Git.run

    def noted(self: Git, *arguments: str, **options: Any) -> bytes:  # noqa: ANN401
        asked.append(arguments[0])
        return run(self, *arguments, **options)

    watched = Watched(tree.root)
    monkeypatch.setattr(Git, "run", noted)
    found = watched.tree.read((), CLOCK.wall_ns(), folders=watched.watcher.folders())
    assert not found.is_complete
    assert "status" not in asked
