"""Mask what looks like a secret in texts shown on the screen of the person who recorded them.

Uses the same detectors and decoded views as sealing, but leaves names of people and paths:
they are the person's own. Stateless: a value found in one text is not searched in others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from signoff_collector.known_values.exact_values import CAPTURE_PLACEHOLDER
from signoff_collector.redaction.detectors.detectors import OPAQUE, Hit
from signoff_collector.redaction.rules_as_needed import NeededDetectors
from signoff_collector.redaction.settled_lines import SettledLines
from signoff_collector.redaction.strings.string_views import (
    View,
    encoded_texts,
    unwrapped_view,
    whole_views,
)
from signoff_collector.redaction.texts.text_lines import is_token

_SHORTEST: Final = 8
"""No detector matches fewer characters, including a name or prefix beside the value."""
_OBJECT_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
"""A commit, tree or digest: sealing replaces these by a pseudonym or knows them by field."""
_QUOTED: Final = re.compile(
    r"(?<![^\s=(])(?:'(?P<single>[^'\n]{8,1024})'|\"(?P<double>[^\"\n]{8,1024})\")"
)
"""A quoted argument, as in `git commit -m 'set password: x'`: scanned as a text of its own."""
_SIGNS: Final = ":= \t"
"""Separators between a name and its value; some detectors include them in the value."""
_TELLING: Final = re.compile(r"[:=]")
_CACHED: Final = 8192
_CACHED_LENGTH: Final = 512


class ShapeMask:
    """Masks texts and caches short ones: a player redraws the same lines often."""

    def __init__(self) -> None:
        self._lines = SettledLines(NeededDetectors().find_settled)
        self._known: dict[str, str] = {}

    def mask(self, text: str) -> str:
        """Return the text with what looks like a secret replaced by `REDACTED_VALUE`."""
        if len(text) < _SHORTEST or _OBJECT_ID.fullmatch(text):
            return text
        masked = self._known.get(text)
        if masked is None:
            masked = _replaced(text, sorted(set(self._spans(text))))
            if len(text) <= _CACHED_LENGTH:
                if len(self._known) >= _CACHED:
                    self._known.clear()
                self._known[text] = masked
        return masked

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the spans to mask, each widened to whole tokens."""
        views = whole_views(text)
        for view in views:
            for start, end in self._secrets(view.text):
                yield _widened(text, *_behind_sign(text, *view.place(start, end)))
        for quoted in _QUOTED.finditer(text):
            low, inner = quoted.start() + 1, quoted[0][1:-1]
            for start, end in self._secrets(inner) if _TELLING.search(inner) else ():
                yield _widened(text, low + start, low + end)
        unwrapped = unwrapped_view(views)
        if unwrapped is not None:
            for start, end in self._across_lines(unwrapped):
                yield _widened(text, *unwrapped.place(start, end))

    def _secrets(self, text: str) -> Iterator[tuple[int, int]]:
        for hit in self._lines.find(text):
            if hit.start < hit.end and not _is_object_id(text, hit):
                yield hit.start, hit.end
        for run in encoded_texts(text):
            if any(not _is_object_id(run.content, hit) for hit in self._lines.find(run.content)):
                yield run.start, run.end

    def _across_lines(self, view: View) -> Iterator[tuple[int, int]]:
        """Yield secrets that a terminal wrapped at the end of a full line."""
        for low, high in view.around_breaks():
            for hit in self._lines.find(view.text[low:high]):
                start, end = low + hit.start, low + hit.end
                if hit.rule != OPAQUE and view.breaks_in(start, end):
                    yield start, end


def _is_object_id(text: str, hit: Hit) -> bool:
    return hit.rule == OPAQUE and _OBJECT_ID.fullmatch(text, hit.start, hit.end) is not None


def _behind_sign(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without its leading separator, so that `--password=` stays readable."""
    sign = start
    while sign < end - 1 and text[sign] in _SIGNS:
        sign += 1
    return (sign if start and is_token(text[start - 1]) else start), end


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span widened to the ends of the tokens it touches."""
    while start > 0 and is_token(text[start - 1]) and is_token(text[start]):
        start -= 1
    while end < len(text) and is_token(text[end]) and is_token(text[end - 1]):
        end += 1
    return start, end


def _replaced(text: str, spans: list[tuple[int, int]]) -> str:
    pieces: list[str] = []
    place = 0
    for start, end in spans:
        if start >= place:
            pieces += [text[place:start], CAPTURE_PLACEHOLDER]
        place = max(place, end)
    return "".join([*pieces, text[place:]])
