"""Which documents exist for the recorder at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_bridge.protocol.addresses import canonical_path, is_commit_message, may_be_held


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///p/a.py", "/p/a.py"),
        ("FILE:///p/a%20b%C3%A9.py", "/p/a bé.py"),
        ("file://localhost/p/../q//a.py#L3", "/q/a.py"),
        ("file:///p/%F0%9F%98%80%F0%9F%A7%AA.py", "/p/\U0001f600\U0001f9ea.py"),
    ],
)
def test_a_file_has_one_path(uri: str, path: str) -> None:
    assert canonical_path(uri) == Path(path)


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1", "git:/p/a.py?HEAD", "output:x", "http://host/a.py", "", "file:",
        "file://server/share/a.py", "file:///", "file:///p/.git/COMMIT_EDITMSG",
        "file:///p/.GIT/config", "file:///p/%2egit/config", "file:///p/.a.py.swp", "file:///p/4913",
        "file:///p/a.py~", "file:///p/%23a.py%23", "file:///p/.%23a.py", "file:///p/a%0Ab.py",
        "file:///p/a%00b", "file:///" + "a" * 20_000,
    ],
)  # fmt: skip
def test_everything_else_does_not_exist(uri: str) -> None:
    assert canonical_path(uri) is None


@given(st.text(max_size=100))
def test_any_text_has_an_absolute_path_or_none(text: str) -> None:
    for uri in (text, "file:///" + text):
        path = canonical_path(uri)
        assert path is None or path.is_absolute()


def test_never_record_files_are_not_held_also_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("x")
    (tmp_path / "harmless.txt").symlink_to(tmp_path / ".env")
    assert not may_be_held(tmp_path / ".env")
    assert not may_be_held(tmp_path / "harmless.txt")
    assert may_be_held(tmp_path / "a.py")


def test_commit_messages_are_known() -> None:
    assert is_commit_message("file:///p/.git/COMMIT_EDITMSG")
    assert is_commit_message("file:///p/.git/rebase-merge/git-rebase-todo")
    assert not is_commit_message("file:///p/commit.py")
