"""`.signoffignore` matches as `.gitignore` does, and can only take away."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signoff_collector.capture.opt_in import ignoring
from signoff_collector.capture.opt_in.ignoring import (
    MAX_FILE_BYTES,
    MAX_PATTERNS,
    parse_ignore_file,
    read_ignore_file,
)


def hides(line: str, path: str) -> bool:
    return parse_ignore_file(line.encode()).hides(path.split("/"))


@pytest.mark.parametrize(
    ("line", "path", "is_hidden"),
    [
        ("*.log", "a/b/c.log", True),
        ("/top.txt", "a/top.txt", False),
        ("/top.txt", "top.txt", True),
        ("build/", "build", False),
        ("build/", "x/build/out.js", True),
        ("docs/*.md", "docs/sub/a.md", False),
        ("docs/**", "docs/sub/a.md", True),
        ("docs/**", "docs", False),
        ("**/private/**", "a/private/b", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("wörk-🎈?", "wörk-🎈🎉", True),
        ("[a-c]x", "bx", True),
        ("[!a-c]x", "bx", False),
        ("[[:digit:]]", "7", True),
        ("[b-a]", "b", True),
        ("[b-a]", "a", False),
        ("[/a]/x", "a/x", True),
        ("a\\/b", "a/b", True),
        ("a/***/b", "a/x/y/b", True),
        ("\\*", "*", True),
        ("\\*", "x", False),
        ("\\#a", "#a", True),
        ("\\!a", "!a", True),
        ("name\\ ", "name ", True),
        ("name ", "name", True),
    ],
)
def test_a_line_means_what_git_means_by_it(line: str, path: str, is_hidden: bool) -> None:
    assert hides(line, path) is is_hidden


def test_an_exclamation_mark_is_refused_and_named() -> None:
    parsed = parse_ignore_file(b"secret/\n!secret/public.txt\n")
    assert parsed.hides(["secret", "public.txt"])
    assert parsed.refused == ("!secret/public.txt",)


def test_a_file_that_cannot_be_read_as_one_hides_everything(tmp_path: Path) -> None:
    for number, make in enumerate((_make_link, _make_pipe, _make_large, _make_folder)):
        folder = tmp_path / str(number)
        folder.mkdir()
        make(folder / ".signoffignore")
        assert read_ignore_file(folder).hides(["x.py"]), make.__name__
    assert not read_ignore_file(tmp_path).hides(["x.py"])


def _make_link(path: Path) -> None:
    path.symlink_to("/dev/null")


def _make_pipe(path: Path) -> None:
    os.mkfifo(path)


def _make_large(path: Path) -> None:
    path.write_bytes(b"#" * (MAX_FILE_BYTES + 1))


def _make_folder(path: Path) -> None:
    path.mkdir()


def test_too_many_patterns_hide_everything() -> None:
    assert parse_ignore_file(b"x\n" * (MAX_PATTERNS + 1)).hides(["y"])


def test_a_pattern_made_to_be_slow_needs_no_more_than_a_product() -> None:
    assert not hides("*a" * 400 + "b", "a" * 1000)
    assert not hides("**/" * 200 + "nowhere", "a/" * 200 + "b")
    assert not hides("**/" + "*a" * 30 + "b", "/".join(["a" * 255] * 15)), "git needs minutes"


@given(st.lists(st.sampled_from(["**", "a", "b", "*", "a*"]), min_size=1, max_size=9), st.data())
def test_each_component_is_compared_once_with_each_piece_of_a_pattern(
    levels: list[str], data: st.DataObject
) -> None:
    """Counted, not timed: folders on the way are no reason to begin again."""
    parts = data.draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=60))
    compared: list[tuple[str, str]] = []

    class Counting:
        def __init__(self, expression: str) -> None:
            self._expression = expression

        def fullmatch(self, part: str) -> re.Match[str] | None:
            compared.append((self._expression, part))
            return re.fullmatch(self._expression, part)

    (pattern,) = parse_ignore_file("/".join(levels).encode()).patterns
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ignoring, "_compiled", Counting)
        pattern.hides(parts)
    assert len(compared) <= len(pattern.segments) * len(parts)


@given(st.binary(), st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_any_bytes_are_read_and_matched_without_error(content: bytes, parts: list[str]) -> None:
    parsed = parse_ignore_file(content)
    assert parsed.hides(parts) in (True, False)


_PIECE = st.sampled_from(
    ["a", "b", "ab", "*", "**", "***", "?", "/", "[ab]", "[!a]", "[a-", "\\", "\\*", "🎈", "🎉",
     "-", " ", "[b-a]", "[/a]", "[]a]", "[a-c-]", "\\/", "[[:alpha:]]", "[^[:punct:]b]", "[[:a]",
     "[[:]"]
)  # fmt: skip
_LINE = st.lists(_PIECE, min_size=1, max_size=6).map("".join)
_NAME = st.sampled_from(["a", "b", "ab", "aab", "🎈", "🎉b", "*", "a-", "c"])
_PATH = st.lists(_NAME, min_size=1, max_size=4).map("/".join)


_STARS_BEHIND_LETTERS = re.compile(r"[^*?\[\\]*[^*?\[\\/]\*\*")
"""Git takes `a**/` for `a` and then any folders; its manual says that such stars are plain ones."""


@settings(max_examples=150)
@given(_LINE, st.lists(_PATH, min_size=1, max_size=12, unique=True))
def test_our_matching_agrees_with_git(line: str, paths: list[str]) -> None:
    if line.startswith("!") or line.strip() == "" or _STARS_BEHIND_LETTERS.match(line):
        return
    if "?" in line or "[" in line:  # git takes these for one byte, we for one character
        paths = [path for path in paths if path.isascii()]
    ours = parse_ignore_file(line.encode())
    ignored = _ignored_by_git(line, paths)
    for path in paths:
        if ours.refused:
            assert path not in ignored, "git knows a pattern that we refuse"
        else:
            assert ours.hides(path.split("/")) == (path in ignored), (line, path)


def _ignored_by_git(line: str, paths: list[str]) -> set[str]:
    folder = _repository()
    (folder / ".gitignore").write_text(line + "\n")
    result = subprocess.run(
        ["git", "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=folder,
        input="".join(f"./{path}\0" for path in paths).encode(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert result.returncode in (0, 1), result.stderr
    return {name.removeprefix("./") for name in result.stdout.decode().split("\0") if name}


_FOLDERS: dict[int, Path] = {}


def _repository() -> Path:
    """One empty repository per process, below the HOME of the first test that asks."""
    if os.getpid() not in _FOLDERS:
        folder = Path(os.environ["HOME"]).parent / "ignoring"
        folder.mkdir()
        subprocess.run(["git", "init", "-q", str(folder)], check=True, timeout=60)
        _FOLDERS[os.getpid()] = folder
    return _FOLDERS[os.getpid()]


@pytest.mark.parametrize(
    ("line", "path", "is_hidden"),
    [
        ("Private/", "private/p.py", True),
        ("notes.txt", "NOTES.TXT", True),
        ("*.KEY", "deep/a.key", True),
        ("caf\u00e9", "cafe\u0301", True),
        ("cafe\u0301", "CAF\u00c9", True),
        ("[A-C]x", "bX", True),
        ("[[:upper:]]", "q", True),
        ("stra\u00dfe", "STRASSE", True),
        ("notes.txt", "note.txt", False),
        ("/top", "deep/TOP", False),
    ],
)
def test_on_a_disk_that_folds_names_every_spelling_is_hidden(
    line: str, path: str, is_hidden: bool
) -> None:
    parsed = parse_ignore_file(line.encode())
    assert parsed.hides(path.split("/"), is_folding=True) == is_hidden
    assert not parsed.hides(path.split("/"))


@given(st.binary(max_size=80), st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_folding_hides_no_less(content: bytes, parts: list[str]) -> None:
    parsed = parse_ignore_file(content)
    assert parsed.hides(parts, is_folding=True) >= parsed.hides(parts)
