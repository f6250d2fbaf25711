"""Detect secrets full of signs: generated passwords, the keys of web frameworks.

Signs interrupt short runs of letters and digits, so neither token rules nor word statistics apply.
What counts is how much more each character costs behind the one before it, as code has them
(`sign_costs.txt`, made by `benchmarks/tables/sign_costs.py`), than one drawn from all 94.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from signoff_collector.redaction.detectors.tables import read_table

MASKED_BITS: Final = 14.0
ASKED_BITS: Final = 10.0
_SURE_BITS: Final = 45.0
"""No format or regular expression costs so much."""
_RUN: Final = re.compile(r"[!#-&(-\[\]-_a-~]{10,200}")
"""Characters of ASCII that can be seen, but no quotes and no backslash."""
_STAND_IN: Final = re.compile(r"<[A-Za-z][A-Za-z_ -]*>")
"""A tag, or what stands in for a value: `pypi-<your-token>`."""
_CHARS: Final = "".join(map(chr, range(33, 127)))
_DRAWN_BITS: Final = math.log2(len(_CHARS))
_DRIFT_BITS: Final = 0.5
"""A stretch ends where its characters cost no more than a drawn one and this."""
_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9]")
_SIGN: Final = re.compile(r"[!#$&*:;?@^|<>(){}\[\],]|%(?![0-9A-Fa-f]{2})|=(?!=*$)")
_LEAST_LENGTH: Final = 8
_LEAST_SIGNS: Final = 2
_PIECE: Final = re.compile(r"[A-Za-z0-9]{2,}")
_PLAIN_PIECE: Final = re.compile(
    r"[A-Z]?[a-z]+\d?|[A-Z]+\d?|\d+[a-z]?|(?:[A-Z]?[a-z]{2,})+|(?:%?[0-9A-F]{2})+"
)
_NAMED_DIGEST: Final = re.compile(r"[0-9a-f]{10}|[0-9A-F]{10}|(?i:sha-?\d|md5|blake|h1:|zh:)")
"""Digits and digests behind a name are judged as tokens: some of them are asked for."""
_FORMAT: Final = re.compile(
    r"%[a-zA-Z][-:/%]|%m-%d|\$\{|\{\{|\(\?|\[\^|[a-z]-[zf]|\]\?|\w\|\w{1,5}\|\w"
)
"""Signs of formats, templates and regular expressions."""
_NEVER_DRAWN: Final = re.compile(
    r"(?:%[0-9A-F]{2}[^%]{0,3}){2}|\]\|?\[|[?&][a-zA-Z][\w.-]*=[^&\s]*&[a-zA-Z][\w.-]*="
    r"|#L\d+(?:-L?\d*)?$|&(?:#x?[0-9A-Fa-f]{2,5}|amp|lt|gt|quot);"
)
"""Percent-encoded text, alternatives of classes, queries, whose values are judged one by one, links
to lines, entities: they cost much too."""
_SHORT: Final = 10
"""A shorter stretch needs two signs, and a third one or a digit: `n&&jQuery`, `$y$j9T$`."""
_MINIFIED: Final = re.compile(
    r"[,;({][\w$]{1,3}[?=.(]|=>\{|\?\.|[!=]==|(?<![\w.])[\w$]{1,2}\.[a-z]{3,}"
    r"|;(?:let|var|const|return|function)\b"
)
"""Code without blanks, as minifiers write it: names of one letter between signs look random."""
_LEAST_MINIFIED: Final = 2
"""A generated password has one of these by chance, hardly two."""


def find_dense(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of mixed letters, digits and signs that no code has."""
    for start, end, bits in _stretches(text, MASKED_BITS):
        value = text[start:end]
        is_format = bits < _SURE_BITS and _FORMAT.search(value) is not None
        signs = _NOT_PLAIN.findall(value)
        has_more = len(signs) > _LEAST_SIGNS or any(map(str.isdigit, value))
        is_code = end - start < _SHORT and not (has_more and len(set(signs)) > 1)
        is_plain = all(map(_PLAIN_PIECE.fullmatch, _PIECE.findall(value)))
        if not (is_format or is_code or is_plain or len(signs) < _LEAST_SIGNS):
            yield start, end


def find_asked(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges that code hardly has, for review to ask about."""
    return ((start, end) for start, end, _ in _stretches(text, ASKED_BITS))


def is_dense(value: str) -> bool:
    """Return whether most of a value is such a mixture."""
    return 2 * sum(end - start for start, end in find_dense(value)) > len(value)


def is_minified(value: str) -> bool:
    """Return whether a bare value is code without blanks, as minifiers write it."""
    return len(_MINIFIED.findall(value)) >= _LEAST_MINIFIED


def _stretches(text: str, least: float) -> Iterator[tuple[int, int, float]]:
    if "<" in text:
        text = _STAND_IN.sub(lambda match: " " * len(match[0]), text)
    for match in _RUN.finditer(text):
        run = match[0]
        if _SIGN.search(run):
            for low, high, bits in _costly(run, least):
                if _is_mixed(run[low:high]):
                    yield match.start() + low, match.start() + high, bits


def _costly(run: str, least: float) -> Iterator[tuple[int, int, float]]:
    """Yield the ranges whose characters cost the most, at least so many bits more than drawn."""
    gains = _gains()
    total = most = 0.0
    start = end = 0
    for at in range(len(run) - 1):
        total += gains[run[at : at + 2]]
        if total > most:
            most, end = total, at + 2
        elif total <= 0:
            if most >= least:
                yield start, end, most
            total = most = 0.0
            start = at + 1
    if most >= least:
        yield start, end, most


def _is_mixed(value: str) -> bool:
    kinds = (str.islower, str.isupper, str.isdigit)
    return (
        len(value) >= _LEAST_LENGTH
        and sum(any(map(kind, value)) for kind in kinds) > 1
        and _SIGN.search(value) is not None
        and not _NAMED_DIGEST.search(value)
        and not _NEVER_DRAWN.search(value)
        and not is_minified(value)
    )


@cache
def _gains() -> dict[str, float]:
    """Return for each pair how many bits more than a drawn character its second one costs."""
    rows = read_table("sign_costs.txt")
    # The table has one character per cost: `A` is 0 bits, each further one half a bit more.
    return {
        before + char: (ord(cost) - 65) / 2 - _DRAWN_BITS - _DRIFT_BITS
        for before, row in zip(_CHARS, rows, strict=True)
        for char, cost in zip(_CHARS, row, strict=True)
    }
