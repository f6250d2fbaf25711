"""The whole tree of any commit or test run comes back byte for byte."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.repository import WorkTree
from tests.support.tree_session import TreeSession, copied_moments, snapshot

from signoff_collector.capture.git.git import Git
from signoff_collector.capture.git.git_contents import GitBase
from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.trees.checkout import write_tree
from signoff_collector.trees.whole_tree import whole_tree
from signoff_schemas.values import DiskForm

ODD = "naïve 😀🦊"
CRLF = DiskForm(eol="crlf")
BOM = DiskForm(bom=True)
LATIN = DiskForm(encoding="latin-1")
BARE = DiskForm(last_line="without")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[TreeSession]:
    tree = WorkTree.create(tmp_path / "repo")
    tree.git("config", "user.name", "Nobody")
    tree.git("config", "user.email", "nobody@example.com")
    for name in ("a.py", "src/b.py", "src/deep/c.py", "docs/d.md"):
        tree.write(name, f"{name} {ODD}\n" * 3)
    (tree.root / "crlf.txt").write_bytes(f"{ODD}\r\ntwo\r\n".encode())
    (tree.root / "bom.txt").write_bytes(b"\xef\xbb\xbf" + f"{ODD}\n".encode())
    (tree.root / "latin.txt").write_bytes("caf\xe9\n".encode("latin-1"))
    (tree.root / "bare.txt").write_bytes(f"{ODD}".encode())
    (tree.root / "tool.sh").write_bytes(b"#!/bin/sh\n")
    (tree.root / "tool.sh").chmod(0o755)
    (tree.root / "link").symlink_to("src/b.py")
    (tree.root / "picture.bin").write_bytes(bytes(range(256)))
    tree.git("add", "-A")
    tree.git("commit", "-q", "-m", "base")
    made = TreeSession(tree)
    yield made
    made.close()


def _prove(session: TreeSession, tmp_path: Path) -> Episode:
    """Check every copied moment of the sealed episode against its copy."""
    episode = session.sealed()
    assert strict_check(write_episode(episode)) == episode
    report = check_replay(episode)
    assert not report.mismatches, [(m, episode.steps) for m in report.mismatches]
    moments = Moments(episode)
    base = GitBase(Git(session.root), "", session.base)
    seqs = copied_moments(episode)
    assert len(seqs) == len(session.copies)
    for place, (seq, copy) in enumerate(zip(seqs, session.copies, strict=True)):
        tree = whole_tree(moments, seq, base, is_disk=True)
        assert (tree.missing, tree.unnamed) == ([], 0), _trace(episode, set(tree.missing))
        out = tmp_path / f"out-{place}"
        write_tree(tree.files, out, links=True)
        found = snapshot(out)
        assert found == copy, _trace(
            episode, {p for p in found | copy if found.get(p) != copy.get(p)}
        )
        shutil.rmtree(out)
    return episode


def _trace(episode: Episode, paths: set[str]) -> list[str]:
    """Return every step that names one of some paths, for whoever reads a failure."""
    return [f"{step!r}" for step in episode.steps if any(f"'{p}'" in f"{step!r}" for p in paths)]


def test_one_session_with_everything_comes_back(session: TreeSession, tmp_path: Path) -> None:
    tree = session.tree
    tree.write("src/b.py", f"dirty {ODD}\n")
    tree.write("new and dirty.txt", f"untracked {ODD}\n")
    (session.root / "docs/d.md").unlink()
    session.tree_record("start")
    session.tests()
    for path, form in (
        ("crlf.txt", CRLF),
        ("bom.txt", BOM),
        ("latin.txt", LATIN),
        ("bare.txt", BARE),
    ):
        session.open(path, form)
        session.edit(path, session.open_texts[path].replace("\n", " more\n"))
        session.save(path, is_told_first=form in (BOM, BARE))
        session.tests()
    session.open("src/b.py")
    session.edit("src/b.py", f"unsaved {ODD}\n")
    session.git("commit", "commit", "-q", "-a", "-m", "one")
    session.shell(lambda root: (root / "a.py").rename(root / "moved.py"))
    session.shell(lambda root: (root / "src/deep").rename(root / "deeper"))
    session.shell(lambda root: (root / "tool.sh").chmod(0o644))
    session.shell(lambda root: (root / "link").unlink())
    session.shell(lambda root: (root / "link").symlink_to("moved.py"))
    session.tests()
    session.git("stash", "stash", "-q", "-u")
    session.git("checkout", "checkout", "-q", "-b", "other")
    session.shell(lambda root: _replace_with_folder(root / "a.py"))
    session.save("src/b.py")
    session.tree.git("add", "-A")
    session.git("commit", "commit", "-q", "-m", "two")
    session.git("checkout", "checkout", "-q", "main")
    session.git("stash", "stash", "pop", "-q")
    session.shell(lambda root: (root / "picture.bin").write_bytes(bytes(300)))
    session.git("other", "add", "-A")
    session.git("commit", "commit", "-q", "-m", "three")
    session.tree_record("end")
    episode = _prove(session, tmp_path)
    assert episode.header.check.resyncs == 0


def _replace_with_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "inner.txt").write_text(ODD)


def _operations(session: TreeSession, chance: random.Random) -> dict[str, Callable[[], None]]:
    """Return what a person may do next."""

    def files() -> list[str]:
        return [p for p, (mode, _) in sorted(snapshot(session.root).items()) if mode != "120000"]

    def text() -> str:
        return "".join(f"{chance.randrange(1000)} {ODD}\n" for _ in range(chance.randrange(1, 5)))

    def editable() -> str:
        return chance.choice(
            [p for p in files() if p.endswith((".py", ".md")) or p in session.forms]
        )

    def write() -> None:
        name = chance.choice(["n1.py", "src/n2.py", "deep/er/n3.md", *files()])
        session.shell(lambda root: _write(root / name, text()))

    def edit() -> None:
        path = editable()
        if path not in session.open_texts:
            session.open(path, _form_of((session.root / path).read_bytes()))
        session.edit(path, text())
        if session.forms[path] == LATIN:
            session.forms[path] = DiskForm()  # it has no emoji: editors ask, and write UTF-8
        if chance.random() < 0.7:
            session.save(path, is_told_first=chance.random() < 0.5)
        if chance.random() < 0.5:
            session.shut(path)

    def move() -> None:
        old, new = chance.choice(files()), f"moved/{chance.randrange(9)}.py"
        session.shell(lambda root: _move(root / old, root / new))

    return {
        "write": write,
        "edit": edit,
        "move": move,
        "delete": lambda: session.shell(lambda root: (root / chance.choice(files())).unlink()),
        "chmod": lambda: session.shell(lambda root: _flip(root / chance.choice(files()))),
        "commit": lambda: _commit(session),
        "branch": lambda: _switch(session, chance.choice(["main", "one", "two"])),
        "stash": lambda: session.git("stash", "stash", "-q", "-u"),
        "pop": lambda: _pop(session),
        "reset": lambda: session.git("reset", "reset", "-q", "--hard"),
        "tests": session.tests,
    }


def _form_of(content: bytes) -> DiskForm:
    try:
        content.decode()
    except UnicodeDecodeError:
        return LATIN
    if content.startswith(b"\xef\xbb\xbf"):
        return BOM
    return DiskForm(
        eol="crlf" if b"\r\n" in content else "kept",
        last_line="kept" if content.endswith(b"\n") else "without",
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _move(old: Path, new: Path) -> None:
    new.parent.mkdir(exist_ok=True)
    old.replace(new)


def _flip(path: Path) -> None:
    path.chmod(path.stat().st_mode ^ 0o100)


def _commit(session: TreeSession) -> None:
    session.tree.git("add", "-A")
    session.git("commit", "commit", "-q", "--allow-empty", "-m", "more")


def _switch(session: TreeSession, name: str) -> None:
    exists = name in session.tree.git("branch", "--list", name)
    session.git("checkout", "checkout", "-q", "-f", *([] if exists else ["-b"]), name)


def _pop(session: TreeSession) -> None:
    if session.tree.git("stash", "list"):
        session.git("reset", "reset", "-q", "--hard")
        session.git("other", "clean", "-q", "-f", "-d")
        session.tree.git("stash", "pop", "-q", may_fail=True)
        session.git("stash", "add", "-A")  # a conflict counts as solved


SEEDS = [int(seed) for seed in os.environ.get("SIGNOFF_TREE_SEEDS", "1 2 3").split()]


@pytest.mark.parametrize("seed", SEEDS)
def test_random_sessions_come_back_at_every_commit_and_test_run(
    seed: int, session: TreeSession, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311  a sequence of operations, no secret
    for _ in range(chance.randrange(4)):
        _write(session.root / chance.choice(["a.py", "dirty.txt"]), f"{chance.random()} {ODD}\n")
    session.tree_record("start")
    operations = _operations(session, chance)
    for _ in range(25):
        operations[chance.choice(sorted(operations))]()
    session.tests()
    session.tree_record("end")
    assert _prove(session, tmp_path).header.check.resyncs == 0
