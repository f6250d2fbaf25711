"""Match command lines against the person's exclusions in `config/commands.tsv` of the home.

Hooks of shells and agents read the file without our code, so a row holds the pattern in their
syntax too:

! workspace, or * for all TAB pattern TAB the same for bash and zsh TAB for fish

A pattern is searched wherever a word begins; `*` matches anything, and text after the pattern is
ignored. So `aws ` excludes `sudo aws s3 ls` and `cd x; aws s3 ls`. A pattern that begins with `*`
is searched anywhere. It may exclude more than was meant, never less. docs/never_recorded.md tells
users.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # `typing` itself would take 5 ms, and hooks of agents read this
if TYPE_CHECKING:
    from typing import Final

FILE_NAME: Final = "commands.tsv"
_READING: Final[int] = (
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
)  # as `system.files.opening` has it, which hooks do not load
MAX_PATTERNS: Final = 200
MAX_LENGTH: Final = 200
_MAX_BYTES: Final = 1 << 20
_STAR: Final = "*"
_EVERYWHERE: Final = "*"
_GLOB: Final = frozenset("\\[]()|<>#^~?")
"""What means something in a pattern of bash or zsh; zsh takes `\\` before others as it stands."""
_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def is_kept_out(home: str, line: str, folder: str) -> bool:
    """Whether a pattern of the person excludes a command line.

    Args:
        home: path of the home.
        line: as it was typed.
        folder: real path of where it ran.
    """
    return any(_is_in(folder, root) and matches(pattern, line) for root, pattern in read_rows(home))


def read_rows(home: str) -> list[tuple[str, str]]:
    """Return workspace (empty for all) and pattern of every row; empty without the file."""
    try:
        descriptor = os.open(f"{home}/config/{FILE_NAME}", _READING)
    except OSError:
        return []
    try:
        text = os.read(descriptor, _MAX_BYTES).decode("utf-8", "surrogateescape")
    finally:
        os.close(descriptor)
    rows = [line.split("\t") for line in text.split("\n")]
    return [
        ("" if row[0] == _EVERYWHERE else row[0], row[1])
        for row in rows
        if len(row) == 4 and row[0] and row[1]
    ]


def row_of(root: str, pattern: str) -> str:
    """Format a pattern's row of the file, without the line end."""
    return "\t".join((root or _EVERYWHERE, pattern, _for_bash(pattern), _for_fish(pattern)))


def matches(pattern: str, line: str) -> bool:
    """Whether a pattern matches a line where a word begins; in time linear in the line."""
    first, *others = pattern.split(_STAR)
    at = _first_place(first, line)
    if at < 0:
        return False
    for piece in others:
        at = line.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


def _first_place(piece: str, line: str) -> int:
    """Return the offset behind the first match where a word begins, -1 for none."""
    at = line.find(piece)
    while at > 0 and line[at - 1] in _WORD:
        at = line.find(piece, at + 1)
    return at if at < 0 else at + len(piece)


def _is_in(folder: str, root: str) -> bool:
    return not root or folder == root or folder.startswith(f"{root}/")


def _for_bash(pattern: str) -> str:
    """Translate to a glob of bash and zsh; only `*` is special."""
    return "".join(f"\\{char}" if char in _GLOB else char for char in pattern)


def _for_fish(pattern: str) -> str:
    """Translate to a regular expression that never backtracks."""
    first, *others = (
        "".join(
            char if char in _WORD or not char.isascii() else f"\\x{ord(char):02x}" for char in piece
        )
        for piece in pattern.split(_STAR)
    )
    rest = "".join(f"(?>.*?{piece})" for piece in others)
    return f"(?s)(?:\\A|[^A-Za-z0-9_]){first}{rest}"
