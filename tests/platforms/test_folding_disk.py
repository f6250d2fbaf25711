"""What is recorded on a disk that takes several spellings for one name, as APFS and NTFS do.

The disk is a real one, of FUSE: git, the editor's client, the watcher and `mv` work on it.
"""

from __future__ import annotations

import json
import random
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.bridge import at, bridge, enable, holding, sessions
from tests.support.cli import forget, signoff
from tests.support.deadline import wait_until
from tests.support.quits import is_watched, script_writes
from tests.support.repository import WorkTree

from signoff_collector.capture.opt_in.policy import Policy, Reason
from signoff_collector.capture.opt_in.workspaces import Workspaces, find_workspace
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.files.spelling import folds, true_path
from signoff_collector.trees.checkout import TreeFile, write_tree

pytestmark = pytest.mark.platforms

CAFE = "caf\u00e9.py"
RULES = "Private/\nnotes.txt\n*.Secret\nstra\u00dfe/\n"
TRUTH = {
    "Src/App.py": Reason.RECORDED,
    f"Src/{CAFE}": Reason.RECORDED,
    "Src/new.py": Reason.RECORDED,  # nothing is there: an editor has just made it
    "Build/o.py": Reason.GIT_IGNORED,
    "Private/p.py": Reason.SIGNOFFIGNORE,
    "Private/Deep/new.py": Reason.SIGNOFFIGNORE,
    "notes.txt": Reason.SIGNOFFIGNORE,
    "Src/a.Secret": Reason.SIGNOFFIGNORE,
    "Stra\u00dfe/1.py": Reason.SIGNOFFIGNORE,
    ".env": Reason.NEVER,
    ".git/config": Reason.GIT_INTERNAL,
    "Inner/x.py": Reason.NESTED,
}


def _tree(place: Path) -> Path:
    root = place / "Work"
    tree = WorkTree.create(root)
    (root / ".gitignore").write_text("Build/\n")
    (root / ".signoffignore").write_text(RULES)
    (root / "Inner" / ".git").mkdir(parents=True)
    for name in TRUTH:
        if not name.endswith("new.py") and not name.startswith(".git/"):
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text("x = 1\n")
    tree.commit("first", text="first\n")
    return root


def _respelled(path: str, source: random.Random) -> str:
    """Return another spelling of each name, as a person, a program or a URI may have it."""
    form = unicodedata.normalize(source.choice(["NFC", "NFD"]), path)
    return "".join(char.swapcase() if source.random() < 0.4 else char for char in form)


@pytest.fixture
def tree(disk: Path) -> Path:
    return _tree(disk)


def test_no_spelling_changes_a_verdict(tree: Path, home: Path) -> None:
    del home
    enable(tree)

    @settings(max_examples=150)
    @given(st.sampled_from(sorted(TRUTH)), st.randoms(use_true_random=False))
    def look(name: str, source: random.Random) -> None:
        path = tree.parent / _respelled(f"Work/{name}", source)
        workspace = find_workspace(resolve_home(), path)
        assert workspace is not None or TRUTH[name] is Reason.NESTED, path
        if workspace is not None:
            policy = Policy.for_workspace(workspace)
            assert policy.verdict(path).reason is TRUTH[name], path
            many = policy.verdicts_of([str(path), f"{path.parent}/other.py"])
            assert many[str(path)].reason is TRUTH[name], path

    look()


def test_one_file_has_one_path(tree: Path) -> None:
    assert folds(tree)
    assert folds(tree / "Src")
    for name in (f"work/src/{CAFE.upper()}", unicodedata.normalize("NFD", f"WORK/Src/{CAFE}")):
        assert true_path(tree.parent / name) == tree / "Src" / CAFE
    assert true_path(tree.parent / "WORK/SRC/Neu.py") == tree / "Src" / "Neu.py"


def test_a_folder_enabled_in_another_spelling_is_the_same_one(disk: Path, home: Path) -> None:
    root = _tree(disk)
    said = signoff("enable", disk / "wORK", "--owner", "mine", "--yes")
    assert said.code == 0, said
    assert [one.root for one in Workspaces(resolve_home()).all()] == [root]
    assert str(root) in said.out
    del home


def test_a_folder_renamed_to_another_case_stays_enabled(disk: Path, home: Path) -> None:
    del home
    root = _tree(disk)
    enable(root)
    root.rename(disk / "WORK")  # GNU mv refuses; Finder and Explorer do it
    assert (disk / "WORK").name in {one.name for one in disk.iterdir()}
    found = find_workspace(resolve_home(), disk / "work" / "Src" / "App.py")
    assert found is not None
    assert found.root == disk / "WORK"


def _files(root: Path) -> set[str]:
    """End the session; return the paths in its episode, which has to pass its check."""
    said = signoff("stop", cwd=root)
    assert said.code == 0, said
    wait_until(lambda: signoff("show", "last", cwd=root).code == 0, "the session to be sealed")
    said = signoff("check", "last", cwd=root)
    assert said.code == 0, said
    files = json.loads(signoff("show", "last", "--json", cwd=root).out)["files"]
    return {name for name in files if not name.startswith(".")}


def test_what_two_spellings_name_is_one_file_of_the_episode(disk: Path, home: Path) -> None:
    root = _tree(disk)
    enable(root)
    with bridge() as client:
        client.initialize()
        first = client.open(root / "Src" / "App.py")
        client.change(first, 2, at(0, 0, 0, 0, "alpha = 1\n"))
        client.close(first)
        wait_until(lambda: sessions() and is_watched(), "the watcher to look")
        second = client.open(disk / "work" / "SRC" / "app.PY", "x = 1\n")
        client.change(second, 2, at(0, 0, 0, 0, "beta = 2\n"))
        (root / "Src" / "App.py").write_text("beta = 2\nx = 1\n")
        client.save(second)
        client.close(second)
        gone = client.open(disk / "WORK" / "Private" / "P.py", "canary_text = 3\n")
        client.change(gone, 2, at(0, 0, 0, 0, "canary_more = 4\n"))
        client.close(gone)
        script_writes(disk / "work" / "src" / CAFE.upper(), "y = 2\n")
        assert client.quit() == 0
    assert _files(root) == {"Src/App.py", f"Src/{CAFE}"}
    assert holding(home, b"canary_") == []


def test_a_file_renamed_to_another_case_is_one_story(disk: Path, home: Path) -> None:
    del home
    root = _tree(disk)
    enable(root)
    with bridge() as client:
        client.initialize()
        old = client.open(root / "Src" / "App.py")
        client.change(old, 2, at(0, 0, 0, 0, "alpha = 1\n"))
        (root / "Src" / "App.py").write_text("alpha = 1\nx = 1\n")
        client.save(old)
        wait_until(lambda: sessions() and is_watched(), "the watcher to look")
        client.close(old)
        (root / "Src/App.py").rename(root / "Src/app.py")
        new = client.open(root / "Src" / "app.py")
        client.change(new, 2, at(0, 0, 0, 0, "beta = 2\n"))
        script_writes(root / "Src" / "app.py", "beta = 2\nalpha = 1\nx = 1\n")
        client.save(new)
        client.close(new)
        assert client.quit() == 0
    assert "Src/app.py" in _files(root)
    target = disk / "back.py"
    said = signoff("restore", "SRC/APP.py", "--to", target, cwd=root)
    assert said.code == 0, said


def test_forget_erases_a_file_in_any_spelling(disk: Path, home: Path) -> None:
    root = _tree(disk)
    enable(root)
    with bridge() as client:
        client.initialize()
        for name in ("Src/App.py", "SRC/app.py"):
            opened = client.open(root / name, "x = 1\n")
            client.change(opened, 2, at(0, 0, 0, 0, f"canary_{name[4]} = 1\n"))
            client.close(opened)
        assert client.quit() == 0
    assert holding(home, b"canary_")
    said = forget("--path", "src/APP.py", cwd=root)
    assert said.code == 0, said
    assert holding(home, b"canary_") == []


def test_a_checkout_writes_both_of_two_names_that_are_one_here(disk: Path) -> None:
    tree = {
        path: TreeFile(content=path.encode())
        for path in (
            "Makefile",
            "makefile",
            "Src/a.py",
            "src/a.py",
            "src/b.py",
            "caf\u00e9",
            "CAF\u00c9",
        )
    }
    written = write_tree(tree, disk / "new")
    renamed = dict(written.renamed)
    assert set(renamed) == {"makefile", "src/a.py", "src/b.py", "caf\u00e9"}
    for path, file in tree.items():
        assert (disk / "new" / renamed.get(path, path)).read_bytes() == file.content
    assert len([one for one in (disk / "new").rglob("*") if one.is_file()]) == len(tree)


def test_what_a_folding_disk_can_hold_keeps_its_names(disk: Path) -> None:
    tree = {name: TreeFile(content=b"x") for name in ("aux.c", "a:b", "Makefile", "\u732b.py")}
    assert write_tree(tree, disk / "new").renamed == ()
    assert {one.name for one in (disk / "new").iterdir()} == set(tree)
