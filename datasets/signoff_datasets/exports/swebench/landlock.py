"""Forbid this process all files but some, then become another program.

Run by its path, so it imports nothing of ours: `landlock.py FOLDER [READABLE…] -- PROGRAM ARG…`.
FOLDER may be written, READABLE and the system's folders only be read. Where the system has no
Landlock (Linux before 5.13, other systems) only the limits hold. Numbers are those of
`linux/landlock.h`; the calls have the same numbers on every Linux.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION_FLAG: Final = 1
_PATH_BENEATH: Final = 1
_NO_NEW_PRIVILEGES: Final = 38
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
_READ: Final = _EXECUTE | _READ_FILE | _READ_DIR
_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights on files each version knows."""
_SYSTEM: Final = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/opt", "/proc", "/sys"),
    *("/nix/store", "/run/current-system"),
)
_MOST_FILE_BYTES: Final = 1 << 30


def version() -> int:
    """Return which version the system has; 0 for none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, int(ctypes.CDLL(None).syscall(_CREATE, None, 0, _VERSION_FLAG)))


def lock(folder: str, readable: list[str]) -> bool:
    """Forbid this process everything but these; return whether the system can."""
    known = version()
    if not known:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    every = (1 << _RIGHTS.get(known, 16)) - 1
    handled = ctypes.create_string_buffer(struct.pack("=Q", every))
    rules = libc.syscall(_CREATE, handled, ctypes.c_size_t(8), 0)
    allowed = [(folder, every), ("/dev", _READ_FILE | _READ_DIR | _WRITE_FILE)]
    allowed += [(place, _READ) for place in (*_SYSTEM, *readable)]
    for place, rights in allowed:
        with suppress(OSError):
            opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
            rule = ctypes.create_string_buffer(struct.pack("=Qi", rights & every, opened))
            libc.syscall(_ADD, rules, _PATH_BENEATH, rule, 0)
            os.close(opened)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return bool(libc.syscall(_RESTRICT, rules, 0) == 0)


def main(words: list[str]) -> None:
    """Lock, and become the program."""
    end = words.index("--")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_FILE_BYTES, _MOST_FILE_BYTES))
    if version() and not lock(words[0], words[1:end]):
        sys.exit("the files could not be locked away")
    program = words[end + 1 :]
    os.execv(program[0], program)  # noqa: S606  it becomes what it was asked to run


if __name__ == "__main__":
    main([str(Path(word)) if place == 0 else word for place, word in enumerate(sys.argv[1:])])
