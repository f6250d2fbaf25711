"""The hook of an agent: reads one event from standard input and appends one line to a spool.

Claude Code, Codex and Cursor run it before and after everything they do, and wait for it. So it
imports only three modules that are compiled into Python; it always exits with 0 and prints nothing;
it reads its input to the end, since an agent may treat a closed pipe as a failure; and it writes
nothing where nothing is enabled, or where recording is paused or over.

What is kept is decided here, before anything is written: the text of prompts, answers and outputs
only where the person opted in (docs/agents.md).
"""

from __future__ import annotations

import os
import time

from signoff_collector.capture.agents.hook_fields import fields_of
from signoff_collector.capture.agents.hook_json import line_of, parse
from signoff_collector.capture.agents.hook_places import MAX_SPOOL_BYTES, find_place

TYPE_CHECKING = False  # `typing` itself would take 5 ms
if TYPE_CHECKING:
    from typing import Final

MAX_INPUT_BYTES: Final = 8 << 20
"""A larger event is read and discarded."""

MAX_LINE_BYTES: Final = 1 << 20
"""The limit that readers of spools have (`capture/journal/spool.py`)."""

_PIECE_BYTES: Final = 1 << 20
_LONGEST_S: Final = 4
"""Timeout, after which the process exits: an agent may never close the pipe."""

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_CLOCK: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def run(words: list[str]) -> None:
    """Record one event; `words` are the home and the agent's name. May raise anything."""
    t_boot_ns = time.clock_gettime_ns(_CLOCK)
    data = _read_in_time()
    if len(words) != 2 or data is None:
        return
    home, agent = words
    payload = parse(data)
    if not isinstance(payload, dict):
        return
    place = find_place(home, _folder_of(payload))
    if place is None:
        return
    fields = fields_of(agent, payload, os.environ, keeps_text=place.keeps_text, home=home)
    if fields is None:
        return
    line = line_of({"kind": "agent", "t_boot_ns": t_boot_ns, **fields})
    if len(line) > MAX_LINE_BYTES:
        return
    conversation = _digits(str(fields.get("agent_session")))
    name = f"agent-0-{conversation}.spool"
    if place.session is None:
        from signoff_collector.capture.agents.hook_opening import open_and_write

        open_and_write(place, name, line)
        return
    append(f"{place.session}/{name}", line)
    if fields["event"] == "end" and place.keeps_transcripts:
        from signoff_collector.capture.agents.hook_transcripts import copy_transcript

        copy_transcript(place, agent, payload.get("transcript_path"), f"{agent}-{conversation}")


def _read_in_time() -> bytes | None:
    """Read standard input; the process exits if it is never closed."""
    import _signal  # type: ignore[import-not-found]  # `signal` itself would take 2 ms

    _signal.signal(_signal.SIGALRM, _give_up)
    _signal.alarm(_LONGEST_S)
    data = _read_all()
    _signal.alarm(0)
    return data


def _give_up(_number: int, _frame: object) -> None:
    os._exit(0)


def _read_all() -> bytes | None:
    """Read standard input to its end; None when it is a terminal or above the size limit."""
    if os.isatty(0):
        return None
    pieces: list[bytes] = []
    size = 0
    while piece := os.read(0, _PIECE_BYTES):
        size += len(piece)
        if size <= MAX_INPUT_BYTES:
            pieces.append(piece)
    return b"".join(pieces) if size <= MAX_INPUT_BYTES else None


def _folder_of(payload: dict[str, object]) -> str:
    """Return the agent's working folder; for Cursor the first folder of its workspace."""
    roots = payload.get("workspace_roots")
    first = roots[0] if isinstance(roots, list) and roots else None
    for said in (payload.get("cwd"), first):
        if isinstance(said, str) and said.startswith("/") and "\0" not in said:
            return said
    return os.getcwd()  # noqa: PTH109  pathlib costs more than the rest together


def append(path: str, line: bytes) -> None:
    """Append one line in one write to the spool of a conversation.

    The line begins with a line feed, so that a line torn by a full disk cannot damage the next one.
    A file that reached its size limit gets no more lines.
    """
    descriptor = os.open(path, _FLAGS, 0o600)
    try:
        if os.fstat(descriptor).st_size < MAX_SPOOL_BYTES:
            os.write(descriptor, b"\n" + line + b"\n")
    finally:
        os.close(descriptor)


def _digits(text: str) -> str:
    """Return 8 hexadecimal digits that are the same for the same text (FNV-1a, 32 bits)."""
    value = 0x811C9DC5
    for byte in text.encode("utf-8", "replace"):
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return f"{value:08x}"
