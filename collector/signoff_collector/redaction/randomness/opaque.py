"""Detect random tokens that match no rule and have no telling name beside them.

Recall comes before precision. Code stays readable through exceptions for contexts in which random
text is harmless: digests, commits, unique ids, embedded data, alphabets, escapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from signoff_collector.redaction.randomness.density import find_dense
from signoff_collector.redaction.randomness.randomness import random_bits

LEAST_BITS: Final = 9.0
"""Threshold of `random_bits` for a token of `_SURE_LENGTH` or more characters."""
LEAST_LENGTH: Final = 10
_SURE_LENGTH: Final = 16
"""The threshold rises by two bits for each character that a token is shorter."""
_LEAST_DRAWN: Final = 6
_SIGNED_BITS: Final = 12.0
_WORD_BITS: Final = -4.0
_NUMBER_REACH: Final = 24
_LETTERS: Final = re.compile(r"[A-Za-z]{3}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_+/=.~%-]{10,}", re.ASCII)
_PART: Final = re.compile(r"[^/.=~%]+|[/.=~%]+")
_FINE_PART: Final = re.compile(r"[A-Za-z0-9]+")
_NUMBER_BEFORE: Final = re.compile(r"(?<![\w.])\d{6,}[:|/]$")
_WITH_SIGNS: Final = re.compile(
    r"(?<![^\s\"'`(,:=>])[^\s\"'`<>(){}\[\]\\,;|]{10,80}(?![^\s\"'`),;<])"
)
_MODULAR: Final = re.compile(r"\$[a-z0-9-]{1,20}\$(?P<own>[^\s\"'`<>;|]{16,300})")
"""A hashed password with its salt in the format of crypt(3)."""
_SIGNS: Final = re.compile(r"[!@#$^&*?%]")
_EXPRESSION: Final = re.compile(
    r"^[@#$&*.!%?:-]|://|[@/:]\w+[/:]|&&|\*\*|\?\.|\$\w*[.:]|[!=<>]=|%[a-zA-Z]\b|%[a-zA-Z][-:/%]|&\w+="
)
_ESCAPE: Final = re.compile(r"(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[a-zA-Z0-7])?")
_LOWER_HEX: Final = frozenset("0123456789abcdef")
_HEX: Final = re.compile(r"(?:0[xX])?[0-9a-fA-F]+(?:n|[uU]?[lL]{0,2})")
_UUID: Final = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{0,4}(?:-[0-9a-fA-F]{0,4}(?:-[0-9a-fA-F]{0,4}(?:-[0-9a-fA-F]{0,12})?)?)?"
)
_GO_VERSION: Final = re.compile(
    r"v\d+\.\d+\.\d+-(?:\w+\.)*(?:19|20)\d{12}-[0-9a-f]{0,12}(?:/go(?:\.mod)?|\+incompatible)?"
)
"""A pseudo-version of a Go module, which contains a commit; also while it is being typed."""
_OURS: Final = re.compile(r"(?:commit|branch|workspace|session|[a-z]{1,12})-$")
"""The prefix of our own pseudonyms, before their 12 hexadecimal digits."""
_NAMED_BEFORE: Final = re.compile(r"[A-Za-z0-9][_-]$")
_DIGEST: Final = re.compile(
    r"(?i)(?:sha-?\d{1,3}|md5|blake[23]\w{0,2}|h1)[-:=_$~][A-Za-z0-9+/=_-]+$"
)
_HASH_WORD: Final = re.compile(
    r"(?i)(?:sha-?\d{0,3}|md5|crc|checksum|integrity|digest|hash|commit|revision|\brev|etag|index|uses"
    r"|resolved|uuid|guid|object_?id|trace|span|blob|tree|parent|\bh1|merge|head|pick|fixup|squash"
    r"|fingerprint|build_?id|version|expected|assert|chunk|nonce|[\w)\]]@|\.\.\.?|0x)"
    r"[\w\"'`)\]]{0,14}[ \t]{0,4}(?:[:=@#/,(-]|==|is|at|to)?[ \t]{0,4}[\"'`(<]{0,2}"
    r"(?:b[\"'])?(?:[\w.+/:-]{0,60}[/:@.-])?$"
)
_SECRET_WORD: Final = re.compile(
    r"(?i)passw|passphrase|pwd|secret|token|api[_-]?key|credential|private|bearer|authorization"
    r"|cookie|session|signature|\bsig\b|auth"
)
_DATA: Final = re.compile(r"(?i)base64,[A-Za-z0-9+/=_%-]*$|data:[\w/+.;=-]*,$|mappings[\"']?:")
_DATA_STARTS: Final = (
    "iVBORw", "R0lGOD", "/9j/", "UklGR", "d09GM", "d09GR", "AAEAAAA", "PHN2Zy", "PD94bW", "JVBERi",
    "AAAAB3NzaC1", "AAAAC3NzaC1", "AAAAE2Vj", "MII", "H4sIA", "UEsDB", "T2dnU", "SUQz", "Qk0",
    "AGFzbQ",
)  # fmt: skip
_DIGEST_LENGTHS: Final = frozenset({27, 28, 43, 44, 64, 86, 88})
"""Lengths of SHA-1, SHA-256, SHA-384 and SHA-512 in base64, with and without padding."""
_COMMITS: Final = re.compile(r"[0-9a-f]{4,40}\.{2,3}[0-9a-f]{4,40}")
"""A range of commits, or the `index` line of a git diff."""
_SHORTEST_HEX: Final = 20
_LONGEST: Final = 300
"""Longer runs are data: secrets of that size match a rule or have a name."""
_ALPHABETS: Final = re.compile(
    r"(?i)abcdefg?h?i?j?k?l?m?n?o?p?|ghijk|q?r?s?t?uvwxyz|01?234567?8?9?|123456|qwerty|a-z|0-9|zyxwv"
    r"|987654|(.)\1{5,}"
)
_LOOK_BACK: Final = 120


def find_opaque(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of random-looking tokens in a line or longer text."""
    for match in _TOKEN.finditer(text):
        yield from _in_token(text, match.start(), match.end())
    if "$" in text:
        for match in _MODULAR.finditer(text):
            if is_random(match["own"]):
                yield match.span()
    yield from find_dense(text)
    if _SIGNS.search(text):
        for match in _WITH_SIGNS.finditer(text):
            if _is_signed_secret(match[0]):
                yield match.span()


def is_random(token: str) -> bool:
    """Return whether a token by itself looks random, regardless of its context.

    The shorter it is, the more bits are required: names of curves and types are short.
    """
    token = _ALPHABETS.sub("", token)
    if len(token) < LEAST_LENGTH or len(set(token)) < _LEAST_DRAWN:
        return False
    return random_bits(token) >= LEAST_BITS + 2 * max(0, _SURE_LENGTH - len(token))


def _in_token(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the random ranges in one run of token characters."""
    if start and text[start - 1] == "\\":
        escape = _ESCAPE.match(text, start, end)
        start = start if escape is None else escape.end()
    if text.startswith("base64,", max(0, start - len("base64,"))):
        return
    token = text[start:end]
    if end - start < LEAST_LENGTH or _is_wordy(token):
        return
    for low, high in _stretches(token):
        if not _is_harmless(text, start + low, start + high):
            # A number before a separator belongs to the token, as in `123456:AAH…`.
            first = max(0, start + low - _NUMBER_REACH)
            before = _NUMBER_BEFORE.search(text[first : start + low])
            yield (start + low if before is None else first + before.start()), start + high


@lru_cache(maxsize=65_536)
def _is_wordy(token: str) -> bool:
    """Return whether neither a token nor a part of it looks random."""
    if random_bits(token) >= 0:
        return False
    return not any(len(part) >= LEAST_LENGTH and is_random(part) for part in _PART.findall(token))


def _stretches(token: str) -> Iterator[tuple[int, int]]:
    """Yield the random ranges of a token; words in it, such as those of a path, split it."""
    run: list[tuple[int, int]] = []
    for match in _PART.finditer(token):
        if _is_word(match[0]):
            yield from _stretch(token, run)
            run = []
        else:
            run.append(match.span())
    yield from _stretch(token, run)


def _stretch(token: str, parts: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the random range among adjacent parts, if there is one; trim plain parts."""
    while parts and _is_plain(token[slice(*parts[0])]):
        parts.pop(0)
    while parts and _is_plain(token[slice(*parts[-1])]):
        parts.pop()
    if not parts:
        return
    low, high = parts[0][0], parts[-1][1]
    if is_random(token[low:high]):
        while high < len(token) and token[high] == "=":
            high += 1
        yield from _without_words(token, low, high)
    else:
        yield from _core(token, low, high)


def _without_words(token: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Yield a random range without its leading words, as in `subnet-` or `key_`."""
    parts = () if _UUID.fullmatch(token, low, high) else _FINE_PART.finditer(token, low, high)
    for match in parts:
        if not _is_word(match[0]):
            low = match.start()
            break
    if is_random(token[low:high]):
        yield low, high


def _core(token: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Yield the random core of a token that as a whole does not look random.

    Words or numbers around the core can outweigh it in `random_bits`.
    """
    parts = [match.span() for match in _FINE_PART.finditer(token, low, high)]
    random = [place for place, part in enumerate(parts) if is_random(token[slice(*part)])]
    if not random:
        return
    first, last = random[0], random[-1]
    while first and not _is_word(token[slice(*parts[first - 1])]):
        first -= 1
    while last + 1 < len(parts) and not _is_word(token[slice(*parts[last + 1])]):
        last += 1
    yield parts[first][0], parts[last][1]


def _is_word(part: str) -> bool:
    """Return whether a part clearly consists of words; it needs three adjacent letters."""
    return (
        len(part) >= 3
        and part.isascii()
        and _LETTERS.search(part) is not None
        and (random_bits(part) < _WORD_BITS)
    )


def _is_plain(part: str) -> bool:
    """Return whether a part at the edge of a token is a word, a number or a separator."""
    return not part[0].isalnum() or part.isdigit() or random_bits(part) < -2


def _is_harmless(text: str, start: int, end: int) -> bool:
    """Return whether its context shows that a random token is no secret."""
    token = text[start:end]
    before = text[max(0, start - _LOOK_BACK) : start]
    if end - start > _LONGEST or token.startswith(_DATA_STARTS) or _DATA.search(before):
        return True
    if _DIGEST.search(before + token) or _is_embedded(text, start, end):
        return True
    if (_HEX.fullmatch(token) and len(token) < _SHORTEST_HEX) or _COMMITS.fullmatch(token):
        return True
    if _GO_VERSION.fullmatch(token):
        return True
    if len(token) == 12 and _OURS.search(before) and set(token) <= _LOWER_HEX:
        return True
    return not _SECRET_WORD.search(before) and _is_digest(token, before)


def _is_digest(token: str, before: str) -> bool:
    """Return whether a token is a content digest or a UUID, by its form and context."""
    if _UUID.fullmatch(token):
        return not _NAMED_BEFORE.search(before)
    is_hex = _HEX.fullmatch(token) is not None
    if is_hex and before.endswith("/"):
        return True
    return (is_hex or len(token) in _DIGEST_LENGTHS) and _HASH_WORD.search(before) is not None


def _is_embedded(text: str, start: int, end: int) -> bool:
    """Return whether a token fills a line at a usual wrap width, as embedded data does."""
    if end - start < 57:
        return False
    low = text.rfind("\n", 0, start) + 1
    high = text.find("\n", end)
    around = text[low:start] + text[end : high if high >= 0 else len(text)]
    is_alone = not around.strip(" \t\r\"'b+\\,()>#*")
    return is_alone and end - start in {60, 64, 68, 70, 72, 74, 76, 78, 80}


def _is_signed_secret(token: str) -> bool:
    """Return whether a token with punctuation looks like a generated password."""
    token = token.rstrip(".:")
    if not _SIGNS.search(token) or _EXPRESSION.search(token):
        return False
    kinds = (str.islower, str.isupper, str.isdigit)
    if any(not any(map(kind, token)) for kind in kinds):
        return False
    return random_bits(token) >= _SIGNED_BITS and len(set(token)) >= _LEAST_DRAWN
