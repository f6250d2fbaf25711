"""Convert commands that an editor ran in terminals and tasks to `command` steps (PROTOCOL.md).

`parse_command` validates all input; `command_step` runs on the work thread, because it may ask git
what may be recorded, and reads files for the values to mask.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final, Literal

from signoff_bridge.protocol.encodings import member
from signoff_collector.capture.opt_in.secret_words import names_a_secret
from signoff_collector.text.command_lines import split_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from signoff_collector.capture.journal.control import ControlLine
    from signoff_collector.capture.opt_in.policy import Policy

LONGEST_LINE: Final = 8_000
LONGEST_MS: Final = 12 * 3600 * 1000
HEAD_UNITS: Final = 24_576
TAIL_UNITS: Final = 73_728
_MS: Final = 1_000_000
_LARGEST: Final = 1 << 53
_LONGEST_PATH: Final = 4_096
_CODES: Final = range(-(1 << 31), 1 << 32)
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SHELL: Final = re.compile(r"[a-z][a-z0-9_-]{0,23}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_MARKS: Final = re.compile(r"\x1b\][^\x07\x1b]{0,65536}(?:\x07|\x1b\\)")
"""Escape sequences: window titles, shell integration marks (they repeat the line), links."""
_PROGRAM: Final = "signoff"
_SHOWING: Final = frozenset({"review", "sign", "show"})
"""Verbs that show recorded text, or end in a signature: not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOutput:
    """The part of an output that a companion kept; not masked yet."""

    head: str
    tail: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCommand:
    """A validated `signoff/command`."""

    identifier: str
    via: Literal["terminal", "task"]
    line: str
    cwd: Path
    shell: str | None
    started_ago_ms: int
    duration_ms: int
    exit_code: int | None
    output: ShownOutput | None
    shell_pid: int | None = None
    """Process of the shell, whose hook may have told of the same command."""

    @property
    def is_private(self) -> bool:
        """Whether the line begins with a space, which marks it as private."""
        return self.line.startswith(" ")

    def began_ns(self, now_ns: int) -> int:
        """Return the start time, given when the message arrived."""
        return max(0, now_ns - max(self.started_ago_ms, self.duration_ms) * _MS)

    def ended_ns(self, now_ns: int) -> int:
        """Return the time of its end, given when the message arrived."""
        return self.began_ns(now_ns) + self.duration_ms * _MS

    def as_told(self, line: object) -> ShownCommand | None:
        """Return the command with the line that the shell itself told; None if it is unusable.

        An editor may know only the first part of a line, without its leading space.
        """
        is_whole = isinstance(line, str) and 0 < len(line) <= LONGEST_LINE
        if not isinstance(line, str) or not is_whole or _CONTROL.search(line) or is_showing(line):
            return None
        return replace(self, line=line)


def parse_command(params: object) -> ShownCommand | None:
    """Validate a message; None if it must be ignored."""
    identifier, via, line, cwd = (member(params, name) for name in ("id", "via", "line", "cwd"))
    started, lasted = member(params, "started_ago_ms"), member(params, "duration_ms")
    if not isinstance(identifier, str) or not _IDENTIFIER.fullmatch(identifier):
        return None
    if via not in ("terminal", "task") or member(params, "confidence") == "low":
        return None
    if not isinstance(line, str) or not 0 < len(line.strip()) <= len(line) <= LONGEST_LINE:
        return None
    if type(started) is not int or type(lasted) is not int:
        return None
    folder = _folder(cwd)
    is_in_range = 0 <= started <= LONGEST_MS and 0 <= lasted <= LONGEST_MS
    if folder is None or not is_in_range or _CONTROL.search(line):
        return None
    shell, code = member(params, "shell"), member(params, "exit_code")
    pid = member(params, "shell_pid")
    return ShownCommand(
        identifier=identifier,
        via="task" if via == "task" else "terminal",
        line=_whole(line),
        cwd=folder,
        shell=shell if isinstance(shell, str) and _SHELL.fullmatch(shell) else None,
        started_ago_ms=started,
        duration_ms=lasted,
        exit_code=code if type(code) is int and code in _CODES else None,
        output=_output(member(params, "output")),
        shell_pid=pid if type(pid) is int and pid > 0 else None,
    )


def _folder(cwd: object) -> Path | None:
    if not isinstance(cwd, str) or not cwd.startswith("/") or len(cwd) > _LONGEST_PATH:
        return None
    if _CONTROL.search(cwd) or "\n" in cwd or "\t" in cwd:
        return None
    return Path(os.path.normpath(_whole(cwd)))


def _output(value: object) -> ShownOutput | None:
    head, tail, size = (member(value, name) for name in ("head", "tail", "size_bytes"))
    if not isinstance(head, str) or not isinstance(tail, str) or type(size) is not int:
        return None
    if len(head) > HEAD_UNITS or len(tail) > TAIL_UNITS or not 0 <= size <= _LARGEST:
        return None
    return ShownOutput(head=head, tail=tail, size_bytes=size)


def _whole(text: str) -> str:
    """Remove lone surrogates, which no path or command line has."""
    return text.encode("utf-8", "replace").decode()


def is_showing(line: str) -> bool:
    """Return whether a line runs a verb of ours that shows recorded text."""
    return any(_SHOWING & set(words[1:4]) for words in _own_words(line))


def _own_words(line: str) -> list[tuple[str, ...]]:
    commands = (command.words for command in split_line(line))
    return [words for words in commands if words and PurePath(words[0]).name == _PROGRAM]


def command_step(
    command: ShownCommand,
    now_ns: int,
    *,
    policy: Policy,
    lines: Sequence[ControlLine],
    mask: Callable[[], Callable[[str], str]],
    is_kept_out: bool = False,
) -> dict[str, object] | None:
    """Return the masked step of a command; None if it must not be recorded.

    Args:
        command: as validated.
        now_ns: when the message arrived; the time of the step.
        policy: of the workspace.
        lines: requests to the session so far.
        mask: loads the values to mask, and returns the masking function.
        is_kept_out: a pattern of the person excludes the line.
    """
    began_ns = command.began_ns(now_ns)
    asked = {line.verb for line in lines if began_ns <= line.t_boot_ns <= now_ns}
    if _began_in_a_pause(lines, began_ns) or asked & {"forget", "stop", "disable"}:
        return None
    lasted_ns = command.duration_ms * _MS
    common: dict[str, object] = {"t_boot_ns": now_ns, "t_kind": "event", "duration_ns": lasted_ns}
    if command.is_private or is_kept_out:
        return {**common, "t_kind": "seen_late", "kind": "gap", "reason": "private"}
    mask_text = mask()
    step = common | {
        "kind": "command",
        "line": mask_text(command.line),
        "cwd": str(command.cwd),
        "shell": command.shell,
        "tty": True if command.via == "terminal" else None,
        "exit_code": command.exit_code,
        "via": command.via,
        "output_state": "none",
    }
    if "pause" in asked or _own_words(command.line):
        return step
    if is_secret(command, policy):
        return step
    return step | _kept(command.output, mask_text)


def is_secret(command: ShownCommand, policy: Policy) -> bool:
    """Return whether a line names a never-record file: then no output is kept."""
    return names_a_secret((command.line,), command.cwd, policy, is_shell_line=True)


def _began_in_a_pause(lines: Sequence[ControlLine], began_ns: int) -> bool:
    from signoff_collector.capture.journal.control import control_state

    before = [line for line in lines if line.t_boot_ns <= began_ns]
    return control_state(before).is_paused(began_ns)


def _kept(output: ShownOutput | None, mask_text: Callable[[str], str]) -> dict[str, object]:
    from signoff_collector.capture.runs.output_keeping import keep_ends

    if output is None:
        return {}
    head, tail = _MARKS.sub("", output.head), _MARKS.sub("", output.tail)
    taken = sum(len(part.encode("utf-8", "replace")) for part in (output.head, output.tail))
    left = sum(len(part.encode("utf-8", "replace")) for part in (head, tail))
    kept = keep_ends(head, tail, max(0, output.size_bytes - (taken - left)), mask_text)
    return {
        "output_state": kept.output_state,
        "output_bytes": kept.output_bytes,
        "output": {
            "head": kept.head,
            "tail": kept.tail,
            "middle_bytes": kept.middle_bytes,
            "middle_lines": kept.middle_lines,
        },
    }
