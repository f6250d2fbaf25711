"""Name the ways in which a masked value was found, as `signoff show --redactions` prints them.

A way is public: it names a source or a rule, never a value, a length or an offset.
"""

from __future__ import annotations

from typing import Final

EXACT: Final = "exact value"
"""A value that this machine knows from outside the session."""
IDENTITY: Final = "identity"
FORM: Final = "form"
"""Personal data that nothing names, recognised by how it is written."""
IN_ADDRESS: Final = "place in an address"
"""What a web address holds before its host, or behind its question mark."""
ASSIGNMENT: Final = "assignment"
OPAQUE: Final = "opaque"
SECOND: Final = "second engine"
"""Followed by a colon and the engine's rule."""
NOVEL: Final = "no known word"
BY_HAND: Final = "by hand"
CUT: Final = "cut output"
PAUSED: Final = "typed while paused"
NOT_VIEWED: Final = "never in view"
_SUREST: Final = (EXACT, IDENTITY)
_LEAST_SURE: Final = (ASSIGNMENT, OPAQUE, SECOND, NOVEL)
"""The named rules rank between `_SUREST` and these."""


def sureness(how: str) -> int:
    """Return the rank of a way; 0 is the surest."""
    way = how.partition(":")[0]
    if way in _SUREST:
        return _SUREST.index(way)
    later = _LEAST_SURE.index(way) + 1 if way in _LEAST_SURE else 0
    return len(_SUREST) + later
