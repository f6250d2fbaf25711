"""Tell the random parts of a value from its words, and compute the 6-grams of the former."""

from __future__ import annotations

import re
from typing import Final

from signoff_collector.redaction.detectors.detectors import is_wordlike
from signoff_collector.redaction.values.value_forms import GRAM, cased_grams, grams_of

_PUBLIC_WORDS_LIST: Final = (
    "password passwords username postgres postgresql localhost example private secret secrets"
    " public development production database default connection"
)
_PUBLIC_WORDS: Final = frozenset(_PUBLIC_WORDS_LIST.split())
_KINDS: Final = (
    "ABS ACCOUNT CARD COMMIT CUT EMAIL HOME HOST IBAN IP JWT KEY KEYBLOCK MASK NAME NOVEL"
    " PASSWORD PATH PAUSED PHONE QUERY SECRET TMP TOKEN UNVIEWED URL USER USERINFO VALUE WORKSPACE"
)
"""Kinds that occur in placeholders: 6-grams of a placeholder are never indexed."""
PUBLIC_GRAMS: Final = frozenset(
    spelled[i : i + GRAM]
    for word in [*sorted(_PUBLIC_WORDS), *(f"REDACTED_{kind}_" for kind in _KINDS.split())]
    for spelled in (word, word.upper(), word.capitalize())
    for i in range(len(word) - GRAM + 1)
)
_SEGMENT: Final = re.compile(r"[^\s:/@?&=.,;\"'-]{6,}")
_WORDS: Final = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]?[a-z_]{5,}|[A-Z_]{6,})(?![A-Za-z0-9])")
_MIXED: Final = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
"""A change from letter to digit or back."""
_MIXED_LENGTH: Final = 12
_MIXED_TURNS: Final = 4
"""An exact value that alternates so often between letters and digits is not made of words."""


def own_grams(value: str, *, is_exact: bool = False) -> tuple[str, ...]:
    """Return the 6-grams of the random parts of a value; its words are ordinary text."""
    words = {
        match[0][at : at + GRAM]
        for match in _WORDS.finditer(value)
        if is_wordlike(match[0])
        for at in range(len(match[0]) - GRAM + 1)
    }
    parts = opaque_parts(value, is_exact=is_exact)
    found = [gram for part in parts for gram in grams_of(part)]
    if not is_exact:  # the cases of an exact value are values of their own
        found += [gram for part in parts for gram in cased_grams(part)]
    return tuple(gram for gram in found if gram not in PUBLIC_GRAMS and gram not in words)


def _password_in(value: str) -> tuple[int, int]:
    """Return the range of a URL's password: it ends at the last `@`, as in the URL standard."""
    start, end = value.find("://") + 3, value.rfind("@")
    colon = value.find(":", start, max(start, end))
    return (colon + 1, end) if start > 2 and colon >= 0 else (0, 0)


def opaque_parts(value: str, *, is_exact: bool = False) -> list[str]:
    """Return the opaque parts of a value: all of it, or of a wordy one, such as a URL, some."""
    if is_exact and len(value) >= _MIXED_LENGTH and len(_MIXED.findall(value)) >= _MIXED_TURNS:
        return [value]
    if "://" not in value and not is_wordlike(value):
        return [value]
    segments = [match.span() for match in _SEGMENT.finditer(value)]
    random = [not is_wordlike(value[low:high]) for low, high in segments]
    low, high = _password_in(value)
    parts: list[str] = []
    end = 0
    for place, segment in enumerate(segments):
        start, stop = segment
        if random[place] or (any(random) and value[start:stop].isdigit()):
            # Within a password, include the neighbours that are too short to be a segment.
            if low <= start and stop <= high:
                start = max(low, segments[place - 1][1]) if place else low
                stop = min(high, segments[place + 1][0]) if place + 1 < len(segments) else high
            if parts and start - GRAM + 1 <= end:
                parts[-1] += value[end:stop]
            else:
                parts.append(value[max(0, start - 1) : stop])
            end = stop
    return parts
