"""Detect whether the arguments of a command name a file on the never-record list (threat 16).

The command's output may show what is in the file, so none of it is kept.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.never_record import is_never_recorded
from signoff_collector.capture.opt_in.policy import Reason

if TYPE_CHECKING:
    from signoff_collector.capture.opt_in.policy import Policy

_WORD_EDGES: Final = re.compile(r"[\s=:,;|&<>()'\"`@]+")
_QUOTES: Final = re.compile(r"""['"\\]""")
"""Characters that a shell removes from a word: `'.e'"nv"` and `.env` name the same file."""
_SHELLS: Final = frozenset({"sh", "bash", "zsh", "fish", "dash", "ksh"})
_TAKES_LINE: Final = re.compile(r"-[a-z]*c")
_SECRET: Final = frozenset({Reason.NEVER, Reason.SIGNOFFIGNORE})
_MAX_WORDS: Final = 200
_MAX_MATCHES: Final = 1_000


def names_a_secret(
    words: Iterable[str], cwd: Path, policy: Policy, *, is_shell_line: bool = False
) -> bool:
    """Whether any argument, or part of one, names such a file.

    Args:
        words: of the command, or the one line that a shell was given.
        cwd: where it ran.
        policy: of the workspace.
        is_shell_line: the shell still had to expand `*`, `?` and `[…]`.
    """
    listed = list(words)
    is_shell_line = is_shell_line or _gives_a_line(listed)
    if is_shell_line:
        listed += [_QUOTES.sub("", word) for word in listed if _QUOTES.search(word)]
    parts = [part for word in listed for part in _WORD_EDGES.split(word) if part]
    if any(is_never_recorded(PurePath(part)) for part in parts):
        return True
    named = {cwd / part for part in parts[:_MAX_WORDS]}
    if is_shell_line:
        named |= _matches(parts[:_MAX_WORDS], cwd)
    existing = [path for path in named if os.path.lexists(path)]
    if any(is_never_recorded(path) for path in existing):
        return True
    verdicts = policy.verdicts(existing) if existing else {}
    return any(verdict.reason in _SECRET for verdict in verdicts.values())


def _gives_a_line(words: Sequence[str]) -> bool:
    """Whether a command passes a line to a shell, as `sh -c LINE` does."""
    return any(
        PurePath(word).name in _SHELLS and any(_TAKES_LINE.fullmatch(option) for option in rest)
        for word, *rest in (words[place : place + 4] for place in range(min(len(words), 8)))
    )


def _matches(parts: Iterable[str], cwd: Path) -> set[Path]:
    """Expand the glob patterns among the words."""
    patterns = (part for part in parts if glob.has_magic(part))
    found = (path for pattern in patterns for path in glob.iglob(pattern, root_dir=cwd))  # noqa: PTH207  any pattern, without an error
    return {cwd / path for path in islice(found, _MAX_MATCHES)}
