"""The kernel's user keyring: small contents in memory, for all processes of this user.

Other systems, and containers that forbid it, have none; nothing is kept there then. Source of the
numbers: keyctl(2), add_key(2), syscall tables of Linux for x86-64 and arm64.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from functools import cache
from typing import Final, NamedTuple

_USER_KEYRING: Final = -4
_UNLINK: Final = 9
_SEARCH: Final = 10
_READ: Final = 11
_SET_TIMEOUT: Final = 15
_SET_PERMISSIONS: Final = 5
_OWN_USER: Final = 0x3F3F0000
"""Key permissions: all for the possessor and the owner, none for group and others."""


class _Numbers(NamedTuple):
    add_key: int
    keyctl: int


_SYSCALLS: Final = {"x86_64": _Numbers(248, 250), "aarch64": _Numbers(217, 219)}


def keep(name: bytes, content: bytes, *, seconds: int) -> bool:
    """Keep a content under a name, in place of an older one; False where there is no keyring."""
    numbers = _numbers()
    if numbers is None:
        return False
    key = _library().syscall(
        numbers.add_key, b"user", name, content, ctypes.c_size_t(len(content)), _USER_KEYRING
    )
    if key < 0:
        return False
    _keyctl(_SET_PERMISSIONS, key, _OWN_USER)
    return _keyctl(_SET_TIMEOUT, key, seconds) == 0


def kept(name: bytes, *, max_bytes: int) -> bytes | None:
    """Return the content under a name; None when there is none, or more than that."""
    key = _find(name)
    size = -1 if key is None else _keyctl(_READ, key, None, 0)
    if not 0 < size <= max_bytes:
        return None
    buffer = ctypes.create_string_buffer(size)
    return buffer.raw if _keyctl(_READ, key, buffer, size) == size else None


def drop(name: bytes) -> None:
    """Remove what is under a name, if anything."""
    key = _find(name)
    if key is not None:
        _keyctl(_UNLINK, key, _USER_KEYRING)


def _find(name: bytes) -> int | None:
    key = _keyctl(_SEARCH, _USER_KEYRING, b"user", name, 0)
    return key if key > 0 else None


def _keyctl(*arguments: object) -> int:
    numbers = _numbers()
    return -1 if numbers is None else int(_library().syscall(numbers.keyctl, *arguments))


def _numbers() -> _Numbers | None:
    return _SYSCALLS.get(platform.machine()) if sys.platform == "linux" else None


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
