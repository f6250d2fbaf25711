"""A clone of our own holds one commit, and nothing of the other repository runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.support.hostile_repository import make_hostile_repository
from tests.support.repository import WorkTree

from signoff_collector.trees.checkout import TreeFile
from signoff_datasets.exports.swebench.base_clone import BaseClone
from signoff_schemas.errors import ChildFailedError, NotFoundError, UsageError

ASTRAL = "😀𝄞"


def history(folder: Path) -> tuple[WorkTree, str, str]:
    """Make a repository of three commits; return it, the second and the last."""
    tree = WorkTree.create(folder)
    tree.commit("first", "a.txt", f"{ASTRAL} 1\n")
    base = tree.commit("second", "a.txt", f"{ASTRAL} 2\n")
    return tree, base, tree.commit("the fix", "a.txt", f"{ASTRAL} the fix\n")


def every_object(clone: BaseClone) -> str:
    told = clone.git("cat-file", "--batch-all-objects", "--batch-check")
    return told.decode("ascii")


def test_it_holds_the_commit_and_neither_what_came_before_nor_after(tmp_path: Path) -> None:
    tree, base, fix = history(tmp_path / "there")
    clone = BaseClone.take(tree.root, base, tmp_path / "clone")
    assert (tmp_path / "clone" / "a.txt").read_text("utf-8") == f"{ASTRAL} 2\n"
    found = every_object(clone)
    kinds = sorted(line.split()[1] for line in found.splitlines())
    assert kinds == ["blob", "commit", "tree"]
    assert base in found
    for name in (fix, f"{base}~1"):
        with pytest.raises(ChildFailedError):
            clone.git("cat-file", "-e", name)
    assert clone.git("for-each-ref") == b""
    assert clone.git("remote") == b""
    assert clone.git("rev-list", "--all", "HEAD").split() == [base.encode()]
    assert not (tmp_path / "clone" / ".git" / "objects" / "info" / "alternates").exists()


def test_it_may_lie_on_another_disk_than_what_is_temporary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [one for one in ("/dev/shm", "/tmp") if Path(one).is_dir()]  # noqa: S108
    others = [one for one in others if Path(one).stat().st_dev != tmp_path.stat().st_dev]
    if not others:
        pytest.skip("there is one disk alone")
    monkeypatch.setattr("signoff_collector.own_files.scratch._PLACES", others)
    tree, base, _ = history(tmp_path / "there")
    BaseClone.take(tree.root, base, tmp_path / "clone").git("fsck", "--full")


@pytest.mark.parametrize("kind", ["bare", "linked", "abbreviated", "sha256"])
def test_every_kind_of_repository_is_read(tmp_path: Path, kind: str) -> None:
    options = ("--object-format=sha256",) if kind == "sha256" else ()
    tree = WorkTree.create(tmp_path / "there", *options)
    base = tree.commit("first", "a.txt", ASTRAL)
    place, revision = tree.root, base
    if kind == "bare":
        place = tmp_path / "bare.git"
        tree.git("clone", "-q", "--bare", str(tree.root), str(place))
    elif kind == "linked":
        place = tmp_path / "linked"
        tree.git("worktree", "add", "-q", "--detach", str(place))
    elif kind == "abbreviated":
        revision = base[:10]
    assert BaseClone.take(place, revision, tmp_path / "clone").commit == base


def test_nothing_that_a_hostile_repository_planted_runs(tmp_path: Path) -> None:
    hostile = make_hostile_repository(tmp_path / "hostile")
    tree = WorkTree(hostile.root)
    hostile.mark.unlink(missing_ok=True)
    base = (hostile.root / ".git" / "refs" / "heads").glob("*")
    revision = next(base).read_text("ascii").strip()
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        place = hostile.root / ".git" / "hooks" / hook
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"#!/bin/sh\necho hook >> {hostile.mark}\n", "utf-8")
        place.chmod(0o755)
    clone = BaseClone.take(tree.root, revision, tmp_path / "clone")
    files = {path: TreeFile(content=data, mode=mode) for path, mode, data in clone.files()}
    clone.patch(clone.tree_of({**files, "new.txt": TreeFile(content=b"x\n")}), ["new.txt"])
    assert hostile.fired == []
    clone.git("status")
    assert hostile.fired == []


def test_a_persons_own_settings_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree, _, _ = history(tmp_path / "there")
    base = tree.commit("attributes", ".gitattributes", "*.txt filter=canary\n")
    tree.git("checkout", "-q", base)
    (tmp_path / "home").mkdir()
    canary = f"tee -a {tmp_path / 'mark'}"
    settings = (
        "[core]\n\tautocrlf = true\n[diff]\n\tnoprefix = true\n"
        f'[filter "canary"]\n\tclean = {canary}\n\tsmudge = {canary}\n\trequired = true\n'
    )
    (tmp_path / "home" / ".gitconfig").write_text(settings, "utf-8")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "home" / ".gitconfig"))
    clone = BaseClone.take(tree.root, base, tmp_path / "clone")
    assert (tmp_path / "clone" / "a.txt").read_bytes() == f"{ASTRAL} the fix\n".encode()
    changed = clone.tree_of({"a.txt": TreeFile(content=b"other\n")})
    assert clone.patch(changed, ["a.txt"]).startswith(b"diff --git a/a.txt b/a.txt\n")
    assert not (tmp_path / "mark").exists()


def test_a_patch_made_of_a_tree_gives_that_tree(tmp_path: Path) -> None:
    tree, base, _ = history(tmp_path / "there")
    clone = BaseClone.take(tree.root, base, tmp_path / "clone")
    files = {
        "a.txt": TreeFile(content=f"{ASTRAL} 3\n".encode()),
        f"b c/{ASTRAL}.bin": TreeFile(content=bytes(range(256)), mode="100755"),
    }
    made = clone.tree_of(files)
    clone.apply(clone.patch(made, clone.changed(made)).decode())
    assert (clone.folder / f"b c/{ASTRAL}.bin").read_bytes() == bytes(range(256))
    assert os.access(clone.folder / f"b c/{ASTRAL}.bin", os.X_OK)
    clone.git("add", "-A")
    assert clone.git("write-tree").decode().strip() == made


def test_what_git_ignores_is_of_no_patch_but_what_the_commit_holds_is(tmp_path: Path) -> None:
    tree = WorkTree.create(tmp_path / "there")
    tree.write(".gitignore", "*.log\n")
    tree.write("kept.log", ASTRAL)
    tree.git("add", "-f", ".gitignore", "kept.log")
    tree.git("commit", "-q", "-m", "first")
    clone = BaseClone.take(tree.root, tree.head, tmp_path / "clone")
    files = {path: TreeFile(content=data, mode=mode) for path, mode, data in clone.files()}
    assert clone.changed(clone.tree_of(files)) == ()
    files |= {"kept.log": TreeFile(content=b"x"), "other.log": TreeFile(content=b"y")}
    assert clone.changed(clone.tree_of(files)) == ("kept.log",)


@pytest.mark.parametrize("revision", ["", "main", "--upload-pack=x", "HEAD", "commit-0123456789ab"])
def test_a_revision_is_an_id(tmp_path: Path, revision: str) -> None:
    with pytest.raises(UsageError, match="no id of a commit"):
        BaseClone.take(tmp_path, revision, tmp_path / "clone")


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    tree, _, _ = history(tmp_path / "there")
    with pytest.raises(NotFoundError, match="no commit 0123456789ab"):
        BaseClone.take(tree.root, "0123456789abcdef" * 2 + "01234567", tmp_path / "clone")
    with pytest.raises(NotFoundError, match="not a git repository"):
        BaseClone.take(tmp_path / "nothing", "0123456", tmp_path / "other")
