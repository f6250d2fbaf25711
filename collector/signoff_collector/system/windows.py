"""What only Windows has: its locks, handles of folders, clocks and names of accounts.

Nothing but this room imports it, and only there. Shapes and numbers are those of the Win32 API
(Microsoft's reference of each function).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
import sys
import threading
import time
from ctypes import wintypes
from typing import TYPE_CHECKING, Final

if sys.platform != "win32":
    raise ImportError("this is of Windows alone")

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path
    from typing import IO

import msvcrt

_kernel = ctypes.WinDLL("kernel32", use_last_error=True)

_FAIL_AT_ONCE: Final = 1
_EXCLUSIVE: Final = 2
_LOCK_VIOLATION: Final = 33
_FAR: Final = 0x7FFF_FFFF
"""High half of the offset that is locked: a lock forbids others to read what it covers."""
_LIST_FOLDER: Final = 1
_SHARE_READ_WRITE: Final = 1 | 2
_OPEN_EXISTING: Final = 3
_BACKUP_SEMANTICS: Final = 0x0200_0000
_OPEN_REPARSE_POINT: Final = 0x0020_0000
_NO_HANDLE: Final = ctypes.c_void_p(-1).value
_HUNDRED_NS: Final = 100
_PROFILE: Final = 0x28
_SYSTEM: Final = 0x25
_PROGRAM_FILES: Final = 0x26
"""Numbers of known folders (`CSIDL_…`)."""


class _Overlapped(ctypes.Structure):
    _fields_ = (
        ("Internal", ctypes.c_void_p),
        ("InternalHigh", ctypes.c_void_p),
        ("Offset", wintypes.DWORD),
        ("OffsetHigh", wintypes.DWORD),
        ("hEvent", wintypes.HANDLE),
    )


_kernel.LockFileEx.argtypes = (
    wintypes.HANDLE, wintypes.DWORD, wintypes.DWORD, wintypes.DWORD, wintypes.DWORD,
    ctypes.POINTER(_Overlapped),
)  # fmt: skip
_kernel.LockFileEx.restype = wintypes.BOOL
_kernel.CreateFileW.argtypes = (
    wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD,
    wintypes.DWORD, wintypes.HANDLE,
)  # fmt: skip
_kernel.CreateFileW.restype = wintypes.HANDLE
_kernel.CloseHandle.argtypes = (wintypes.HANDLE,)


def lock_file(descriptor: int, *, is_shared: bool) -> bool:
    """Lock a byte far behind the end of an open file; False when another process holds it.

    Raises:
        OSError: the file system knows no locks.
    """
    flags = _FAIL_AT_ONCE | (0 if is_shared else _EXCLUSIVE)
    place = _Overlapped(OffsetHigh=_FAR)
    handle = msvcrt.get_osfhandle(descriptor)
    if _kernel.LockFileEx(handle, flags, 0, 1, 0, ctypes.byref(place)):
        return True
    code = ctypes.get_last_error()
    if code == _LOCK_VIOLATION:
        return False
    raise ctypes.WinError(code)


def is_link(path: str | Path) -> bool:
    """Whether a path is a symbolic link, a junction, or another reparse point that leads away."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    leads_away = {stat.IO_REPARSE_TAG_SYMLINK, stat.IO_REPARSE_TAG_MOUNT_POINT}
    return stat.S_ISLNK(found.st_mode) or found.st_reparse_tag in leads_away


def open_folder_handle(path: Path) -> int:
    """Open a folder itself; while it is open nobody renames, replaces or deletes it.

    Raises:
        OSError: with `ELOOP` for a link, with `ENOTDIR` for a file.
    """
    handle = _kernel.CreateFileW(
        str(path), _LIST_FOLDER, _SHARE_READ_WRITE, None, _OPEN_EXISTING,
        _BACKUP_SEMANTICS | _OPEN_REPARSE_POINT, None,
    )  # fmt: skip
    if handle in (None, _NO_HANDLE):
        error = ctypes.WinError(ctypes.get_last_error())
        error.filename = str(path)
        raise error
    # What was opened cannot be exchanged any more, so its path may be looked at now.
    number = (
        errno.ELOOP
        if is_link(path)
        else 0
        if stat.S_ISDIR(os.lstat(path).st_mode)
        else errno.ENOTDIR
    )
    if number:
        _kernel.CloseHandle(handle)
        raise OSError(number, os.strerror(number), path)
    return int(handle)


def close_handle(handle: int) -> None:
    """Close what `open_folder_handle` returned."""
    _kernel.CloseHandle(handle)


def boot_ns() -> int:
    """Return nanoseconds since the machine started, with sleep."""
    return _interrupt_time("QueryInterruptTimePrecise")


def awake_ns() -> int:
    """Return nanoseconds since the machine started, without sleep."""
    return _interrupt_time("QueryUnbiasedInterruptTime")


def _interrupt_time(name: str) -> int:
    ticks = ctypes.c_uint64()
    try:
        call = getattr(ctypes.WinDLL("kernelbase"), name)
    except (AttributeError, OSError):  # before Windows 10
        return int(_milliseconds()) * 10**6
    call.restype = None
    call(ctypes.byref(ticks))
    return ticks.value * _HUNDRED_NS


def _milliseconds() -> int:
    _kernel.GetTickCount64.restype = ctypes.c_uint64
    found: int = _kernel.GetTickCount64()
    return found


def user_name() -> str:
    """Return the account's name, as the system has it."""
    size = wintypes.DWORD(257)
    name = ctypes.create_unicode_buffer(size.value)
    known = ctypes.WinDLL("advapi32").GetUserNameW(name, ctypes.byref(size))
    return name.value if known else ""


def profile_folder() -> str:
    """Return the folder of the account, as the system has it and not the environment."""
    return _known_folder(_PROFILE)


def program_folders() -> tuple[str, ...]:
    """Return the folders of programs that only an administrator can write."""
    system = _known_folder(_SYSTEM)
    return (rf"{system}\OpenSSH", rf"{_known_folder(_PROGRAM_FILES)}\Git\cmd", system)


def _known_folder(number: int) -> str:
    path = ctypes.create_unicode_buffer(wintypes.MAX_PATH)
    failed = ctypes.WinDLL("shell32").SHGetFolderPathW(None, number, None, 0, path)
    return "" if failed else path.value


def exchange_by_threads(
    process: subprocess.Popen[bytes], stdin: bytes, timeout_s: float, max_bytes: int
) -> tuple[bytes, bytes] | str:
    """Do as `processes.exchange` does; a text says which limit was met. Pipes cannot be polled."""
    outputs = (process.stdout, process.stderr)
    collected = [bytearray() for _ in outputs]

    def read(number: int, stream: IO[bytes] | None) -> None:
        while stream is not None and (piece := os.read(stream.fileno(), 1 << 16)):
            collected[number] += piece
            if len(collected[number]) > max_bytes:
                process.kill()
                return

    def write() -> None:
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.write(stdin)
                process.stdin.close()

    threads = [threading.Thread(target=write, daemon=True)]
    threads += [threading.Thread(target=read, args=one, daemon=True) for one in enumerate(outputs)]
    end = time.monotonic() + timeout_s
    for one in threads:
        one.start()
    for one in threads:
        one.join(max(0.0, end - time.monotonic()))
    if any(len(one) > max_bytes for one in collected):
        return f"wrote more than {max_bytes} bytes"
    if any(one.is_alive() for one in threads):
        return "took too long"
    return bytes(collected[0]), bytes(collected[1])
