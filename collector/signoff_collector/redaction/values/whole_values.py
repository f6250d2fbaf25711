"""Find recognised values again as a whole, in any case: one value, one fate.

A value that was recognised by the words beside it, or by its shape, may stand elsewhere without
them. There it is found here: with no letter or digit beside it, in capitals or small letters,
encoded in base64, a number also without its gaps. Other encodings are undone by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from signoff_collector.redaction.randomness.novel import unknown_pieces
from signoff_collector.redaction.values.byte_search import Windows
from signoff_collector.redaction.values.value_forms import GRAM, base64_forms

_LONGEST: Final = 512
_LONG: Final = 2_000
"""Longer lines are searched by the windows of their bytes."""
_NUMBERS: Final = frozenset({"PHONE", "IBAN", "CARD", "ACCOUNT"})
"""Kinds that are also written with other gaps, or without any."""
_GAPS: Final = re.compile(r"[ ()+.~_\u00a0\u2011/-]")
_GAPPED: Final = re.compile(r"(?<![0-9])[0-9](?:[ ().~_\u00a0\u2011/-]{0,2}[0-9]){8,}(?![0-9])")
_SHORTEST_NUMBER: Final = 9
_SHORTEST_ENCODED: Final = 8
_LONG_PHRASE: Final = 3
"""So many words are a phrase of its own, even if each is known."""
_WORDS: Final = re.compile(r"[^\W\d_]{2,}")


class _Form(NamedTuple):
    text: str
    group: int
    is_encoded: bool
    """In base64: its case counts, and it may be part of a longer run."""


class WholeValues:
    """Index of whole values by the first characters of each form."""

    def __init__(self) -> None:
        self._forms: dict[str, list[_Form]] = {}
        self._numbers: dict[str, int] = {}
        """Groups by the digits of their values."""
        self._grams: set[str] = set()
        self._windows: Windows | None = None
        """Of the first characters, for long lines; None until one is searched."""
        self._known: set[tuple[str, int]] = set()
        self.reach = 0
        """Length of the longest form."""

    def __bool__(self) -> bool:
        return bool(self._forms)

    def add(self, kind: str, value: str, group: int) -> bool:
        """Add a value of at least 6 characters; return whether it is new."""
        own = value.strip()
        if (own, group) in self._known or not GRAM <= len(own) <= _LONGEST or "\n" in own:
            return False
        self._known.add((own, group))
        plain = [folded(own)]
        bare = _GAPS.sub("", own).lower() if kind in _NUMBERS else ""
        if len(bare) >= _SHORTEST_NUMBER:
            plain.append(bare)
            if bare.isdigit():
                self._numbers.setdefault(bare, group)
        for text in dict.fromkeys(plain):
            self._add(_Form(text, group, is_encoded=False))
        for cased in sorted({own, own.lower(), own.upper()}):
            for text in dict.fromkeys(base64_forms(cased)):
                self._add(_Form(text, group, is_encoded=True))
        return True

    def _add(self, form: _Form) -> None:
        start = folded(form.text)
        if len(start) < (_SHORTEST_ENCODED if form.is_encoded else GRAM):
            return
        self._forms.setdefault(start[:GRAM], []).append(form)
        self._windows = None
        self._grams.update(start[at : at + GRAM] for at in range(len(start) - GRAM + 1))
        self.reach = max(self.reach, len(start))

    def find(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and group of every whole value."""
        if not self._forms:
            return
        low, forms = folded(text), self._forms
        for at in self._places(low):
            for form in forms.get(low[at : at + GRAM], ()):
                end = at + len(form.text)
                spelled = text if form.is_encoded else low
                if spelled.startswith(form.text, at) and (
                    form.is_encoded or _is_apart(low, at, end)
                ):
                    yield at, end, form.group
        for match in _GAPPED.finditer(text) if self._numbers else ():
            number = self._numbers.get(_GAPS.sub("", match[0]))
            if number is not None:
                yield *match.span(), number

    def _places(self, low: str) -> Iterable[int]:
        """Return where a form may begin, in order."""
        if len(low) > _LONG:
            if self._windows is None:
                self._windows = Windows(one.encode("ascii", "replace") for one in self._forms)
            return self._windows.places(low.encode("ascii", "replace"))
        if len(self._forms) > len(low):  # fewer places than forms
            return range(len(low) - GRAM + 1)
        return sorted(at for one in self._forms if one in low for at in _places_of(one, low))

    def may_hold(self, text: str, first: int, last: int) -> bool:
        """Return whether a value can include one of the 6-grams that begin in a range."""
        low, grams = folded(text), self._grams
        if self._numbers and _GAPPED.search(text):
            return True
        return any(low[at : at + GRAM] in grams for at in range(max(0, first), last + 1))


def folded(text: str) -> str:
    """Return a text in small letters, of the same length."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join([one if len(one) == 1 else char for char in text for one in (char.lower(),)])


def is_of_its_own(value: str) -> bool:
    """Return whether a value is no ordinary word, so that it means itself wherever it stands.

    Ordinary are `localhost` and `user-data`, but not `Falcon1999`, `sommerwind` and
    `correct horse battery`.
    """
    if any(map(str.isdigit, value)):
        return any(map(str.isalpha, value))
    words = _WORDS.findall(value)
    return len(words) >= _LONG_PHRASE or sum(map(len, unknown_pieces(value, ()))) >= GRAM


def _is_apart(text: str, start: int, end: int) -> bool:
    """Return whether no letter or digit continues a value on either side."""
    before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    behind = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    return not (before or behind)


def _places_of(piece: str, text: str) -> Iterator[int]:
    at = text.find(piece)
    while at >= 0:
        yield at
        at = text.find(piece, at + 1)
