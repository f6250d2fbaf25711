"""Copy an agent's own transcript of a conversation, where the person opted in.

The copy is in the session's folder and is deleted with it; no episode contains it. A transcript
cannot be edited, so `forget` removes every copy of the session (`forgetting.py`).
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False  # `typing` itself would take 5 ms
if TYPE_CHECKING:
    from typing import Final

    from signoff_collector.capture.agents.hook_places import Place

FOLDER: Final = "transcripts"
MAX_BYTES: Final = 32 << 20
_OWN_FOLDERS: Final = {
    "claude-code": "/.claude/projects/",
    "codex": "/.codex/sessions/",
    "cursor": "/.cursor/",
}
"""Folders below the person's home where agents keep transcripts; nothing else is copied."""


def copy_transcript(place: Place, agent: str, path: object, name: str) -> None:
    """Copy a regular file of the agent's own folder, whole or not at all; may raise OSError."""
    below = _OWN_FOLDERS.get(agent)
    user = os.environ.get("HOME", "")
    if below is None or not user.startswith("/") or not isinstance(path, str):
        return
    real = os.path.realpath(user) + below
    if "\0" in path or not os.path.realpath(path).startswith(real):
        return
    reading = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(reading)
        is_theirs = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
        if is_theirs and found.st_size <= MAX_BYTES:
            _copy(reading, f"{place.session}/{FOLDER}", name)
    finally:
        os.close(reading)


def _copy(reading: int, folder: str, name: str) -> None:
    if not os.path.lexists(folder):
        os.mkdir(folder, 0o700)  # noqa: PTH102  pathlib costs more than the rest together
    temporary = f"{folder}/.{name}-{os.getpid()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    writing = os.open(temporary, flags, 0o600)
    try:
        left = MAX_BYTES
        while left > 0 and (piece := os.read(reading, min(left, 1 << 20))):
            left -= os.write(writing, piece)
        os.rename(temporary, f"{folder}/{name}")  # noqa: PTH104
    except OSError:
        os.unlink(temporary)  # noqa: PTH108
        raise
    finally:
        os.close(writing)
