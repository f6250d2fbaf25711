"""Detect secrets full of punctuation, such as the generated keys of web frameworks.

Brackets, operators and punctuation interrupt short runs of letters and digits, so neither token
rules nor word statistics apply. What counts is the mixture of character classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from signoff_collector.redaction.randomness.randomness import random_bits

_CHUNK: Final = re.compile(r"[^\s\"'`\\\0]{16,200}")
_EXPRESSION: Final = re.compile(
    r"\(\?|\.[*+]|\[\^|[a-zA-Z0]-[a-zA-Z9]|%[sdr(]|\{\{|\}\}|://|\)\.|\(\)|\]\.|;$|=>|&&|\|\||</|/>|\)[,;{]"
    r"|[!=<>+]=[^=]{0,3}\w|\b[a-zA-Z]\w*\([\w.]*\)|\w\.[a-z]{2,}\b|,\w,\w"
)
_PIECE: Final = re.compile(r"[A-Za-z0-9]+")
_LEAST_SIGNS: Final = 3
"""How many different punctuation characters outside `_ORDINARY` a secret must contain."""
_ORDINARY: Final = "+/=_-.:,"
_LEAST_LENGTH: Final = 16
_MOST_LENGTH: Final = 200
_LEAST_EACH: Final = 2
_WORD: Final = 4


def find_dense(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of long runs of mixed letters, digits and punctuation."""
    for match in _CHUNK.finditer(text):
        if is_dense(match[0]):
            yield match.span()


def is_dense(value: str) -> bool:
    """Return whether a value is such a mixture, and no code, regular expression or format."""
    if not _LEAST_LENGTH <= len(value) <= _MOST_LENGTH or _EXPRESSION.search(value):
        return False
    kinds = (
        sum(map(str.islower, value)), sum(map(str.isupper, value)), sum(map(str.isdigit, value))
    )  # fmt: skip
    if min(kinds) < _LEAST_EACH:
        return False
    signs = {char for char in value if not char.isalnum() and char not in _ORDINARY}
    count = len(value) - sum(map(str.isalnum, value))
    if len(signs) < _LEAST_SIGNS or not len(value) * 0.1 <= count <= len(value) * 0.6:
        return False
    pieces = _PIECE.findall(value)
    return not any(len(one) >= _WORD and random_bits(one) < 0 for one in pieces)
