"""What an agent could have done to make an episode, from it and its public repository alone.

Where something had to be assumed that the episode does not say, `GUESSED` names it; the test
compares that list with docs/taxonomy_proof.md.
"""

from __future__ import annotations

import difflib
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.moments import Moments
from signoff_schemas.steps import CommandStep

GUESSED = (
    "how far apart two edits may be and still be one thought (8 lines)",
    "a machine on which the recorded interpreter and packages are installed",
)
_LIMIT_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call of a record that an agent could have made, and what it came to."""

    seq: int
    name: str
    arguments: dict[str, str]
    exit_code: int | None = None


def tool_calls(episode: Episode) -> Iterator[ToolCall]:
    """Yield the calls that lead from the base to the last moment, in order."""
    moments = Moments(episode)
    for step in episode.steps:
        match step.kind:
            case "open" if step.path is not None and moments.disk(step.path, step.seq) is not None:
                yield ToolCall(seq=step.seq, name="open_file", arguments={"path": step.path})
            case "save" if step.path is not None:
                yield from _edits_until(moments, step.path, step.seq)
            case "command" if isinstance(step, CommandStep):
                yield ToolCall(
                    seq=step.seq,
                    name="bash",
                    arguments={"command": step.line or shlex.join(step.argv)},
                    exit_code=step.exit_code,
                )
            case "create" | "delete" | "files" | "rename" if not _is_of_command(step.actor):
                raise AssertionError(f"nobody is known to have done step {step.seq}: {step!r}")
            case _:
                continue


def _is_of_command(actor: object) -> bool:
    return any(word.startswith("command") for word in getattr(actor, "evidence", ()))


def _edits_until(moments: Moments, path: str, seq: int) -> Iterator[ToolCall]:
    before, after = moments.disk(path, seq - 1), moments.disk(path, seq)
    assert isinstance(after, str)
    if before is None:
        yield ToolCall(seq=seq, name="create", arguments={"path": path, "text": after})
    elif before != after:
        assert isinstance(before, str)
        old, new = _unique_change(before, after)
        arguments = {"path": path, "old_str": old, "new_str": new}
        yield ToolCall(seq=seq, name="str_replace", arguments=arguments)


def _unique_change(before: str, after: str) -> tuple[str, str]:
    """Return what to replace by what: whole lines, as many as make the place unique."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    first, last = changed[0], changed[-1]
    start, end, new_end = first[1], last[2], last[4]
    while before.count("".join(old[start:end])) != 1:
        start, end, new_end = max(0, start - 1), min(len(old), end + 1), min(len(new), new_end + 1)
    shift = first[3] - first[1]
    return "".join(old[start:end]), "".join(new[start + shift : new_end])


def execute(calls: Iterator[ToolCall], folder: Path) -> list[tuple[int, int]]:
    """Do what the calls say in a folder; return (recorded, reached) exit codes of commands."""
    codes: list[tuple[int, int]] = []
    for call in calls:
        place = folder / call.arguments.get("path", ".")
        match call.name:
            case "open_file":
                assert place.is_file(), call
            case "create":
                assert not place.exists(), call
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(call.arguments["text"].encode())
            case "str_replace":
                text = place.read_bytes().decode()
                assert text.count(call.arguments["old_str"]) == 1, call
                old, new = call.arguments["old_str"], call.arguments["new_str"]
                place.write_bytes(text.replace(old, new).encode())
            case _:
                words = shlex.split(call.arguments["command"])
                words[0] = sys.executable if words[0] == "python" else words[0]
                done = subprocess.run(
                    words, cwd=folder, capture_output=True, timeout=_LIMIT_S, check=False
                )
                assert call.exit_code is not None
                codes.append((call.exit_code, done.returncode))
    return codes
