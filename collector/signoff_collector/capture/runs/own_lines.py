"""Recognise shell lines that call Signoff itself: the verb, and the command of `signoff run`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from signoff_collector.capture.runs.runners import program_name
from signoff_collector.text.command_lines import split_line

_BEFORE: Final = frozenset({"command", "time", "exec", "env", "nice", "nohup"})
_AROUND: Final = frozenset(
    {"cd", "clear", "true", "echo", "less", "more", "head", "tail", "cat", "bat", "grep", "rg",
     "wc", "sort", "uniq", "cut", "tee", "jq", "fzf", "column"}
)  # fmt: skip
"""Commands that may accompany a verb without making the line about something else."""
_WITH_VALUE: Final = frozenset({"--junit"})


def is_looking_back(line: str) -> bool:
    """Whether a line only reads what Signoff recorded: `signoff find x | less`."""
    commands = [item.words for item in split_line(line) if item.words]
    verbs = [verb for words in commands if (verb := _called(words)) is not None]
    others = [words for words in commands if _called(words) is None]
    return (
        bool(verbs)
        and all(verb and verb[0] != "run" for verb in verbs)
        and all(program_name(words[0]) in _AROUND for words in others)
    )


def run_by(line: str) -> tuple[str, ...] | None:
    """Return the command of `signoff run`, for a line that contains nothing else."""
    commands = split_line(line)
    words = _called(commands[0].words) if len(commands) == 1 else None
    if not words or words[0] != "run" or commands[0].after:
        return None
    place = 1
    while place < len(words) and words[place].startswith("-"):
        if words[place] == "--":
            return tuple(words[place + 1 :])
        place += 2 if words[place] in _WITH_VALUE else 1
    return tuple(words[place:])


def _called(words: Sequence[str]) -> Sequence[str] | None:
    """Return the arguments after `signoff`; None for another program."""
    while words and (re.match(r"[A-Za-z_]\w*=", words[0]) or words[0] in _BEFORE):
        words = words[1:]
    if not words:
        return None
    if program_name(words[0]) == "signoff":
        return words[1:]
    is_module = list(words[1:3]) == ["-m", "signoff_collector"]
    return words[3:] if is_module and program_name(words[0]) == "python" else None
