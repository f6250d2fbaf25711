"""Where a pytest that nobody started with `signoff run` may write: runs inside that pytest.

Lies beside the reporter in the archive of `pytest_results`, which a shell's hook names in
PYTHONPATH where lines are recorded. Environments are handed on to everything that a shell starts,
so this asks the home's own lists again: the folder pytest was started in and the one its tests lie
in must belong to one enabled workspace that is not paused. Depends on nothing but the standard
library, runs on any Python >= 3.7, and reads what the hooks read (`enabled_list`, `active_list`).
"""

from __future__ import annotations

import os
import re
import time

from signoff_collector.system.files.spelling import true_name

_SESSION = re.compile(r"[0-9A-Za-z-]{8,64}")
_SHELL_TAIL_BYTES = 2 << 20
_MAX_HELD_BYTES = 4 << 20
_MAX_FILES = 2_000
_MAX_PARENTS = 40
_LOOK_S = 0.3
"""A session that is being opened is looked for this often, while there is something to write."""


class Place:
    """What the lists say of one folder."""

    def __init__(self, root: str = "", folder: str = "") -> None:
        self.root = root
        """The enabled folder; empty when nothing is recorded there now."""
        self.folder = folder
        """Of the session that goes on; empty while there is none."""


def place_of(home: str, path: str) -> Place:
    """Find where a folder belongs, as the shells' hooks do; never raises."""
    try:
        return _place_of(home, true_name(path))
    except (OSError, ValueError):
        return Place()


def _place_of(home: str, path: str) -> Place:
    if os.stat(home).st_uid != os.geteuid():  # noqa: PTH116
        return Place()  # `sudo pytest` would leave files that their owner cannot delete
    now = int(time.time())  # noqa: TID251  not in our process
    above, is_on, enabled = "", False, set()
    for root, until, identifier, kind, paused in _rows(home, "config/enabled.tsv"):
        if kind != "directory":
            continue
        counts = int(until) > now >= int(paused)
        if counts:
            enabled.add(identifier)
        if len(root) > len(above) and _is_inside(path, root):
            above, is_on = root, counts
    found, folder = "", ""
    boot = _text("/proc/sys/kernel/random/boot_id").strip()
    for root, session, of_boot, until, identifier in _rows(home, "state/active.tsv"):
        if len(root) > len(found) and _is_inside(path, root) and _SESSION.fullmatch(session):
            place = os.path.join(home, "state", "sessions", session)  # noqa: PTH118
            if of_boot == boot and int(until) > now and _goes_on(place):
                found, folder = root, place if identifier in enabled else ""
    if found and len(found) >= len(above):  # the folder itself, or a work tree beside it
        above, is_on = found, bool(folder)
    elif found:
        folder = ""
    if not above or not is_on or _is_nested(path, above):
        return Place()
    return Place(above, folder)


def _rows(home: str, name: str) -> list[list[str]]:
    rows = [line.split("\t") for line in _text(os.path.join(home, name)).split("\n")]  # noqa: PTH118
    return [row for row in rows if len(row) == 5 and row[0].startswith("/")]


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return ""


def _is_inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _goes_on(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "active"))  # noqa: PTH110, PTH118


def _is_nested(path: str, root: str) -> bool:
    """Whether a repository lies between: it is off until it is enabled itself."""
    while len(path) > len(root):
        if os.path.lexists(os.path.join(path, ".git")):  # noqa: PTH118
            return True
        path = os.path.dirname(path)  # noqa: PTH120
    return False


def spool_of(home: str, cwd: str, tests: str) -> SessionSpool | None:
    """Return where a run may write; None where nothing of it may be recorded.

    Args:
        home: of Signoff.
        cwd: where pytest was started.
        tests: its root folder.
    """
    started, lying = place_of(home, cwd), place_of(home, tests)
    if not started.root or started.root != lying.root:
        return None
    return SessionSpool(home, started.root, cwd)


class SessionSpool:
    """One append-only file of JSON lines in the session's folder, of this process only.

    The first command of a day is faster than the session it opens: until there is one the lines are
    held, and at the end handed over in `state/pytest`, for who opens the session.
    """

    def __init__(self, home: str, root: str, cwd: str) -> None:
        self._home = home
        self.root = root
        self._cwd = cwd
        self._pid = os.getpid()
        self._name = f"tests-{self._pid}-{os.urandom(8).hex()}.spool"
        self._held: list[bytes] = []
        self._left_bytes = 48 << 20
        self._descriptor: int | None = None
        self._path = ""
        self._next_s = 0.0
        self._is_refused = False
        self.shell = ""
        self._look()

    @property
    def run(self) -> str:
        """Names the run."""
        return self._name[:-6]

    def is_ours(self) -> bool:
        """Whether this is still the process that began: a forked test is not."""
        return os.getpid() == self._pid

    def append(self, text: str) -> None:
        """Append ASCII text that is whole lines."""
        line = text.encode("ascii")
        if self._is_refused or len(line) > self._left_bytes:
            return
        self._left_bytes -= len(line)
        if self._descriptor is None:
            self._held.append(line)
            if time.monotonic() >= self._next_s:
                self._look()
        else:
            os.write(self._descriptor, line)

    def close(self) -> None:
        """Give the descriptor back; hand over what no session took yet."""
        if self._descriptor is None and not self._is_refused:
            self._look()
        self._end()

    def _end(self) -> None:
        if self._descriptor is None:
            if not self._is_refused:
                self._hand_over()
        else:
            os.close(self._descriptor)
            is_off = place_of(self._home, self._cwd).root != self.root  # paused, disabled
            if is_off or self._is_private(os.path.dirname(self._path)):  # noqa: PTH120
                os.unlink(self._path)  # noqa: PTH108

    def _look(self) -> None:
        """Begin to write when there is a session."""
        self._next_s = time.monotonic() + _LOOK_S
        place = place_of(self._home, self._cwd)
        if place.root != self.root:
            self._is_refused = True  # disabled or paused meanwhile
        elif place.folder:
            self._is_refused = (
                self._is_private(place.folder) or len(os.listdir(place.folder)) > _MAX_FILES  # noqa: PTH208
            )
            if not self._is_refused:
                self._begin(place.folder)
        if self._is_refused or sum(map(len, self._held)) > _MAX_HELD_BYTES:
            self._held, self._is_refused = [], True

    def _begin(self, folder: str) -> None:
        path = os.path.join(folder, self._name)  # noqa: PTH118
        self._descriptor = self._create(path)
        if not _goes_on(folder):  # it may have been read already
            os.close(self._descriptor)
            os.unlink(path)  # noqa: PTH108
            self._descriptor = None
            return
        self._path = path
        os.write(self._descriptor, b"".join(self._held))
        self._held = []

    def _hand_over(self) -> None:
        waiting = os.path.join(self._home, "state", "pytest")  # noqa: PTH118
        os.makedirs(waiting, mode=0o700, exist_ok=True)  # noqa: PTH103
        path = os.path.join(waiting, self._name)  # noqa: PTH118
        descriptor = self._create(path + ".new")
        os.write(descriptor, b"".join(self._held))
        os.close(descriptor)
        os.rename(path + ".new", path)  # noqa: PTH104
        place = place_of(self._home, self._cwd)
        if place.folder and self._is_private(place.folder):  # it was opened just now
            os.unlink(path)  # noqa: PTH108
        elif place.folder:
            os.rename(path, os.path.join(place.folder, self._name))  # noqa: PTH104, PTH118

    def _create(self, path: str) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)

    def _is_private(self, folder: str) -> bool:
        """Whether the line that runs this begins with a space: bash can only be asked now."""
        names = [name for name in os.listdir(folder) if name.startswith("shell-")]  # noqa: PTH208
        pid = os.getppid()
        for _ in range(_MAX_PARENTS):
            mine = [name for name in names if name.startswith(f"shell-{pid}-")]
            spools = [name for name in mine if name.endswith(".spool")]
            if spools:
                self.shell = spools[0][:-6]
                return _last_line_is_private(os.path.join(folder, spools[0]))  # noqa: PTH118
            stat = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
            if len(stat) < 2 or not stat[1].isdigit() or int(stat[1]) < 2:
                break
            pid = int(stat[1])
        return False


def _last_line_is_private(path: str) -> bool:
    with open(path, "rb") as file:  # noqa: PTH123
        file.seek(max(0, os.path.getsize(path) - _SHELL_TAIL_BYTES))  # noqa: PTH202
        data = b"\0" + file.read(_SHELL_TAIL_BYTES)
    return data.rfind(b"\0private\x003\0") > data.rfind(b"\0begin\x006\0")
