"""Root without the power to read everything, so that a folder can be unreadable in any test."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

_VERSION_3 = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2
_Words = ctypes.c_uint32 * 6
"""Two times effective, permitted, inheritable (capset(2))."""


@contextmanager
def ordinary_powers() -> Iterator[None]:
    """Let modes of files count for this thread, also when it is root's."""
    if os.geteuid() != 0:
        yield
        return
    library = ctypes.CDLL(None, use_errno=True)
    header, words = (ctypes.c_uint32 * 2)(_VERSION_3, 0), _Words()
    assert library.capget(header, words) == 0
    before = words[0]
    words[0] = before & ~(1 << _DAC_OVERRIDE) & ~(1 << _DAC_READ_SEARCH)
    assert library.capset(header, words) == 0
    try:
        yield
    finally:
        words[0] = before
        assert library.capset(header, words) == 0
