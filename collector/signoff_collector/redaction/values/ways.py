"""How a masked value was found: the words that `signoff show --redactions` says.

A way is public: it names a source or a rule, never a value, a length or a place in a token.
"""

from __future__ import annotations

from typing import Final

EXACT: Final = "exact value"
"""Known to this machine from outside the session."""
IDENTITY: Final = "identity"
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
"""Between these two stand the named rules."""


def sureness(how: str) -> int:
    """Return a rank for a way of finding, the surest first."""
    way = how.partition(":")[0]
    if way in _SUREST:
        return _SUREST.index(way)
    later = _LEAST_SURE.index(way) + 1 if way in _LEAST_SURE else 0
    return len(_SUREST) + later
