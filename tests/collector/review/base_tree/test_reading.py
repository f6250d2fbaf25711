"""The base commit is read from git's objects alone, and only what may be looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.support.base_tree import commit_files
from tests.support.hostile_repository import listing, make_hostile_repository

from signoff_collector.review.base_tree import reading
from signoff_collector.review.base_tree.reading import read_commit
from signoff_schemas.errors import NotFoundError

TEXT = "naïve 😀 and 𝄞\n"


def test_what_is_not_recorded_is_not_read(tmp_path: Path) -> None:
    root = tmp_path / "project"
    files: dict[str, str | bytes] = {
        "a.py": TEXT,
        ".env": "TOKEN=1\n",
        "keys/id_rsa": "x\n",
        "kept.log": "ignored, and committed all the same\n",
        ".gitignore": "*.log\n",
        ".signoffignore": "hidden/\n",
        "hidden/b.py": TEXT,
        "picture.png": b"\x89PNG\0\1",
        "latin.txt": "gr\xfc\xdfe\n".encode("latin-1"),
        "large.txt": "x" * (1 << 20) + "\n",
        "link": "-> a.py",
    }
    work = commit_files(root, files)
    read = read_commit(root, work.head)
    assert [file.path for file in read.files] == [".gitignore", ".signoffignore", "a.py", "link"]
    assert {file.path: file.mode for file in read.files}["link"] == "120000"
    assert {file.path: file.why for file in read.staying} == {
        ".env": "never_recorded",
        "hidden/b.py": "hidden_by_signoffignore",
        "keys/id_rsa": "never_recorded",
        "kept.log": "ignored",
        "large.txt": "too_large",
        "latin.txt": "binary",
        "picture.png": "binary",
    }


def test_the_commit_counts_and_not_the_work_tree(tmp_path: Path) -> None:
    root = tmp_path / "project"
    work = commit_files(root, {"a.py": TEXT, "sub/b.py": TEXT})
    base = work.head
    work.write("a.py", "changed\n")
    work.commit("later", "c.py", TEXT)
    (root / "sub" / "b.py").unlink()
    read = read_commit(root, base)
    assert {file.path: file.content for file in read.files} == {
        "a.py": TEXT.encode(),
        "sub/b.py": TEXT.encode(),
    }


def test_of_a_workspace_below_the_top_only_its_own_files_are_read(tmp_path: Path) -> None:
    work = commit_files(tmp_path / "project", {"a.py": TEXT, "sub/b.py": TEXT, "subway/c.py": ""})
    read = read_commit(tmp_path / "project" / "sub", work.head)
    assert [file.path for file in read.files] == ["b.py"]


@pytest.mark.parametrize(("count", "total"), [(2, 1 << 30), (100, 2 * len(TEXT.encode()))])
def test_what_is_too_much_is_left_out_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, total: int
) -> None:
    monkeypatch.setattr(reading, "MAX_FILES", count)
    monkeypatch.setattr(reading, "MAX_TOTAL_BYTES", total)
    work = commit_files(tmp_path / "project", {f"{name}.py": TEXT for name in "abcd"})
    read = read_commit(tmp_path / "project", work.head)
    assert [file.path for file in read.files] == ["a.py", "b.py"]
    assert {(file.path, file.why) for file in read.staying} == {
        ("c.py", "too_much"),
        ("d.py", "too_much"),
    }


def test_names_that_no_checkout_writes_stay(tmp_path: Path) -> None:
    root = tmp_path / "project"
    work = commit_files(root, {"a.py": TEXT})
    Path(os.fsdecode(os.fsencode(root) + b"/\xff.py")).write_text(TEXT, "utf-8")
    (root / "back\\slash.py").write_text(TEXT, "utf-8")
    (root / "two\nlines.py").write_text(TEXT, "utf-8")
    work.git("add", "-A")
    work.git("commit", "-q", "-m", "strange names")
    read = read_commit(root, work.head)
    assert [file.path for file in read.files] == ["a.py"]
    assert {file.path: file.why for file in read.staying} == {
        "back\\slash.py": "unsafe_name",
        "\\xff.py": "unsafe_name",
        "two\nlines.py": "unsafe_name",
    }


def test_a_file_that_the_repository_lacks_is_left_out(tmp_path: Path) -> None:
    work = commit_files(tmp_path / "project", {"a.py": TEXT, "b.py": "lost\n"})
    lost = work.git("rev-parse", "HEAD:b.py")
    (work.root / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    read = read_commit(work.root, work.head)
    assert [file.path for file in read.files] == ["a.py"]
    assert [(file.path, file.why) for file in read.staying] == [("b.py", "missing")]


def test_of_a_partial_clone_what_it_has_is_read_and_nothing_is_fetched(tmp_path: Path) -> None:
    work = commit_files(tmp_path / "project", {"a.py": TEXT, "b.py": "never fetched\n"})
    work.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    work.git("clone", "-q", "--no-checkout", "--filter=blob:none", work.root.as_uri(), str(clone))
    work.git("-C", str(clone), "checkout", "-q", "HEAD", "--", "a.py")
    before = listing(clone)
    read = read_commit(clone, work.head)
    assert [file.path for file in read.files] == ["a.py"]
    assert [(file.path, file.why) for file in read.staying] == [("b.py", "missing")]
    assert listing(clone) == before


def test_replaced_objects_are_not_what_the_commit_holds(tmp_path: Path) -> None:
    work = commit_files(tmp_path / "project", {"a.py": TEXT, "b.py": "other\n"})
    base = work.head
    work.git("replace", "HEAD:a.py", "HEAD:b.py")
    work.commit("later", "c.py", TEXT)
    work.git("replace", base, work.head)
    read = read_commit(work.root, base)
    assert {file.path: file.content for file in read.files} == {
        "a.py": TEXT.encode(),
        "b.py": b"other\n",
    }


def test_a_hostile_repository_runs_nothing_and_nothing_in_it_changes(tmp_path: Path) -> None:
    hostile = make_hostile_repository(tmp_path)
    commit = (hostile.root / ".git" / "refs" / "heads" / "main").read_text("ascii").strip()
    before = listing(hostile.root)
    read = read_commit(hostile.root, commit)
    assert "sub" in {file.path for file in read.staying if file.why == "submodule"}
    assert {"a.txt", "b.txt"} <= {file.path for file in read.files}
    assert hostile.fired == []
    assert listing(hostile.root) == before


def test_a_workspace_repository_or_commit_that_is_gone_is_said(tmp_path: Path) -> None:
    work = commit_files(tmp_path / "project", {"a.py": TEXT})
    (tmp_path / "plain").mkdir()
    for root, commit in (
        (tmp_path / "nowhere", work.head),
        (tmp_path / "plain", work.head),
        (work.root, "1" * 40),
    ):
        with pytest.raises(NotFoundError):
            read_commit(root, commit)
