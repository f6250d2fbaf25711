"""How much likelier a token is to be made by a machine at random than to be made of words.

Two ways of writing a token down are compared, in bits: as words and numbers, with what
letters cost after each other in code (`letter_costs.txt`, made by
`benchmarks/tables/letter_costs.py`), and as characters drawn from the narrowest usual alphabet.
Random tokens of 16 characters gain more than 13 bits in 98 of 100 cases; of identifiers and
words hardly any gains 4.
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from itertools import product
from typing import Final

from signoff_collector.redaction.detectors.tables import read_table

_LETTERS: Final = string.ascii_lowercase
_RUN: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^A-Za-z0-9]+")
_AFTER_WORD: Final = {"": 0.5, "word": 1.5, "number": 3.5, "sign": 0.5}
"""What it costs that a word begins, by what stands before it."""
_NUMBER_AFTER: Final = {"": 1.0, "word": 2.5, "number": 1.0, "sign": 1.0}
_DIGIT_BITS: Final = 3.3
_SIGN_BITS: Final = {"-": 1.5, "_": 1.5, ".": 1.5, "/": 1.5}
_OTHER_SIGN_BITS: Final = 4.0
_RANDOM_SIGN_BITS: Final = 6.0
_CHOICE_BITS: Final = 3.0
_HEX: Final = (frozenset("0123456789abcdef"), frozenset("0123456789ABCDEF"))
_LONGEST: Final = 512
"""More of a token than this is not needed for a verdict."""


@lru_cache(maxsize=65_536)
def random_bits(token: str) -> float:
    """Return by how many bits `token` is likelier random than made of words.

    Costs some 10 µs for a token not seen before.
    """
    token = token[:_LONGEST]
    return _as_words(token) - _as_random(token)


def _as_words(token: str) -> float:
    costs = _costs()
    bits, before = 0.0, ""
    for run in _RUN.findall(token):
        if run[0] in _HEX[0] and run[0].isdigit():
            bits += _NUMBER_AFTER[before] + _DIGIT_BITS * len(run)
            before = "number"
        elif run[0].isascii() and run[0].isalpha():
            bits += _AFTER_WORD[before]
            spelled = f"^^{run.lower()}$"
            bits += sum(costs[spelled[at : at + 3]] for at in range(len(spelled) - 2))
            before = "word"
        else:
            bits += sum(_SIGN_BITS.get(sign, _OTHER_SIGN_BITS) for sign in run)
            before = "sign"
    return bits


def _as_random(token: str) -> float:
    drawn = {char for char in token if char.isascii() and char.isalnum()}
    count = sum(char in drawn for char in token)
    if drawn <= _HEX[0] or drawn <= _HEX[1]:
        each = 4.0
    elif any(char.islower() for char in drawn) and any(char.isupper() for char in drawn):
        each = 5.95
    else:
        each = 5.17
    return each * count + _RANDOM_SIGN_BITS * (len(token) - count) + _CHOICE_BITS


@lru_cache(maxsize=1)
def _costs() -> dict[str, float]:
    """Return the bits of each letter, or of the end `$`, after two others."""
    contexts = ("^^", *("^" + one for one in _LETTERS), *map("".join, product(_LETTERS, _LETTERS)))
    rows = read_table("letter_costs.txt")
    return {
        before + letter: (ord(cost) - 65) / 2
        for before, row in zip(contexts, rows, strict=True)
        for letter, cost in zip(_LETTERS + "$", row, strict=True)
    }
