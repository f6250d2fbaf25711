"""Converts older format versions to the newest: one converter per version, never edited.

Version 1 is the first, so there is nothing to convert yet. Version N + 1 adds the module
``upgrade_from_N`` with ``upgrade(data: bytes) -> bytes`` and a line in ``CONVERTERS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.episode.file import layout

if TYPE_CHECKING:
    from collections.abc import Callable

CONVERTERS: Final[dict[int, Callable[[bytes], bytes]]] = {}


def upgraded(data: bytes) -> bytes:
    """Return the same episode in the newest format.

    Raises:
        DamagedError: the bytes are no episode.
        NewerVersionError: a newer release wrote them.
    """
    version = layout.read_version(data)
    while version < layout.FORMAT_VERSION:
        data = CONVERTERS[version](data)
        version += 1
    return data
