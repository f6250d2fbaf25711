"""Detect one-time seeds and codes in groups of four: `jbsw y3dp ehpk 3pxp`.

One group is too short for a verdict, and four letters are often a word. So all groups are
joined before their randomness is measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from signoff_collector.redaction.randomness.randomness import random_bits

_GROUPS: Final = re.compile(
    r"(?<![\w-])(?:[A-Z2-7]{4}(?P<upper>[ -])(?:[A-Z2-7]{4}(?P=upper)){2,14}[A-Z2-7]{4}"
    r"|[a-z2-7]{4}(?P<lower>[ -])(?:[a-z2-7]{4}(?P=lower)){2,14}[a-z2-7]{4})(?![\w-])"
)
_LEAST_BITS: Final = 11.0
_LETTER: Final = re.compile(r"[A-Za-z]")
_LEAST_LETTERS: Final = 8
_HEX: Final = re.compile(r"[0-9a-fA-F -]+")


def find_grouped(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of random base32 characters in groups of four."""
    for match in _GROUPS.finditer(text):
        together = match[0].replace(" ", "").replace("-", "")
        if (
            len(_LETTER.findall(together)) >= _LEAST_LETTERS
            and not _HEX.fullmatch(together)
            and random_bits(together) >= _LEAST_BITS
        ):
            yield match.span()
