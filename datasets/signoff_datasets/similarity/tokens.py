"""Text as tokens, for any programming language and for prose.

A token is a word, a number or one sign; white space is none. *Blind* tokens read every word alike
that is no keyword, and every number, so that renaming and re-counting change nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

LONGEST: Final = 1 << 22
"""Characters of one text that are looked at: 4 million. What follows is not."""
_TOKEN: Final = re.compile(r"[^\W\d]\w*|\d\w*|[^\w\s]")
_KEYWORDS: Final = (
    "abstract and as assert async await begin break case catch class const continue def default "
    "defer del do elif else elsif end enum except export extends false finally fn for foreach "
    "from func function global go goto if implements import in include instanceof interface is "
    "lambda let loop match mod module mut new nil none not null of or package pass private "
    "protected pub public raise require return self static struct super switch then this throw "
    "trait true try type typeof union unless until use using var void where while with yield "
)
KEYWORDS: Final = frozenset(_KEYWORDS.split())
"""Words that many languages share: they make the form of a program, also with other names."""


def tokens(text: str) -> list[str]:
    """Return the tokens of a text."""
    return _TOKEN.findall(text[:LONGEST])


def blind(token: str) -> str:
    """Return what stands for a token where names and numbers do not matter."""
    if token[0].isdigit():
        return "0"
    if (token[0].isalpha() or token[0] == "_") and token.lower() not in KEYWORDS:
        return "x"
    return token.lower()


def hashed(words: list[str]) -> Hashes:
    """Return one 64-bit number for each token; the same on every machine."""
    return np.fromiter((_number(word) for word in words), np.uint64, len(words))


@lru_cache(maxsize=1 << 16)
def _number(word: str) -> int:
    # Half of a surrogate pair can stand in recorded text.
    content = word.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "little")
