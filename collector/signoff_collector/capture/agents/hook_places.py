"""Find the session that a hook may write to: that of the nearest enabled folder, or none.

Reads plain files only and searches no folder: `config/enabled.tsv` (docs/opt_in.md),
`state/active.tsv` and the session's `control` (docs/journal.md). The process that opens a session
checks the opt-in again. A hook that finds no session starts such a process, at most once a minute
where it is refused.
"""

from __future__ import annotations

import os
import stat
import time

from signoff_collector.system.files.spelling import true_name

TYPE_CHECKING = False  # `typing` itself would take 5 ms
if TYPE_CHECKING:
    from typing import Final

_BOOT_ID: Final = "/proc/sys/kernel/random/boot_id"
_MAX_BYTES: Final = 1 << 20
_REFUSED_FOR_S: Final = 60
MAX_SPOOL_BYTES: Final = 60 << 20
"""A larger spool gets no more lines; readers accept 64 MiB in all."""


class Place:
    """The destination of one event. Not a dataclass: creating one takes 3 ms."""

    __slots__ = ("home", "keeps_text", "keeps_transcripts", "root", "session")

    def __init__(self, home: str, root: str, session: str | None, words: list[bytes]) -> None:
        self.home = home
        self.root = root
        """Real path of the enabled folder."""
        self.session = session
        """Path of the session's folder; None where one must be opened first."""
        self.keeps_text = b"text" in words
        self.keeps_transcripts = b"transcripts" in words


def find_place(home: str, folder: str) -> Place | None:
    """Return the destination of an event in `folder`; None where nothing may be written."""
    if not _is_ours_alone(home):
        return None
    now_s = time.clock_gettime_ns(time.CLOCK_REALTIME) // 10**9
    enabled = _rows(f"{home}/config/enabled.tsv", 5)
    if not enabled:
        return None
    boot = _read(_BOOT_ID).strip().decode("ascii", "replace") or "unknown"
    active = [
        row
        for row in _rows(f"{home}/state/active.tsv", 5)
        if row[2] == boot and _number(row[3]) > now_s
    ]
    for above in _upwards(true_name(folder)):
        place, is_edge = _place_at(home, above, enabled, active, now_s)
        if is_edge:
            return place
    return None


def _place_at(
    home: str, above: str, enabled: list[list[str]], active: list[list[str]], now_s: int
) -> tuple[Place | None, bool]:
    """Return the destination for one folder, and whether the search ends there.

    Active sessions are checked first: the session of a linked work tree is in a folder that no line
    of the opt-ins names. A repository that is neither hides what is enabled above it.
    """
    for root, name, _, _, identifier in active:
        opt_in = next((row for row in enabled if row[2] == identifier), None)
        if root == above and opt_in is not None and _is_open(opt_in, now_s):
            session = f"{home}/state/sessions/{name}"
            asked = _asked(f"{session}/control")
            if asked == "pause":
                return None, True
            if asked != "stop" and os.path.lexists(f"{session}/active"):
                return _place(home, root, session), True
    for row in enabled:
        if row[0] == above and row[3] == "directory":
            is_wanted = _is_open(row, now_s) and not _was_refused(home)
            return (_place(home, above, None) if is_wanted else None), True
    return None, os.path.lexists(f"{above}/.git")


def _place(home: str, root: str, session: str | None) -> Place:
    return Place(home, root, session, _read(f"{home}/config/agent_words").split(b"\n"))


def _is_open(row: list[str], now_s: int) -> bool:
    """Whether an opt-in is in force: neither expired nor paused."""
    return _number(row[1]) > now_s and _number(row[4]) <= now_s


def _asked(control: str) -> str | None:
    """Return `stop` or `pause` where that is in force in a session (docs/journal.md, Control)."""
    is_paused = False
    until_ns = 0
    data = _read(control)
    for line in data[: data.rfind(b"\n") + 1].split(b"\n"):
        words = line.decode("utf-8", "replace").split(" ")
        if words[0] in ("stop", "disable"):
            return "stop"
        if words[0] in ("pause", "resume"):
            is_paused = words[0] == "pause"
            ends = [word[6:] for word in words if word.startswith("until=")]
            until_ns = _number(ends[-1]) if ends else 0
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    if not is_paused or 0 < until_ns <= time.clock_gettime_ns(clock):
        return None
    return "pause"


def _was_refused(home: str) -> bool:
    """Whether opening a session failed within the last minute."""
    try:
        at_ns = os.stat(refusal_of(home)).st_mtime_ns  # noqa: PTH116  as everywhere here
        return time.clock_gettime_ns(time.CLOCK_REALTIME) - at_ns < _REFUSED_FOR_S * 10**9
    except OSError:
        return False


def refusal_of(home: str) -> str:
    """Return the file whose modification time says when opening a session last failed."""
    return f"{home}/state/agents-refused"


def _is_ours_alone(home: str) -> bool:
    """Whether the home is a folder that nobody else can read or write (threat 1)."""
    if not home.startswith("/"):
        return False
    found = os.lstat(home)
    return (
        stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
    )


def _upwards(path: str) -> list[str]:
    """Return a path and the folders above it."""
    found = [path]
    while path != "/":
        path = os.path.dirname(path)  # noqa: PTH120  as everywhere here
        found.append(path)
    return found


def _rows(path: str, columns: int) -> list[list[str]]:
    """Parse the complete lines of a tab-separated table; skip other column counts."""
    data = _read(path)
    lines = os.fsdecode(data[: data.rfind(b"\n") + 1]).split("\n")
    return [row for line in lines if len(row := line.split("\t")) == columns]


def _read(path: str) -> bytes:
    """Read the start of a regular file; empty when it does not exist."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return b""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        return os.read(descriptor, _MAX_BYTES)
    finally:
        os.close(descriptor)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
