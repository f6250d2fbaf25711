"""Every reader of document URIs finds the same path, or none."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signoff_bridge.protocol.addresses import canonical_path
from signoff_collector.capture.journal.record_paths import relative_path
from signoff_collector.capture.tallies.touched_files import real_path_of_uri
from signoff_collector.seal.paths import WorkspacePaths
from signoff_collector.text.file_uris import path_of_uri

NAMES = st.lists(
    st.binary(min_size=1, max_size=20).filter(
        lambda name: name not in {b".", b".."} and not set(name) & {*range(0x20), 0x2F, 0x7F}
    ),
    min_size=1,
    max_size=4,
)


@given(NAMES)
@example(["a b\U0001f600\U00020000.py".encode()])
@example([b"100% #1?.py"])
@example([b"no utf-8 \xff"])
def test_a_path_comes_back_from_its_uri(names: list[bytes]) -> None:
    path = Path("/", *map(os.fsdecode, names))
    assert path_of_uri(path.as_uri()) == str(path)
    assert path_of_uri("FILE://localhost" + path.as_uri()[len("file://") :]) == str(path)


@given(st.text(st.characters(exclude_categories=()), max_size=100))
@example("file:///\ud800")
@example("file:////a")
@example("file:///a/../../b")
def test_any_text_has_an_absolute_path_or_none(text: str) -> None:
    for uri in (text, "file:///" + text):
        path = path_of_uri(uri)
        assert path is None or (path.startswith("/") and path == posixpath.normpath(path))


@pytest.mark.parametrize(
    "uri",
    ["untitled:Untitled-1", "http://host/a.py", "", "file:", "file:a.py", "file://server/share/a.py",
     "file:///a%0Ab", "file:///a%00b", "file:///" + "a" * 20_000],
)  # fmt: skip
def test_what_names_no_file_here_has_no_path(uri: str) -> None:
    assert path_of_uri(uri) is None


@given(NAMES)
def test_all_readers_agree(names: list[bytes]) -> None:
    root = Path("/work-that-is-not-there")
    path = root.joinpath(*map(os.fsdecode, names))
    uri = path.as_uri()
    relative = path.relative_to(root).as_posix()
    shown = relative.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    assert WorkspacePaths(str(root), {}).of_uri(uri) == shown
    assert relative_path(root, uri) == relative
    assert real_path_of_uri(uri) == path
    assert canonical_path(uri) in {path, None}  # None: a temporary of an editor, or inside .git
