"""Kills `setup` or `uninstall` before its n-th file operation, for every n; run as a program.

Arguments: an empty folder, and what is killed: `setup`, `again` (a second setup follows),
`uninstall`, `data` (`uninstall --data`), `extensions` (setup of VS Code), or `given back`
(`uninstall` after it). Prints how many kills there were.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from tests.support.forks import put_fork
from tests.support.setup import EDITORS, call, listing, make_account, put

from signoff_collector.commands import enable, setup, uninstall  # noqa: F401  once, not in each child

_EVENTS = frozenset(
    {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.utime", "os.link"}
)
_MOST = 400


def _kill_before(number: int) -> None:
    """Count file operations that change something; die before the given one."""
    left = number

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def heard(event: str, arguments: tuple[object, ...]) -> None:
        is_opened_to_write = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3
        if event in _EVENTS or is_opened_to_write:
            count()

    real_write = os.write

    def write(descriptor: int, data: bytes) -> int:
        count()
        return real_write(descriptor, data)

    os.write = write  # type: ignore[assignment]
    os.fsync = lambda _descriptor: count()
    sys.addaudithook(heard)


def _in_child(*argv: str, kill_before: int = 0) -> int:
    """Return the exit code of a verb in a child, or minus the signal that ended it."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            if kill_before:
                _kill_before(kill_before)
            code = call(*argv).code
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main(folder: Path, what: str) -> int:
    project = folder.parent / "project"
    project.mkdir()
    os.fsync = lambda _descriptor: None  # a kill, unlike a power cut, loses nothing written
    editors = {
        "setup": EDITORS,
        "data": ("vim",),
        "again": ("helix",),
        "extensions": ("vscode",),
        "given back": ("vscode",),
    }.get(what, ("neovim", "helix"))
    for number in range(1, _MOST):
        user = folder / f"ada{number}"
        user.mkdir(mode=0o700)
        programs = make_account(user)
        if "vscode" in editors:
            put_fork(programs, "code", user / ".vscode" / "extensions")
            put(user / ".vscode" / "extensions" / "extensions.json", b"[]")
        os.environ["HOME"], os.environ["PATH"] = str(user), str(programs)
        before = listing(user)
        data = ["--data"] if what == "data" else []
        if what in {"uninstall", "data", "given back"}:
            assert _in_child("setup", "--yes", *editors) == 0
            if data:
                assert _in_child("enable", str(project), "--yes") == 0
            ended = _in_child("uninstall", "--yes", *data, kill_before=number)
        else:
            ended = _in_child("setup", "--yes", *editors, kill_before=number)
        if what == "again":
            assert _in_child("setup", "--yes", *editors) == 0, number
        assert ended in {0, -signal.SIGKILL}, (number, ended)
        assert _in_child("uninstall", "--yes", *data) == 0, number
        after = listing(user)
        if "vscode" in editors:
            # The editor writes its own list: what it says counts, not when it wrote it.
            assert (user / ".vscode" / "extensions" / "extensions.json").read_bytes() == b"[]"
            for names in (before, after):
                del names[".vscode/extensions/extensions.json"]
        assert after == before, (number, set(after.items()) ^ set(before.items()))
        shutil.rmtree(user)
        shutil.rmtree(programs)
        if ended == 0:
            sys.stdout.write(f"{number - 1}\n")
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
