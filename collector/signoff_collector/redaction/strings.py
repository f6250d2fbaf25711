"""Masking of strings outside the texts: outputs, commands, messages, labels, paths.

They are masked by value. Terminals wrap lines, colour them and mark them as differences;
so a string is also searched without colours, and without line ends and what begins the
next line, and what is found there is masked in the string as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from signoff_collector.redaction.detectors import Hit, find_secrets
from signoff_collector.redaction.secrets_table import SecretsTable, Span, merge_spans

_ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[@-Z\\-_])|[\r\x08\x00]"
)
_WRAPS: Final = re.compile(r"\n(?:[ \t]*[-+>|#*][ \t]?|[ \t]+)?")
_SECRET_FLAG: Final = re.compile(
    r"(?i)--?[\w-]{0,40}(?:pass(?:word|wd|phrase)?|token|secret|api-?key|auth)[\w-]{0,20}\Z"
)
_TOKEN_END: Final = re.compile(r"[\w+/=-]+\Z")
_TOKEN_START: Final = re.compile(r"[\w+/=-]+")
_CACHE_LIMIT: Final = 4096
_CACHED_LENGTH: Final = 256
_ROUNDS: Final = 3


class StringMasker:
    """Masks strings by what the table knows and by shape."""

    def __init__(self, table: SecretsTable) -> None:
        self._table = table
        self._cache: dict[str, str] = {}
        self._version = table.version

    def learn(self, text: str) -> None:
        """Note what a string shows to be secret, so that it is found elsewhere too."""
        for view, _ in self._views(text)[:2]:
            for hit in find_secrets(view):
                self._table.learn(hit.kind, view[hit.start : hit.end])

    def mask(self, text: str) -> str:
        """Return the string with every known or recognised value as its placeholder."""
        if self._version != self._table.version or len(self._cache) > _CACHE_LIMIT:
            self._cache.clear()
            self._version = self._table.version
        masked = self._cache.get(text)
        if masked is None:
            masked = self._masked(text)
            if len(text) < _CACHED_LENGTH:
                self._cache[text] = masked
        return masked

    def _masked(self, text: str) -> str:
        """Mask, and mask what masking makes visible."""
        for _ in range(_ROUNDS):
            spans = self.spans(text)
            if not spans:
                break
            text = replace_spans(text, spans, self._table.label)
        return text

    def mask_argument(self, text: str, before: str) -> str:
        """Return an argument of a command; all of it is masked after such as `--token`."""
        if _SECRET_FLAG.match(before) and len(text) >= 3 and not text.startswith("-"):
            return self._table.label(self._table.learn("PASSWORD", text))
        return self.mask(text)

    def mask_cut(self, text: str, *, at_end: bool) -> str:
        """Return one side of an output cut in the middle; the token at the cut goes too.

        Half a secret is not recognised by its shape (THREATS 17).
        """
        match = (_TOKEN_END.search(text[-512:])) if at_end else _TOKEN_START.match(text[:512])
        if match is None or len(match[0]) < 4 or not any(c.isdigit() for c in match[0]):
            return self.mask(text)
        token = match[0]
        label = self._table.label(self._table.learn("CUT", token))
        if at_end:
            return self.mask(text[: len(text) - len(token)]) + label
        return label + self.mask(text[len(token) :])

    def spans(self, text: str) -> list[Span]:
        """Return what is to be masked, in order, without overlaps."""
        found: list[Span] = []
        for place, (view, index) in enumerate(self._views(text)):
            if place < 2:
                found.extend(_placed(self._own(view), index))
                found.extend(_placed(self._table.find_identities(view), index))
            else:
                found.extend(_placed(self._table.find(view), index))
        return merge_spans(found)

    def known_spans(self, text: str) -> list[Span]:
        """Return only what the table knows, neither recognised by shape nor widened."""
        found: list[Span] = []
        for view, index in self._views(text):
            found.extend(_placed(self._table.find(view), index))
        return merge_spans(found)

    def _own(self, view: str) -> list[Span]:
        spans = [self._learnt(view, hit) for hit in find_secrets(view)]
        spans.extend(self._table.find(view))
        spans.extend(self._table.find_weak(view))
        return [widen(view, span) for span in spans]

    def _learnt(self, view: str, hit: Hit) -> Span:
        return Span(hit.start, hit.end, self._table.learn(hit.kind, view[hit.start : hit.end]))

    def _views(self, text: str) -> list[tuple[str, list[int] | None]]:
        """Return the string as it is, without escapes, and without line wraps."""
        views: list[tuple[str, list[int] | None]] = [(text, None)]
        if "\x1b" in text or "\r" in text or "\x08" in text or "\x00" in text:
            views.append(_without(text, None, _ESCAPES))
        if "\n" in text:
            plain, index = views[-1]
            if len(views) == 1:
                views.append(("", []))
            views.append(_without(plain, index, _WRAPS))
        return views


def widen(text: str, span: Span) -> Span:
    """Return the span with the rest of the tokens it touches."""
    start, end = span.start, span.end
    while start > 0 and is_token(text[start - 1]) and is_token(text[start]):
        start -= 1
    while end < len(text) and is_token(text[end]) and is_token(text[end - 1]):
        end += 1
    return Span(start, end, span.group)


def is_token(char: str) -> bool:
    """Return whether a character may be part of a secret's token."""
    return char.isalnum() or char in "_-"


def replace_spans(text: str, spans: list[Span], label: Callable[[int], str]) -> str:
    """Return the text with each span as the placeholder of its group."""
    pieces: list[str] = []
    place = 0
    previous = 0
    for span in spans:
        if not (pieces and span.start == place and previous):
            pieces.append(text[place : span.start])
            pieces.append(label(span.group))
        place, previous = span.end, span.group
    pieces.append(text[place:])
    return "".join(pieces)


def _without(text: str, index: list[int] | None, pattern: re.Pattern[str]) -> tuple[str, list[int]]:
    """Return a text without the matches, and for each character its place in the string."""
    kept: list[int] = []
    place = 0
    for match in pattern.finditer(text):
        kept.extend(range(place, match.start()))
        place = match.end()
    kept.extend(range(place, len(text)))
    shown = "".join([text[at] for at in kept])
    return shown, (kept if index is None else [index[at] for at in kept])


def _placed(spans: list[Span], index: list[int] | None) -> list[Span]:
    if index is None:
        return spans
    return [Span(index[s.start], index[s.end - 1] + 1, s.group) for s in spans if s.end > s.start]
