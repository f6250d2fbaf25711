"""The formats that `signoff import` reads: one list for the verb, its completion and documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import DamagedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.imports.people import Foreign

FORMATS: Final[Mapping[str, str]] = {
    "asciicast": "a terminal recorded by asciinema",
    "atif": "an agent's trajectory in ATIF",
    "claude-code": "a transcript of Claude Code",
    "codex": "a rollout of Codex",
    "crowd-code": "a recording of crowd-code 1 or 2",
    "editing-trace": "an editing trace: one text, patch by patch",
    "progsnap2": "one student of a ProgSnap2 data set",
}
"""Name of a format to what a file of it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a person names to be imported."""

    content: bytes = b""
    files: Mapping[str, bytes] | None = None
    """The files of a folder, where that was named."""
    name: str = "trace"
    """Of the file, without its endings."""
    subject: str | None = None
    times: bytes | None = None
    """A file with one Unix time per edit."""


def read_foreign(format_name: str, given: Given) -> Foreign:
    """Return the episode that a recording of another tool gives, and whom it names.

    Raises:
        DamagedError: it is none of that format.
        UsageError: an option does not fit the format, or one is missing.
        NotFoundError: nobody of the name given is in it.
    """
    if given.times is not None and format_name != "editing-trace":
        raise UsageError("--times is for editing traces: other formats hold their times")
    if format_name == "progsnap2":
        from signoff_collector.imports.progsnap2 import read_progsnap2, read_zip

        files = read_zip(given.content) if given.files is None else given.files
        return read_progsnap2(files, given.subject)
    if given.subject is not None:
        raise UsageError("--subject is for progsnap2: other formats hold one person's work")
    if given.files is not None:
        raise DamagedError(f"a recording of the format {format_name} is a file, not a folder")
    return _read_one(format_name, given)


def _read_one(format_name: str, given: Given) -> Foreign:
    match format_name:
        case "asciicast":
            from signoff_collector.imports.asciicast import read_asciicast as read
        case "atif":
            from signoff_collector.imports.atif import read_atif as read
        case "claude-code":
            from signoff_collector.imports.claude_code import read_claude_code as read
        case "codex":
            from signoff_collector.imports.codex import read_codex as read
        case "crowd-code":
            from signoff_collector.imports.crowd_code import read_crowd_code as read
        case "editing-trace":
            return _read_trace(given)
        case _:
            raise UsageError(f"there is no format {format_name}")
    return read(given.content)


def _read_trace(given: Given) -> Foreign:
    from signoff_collector.imports.editing_trace import make_episode, parse_times, parse_trace
    from signoff_collector.imports.people import Foreign

    trace = parse_trace(given.content)
    wall_ns = trace.wall_ns if given.times is None else parse_times(given.times)
    return Foreign(episode=make_episode(trace, name=f"{given.name}.txt", wall_ns=wall_ns))
