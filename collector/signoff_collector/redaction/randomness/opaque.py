"""Detect random tokens that match no rule and have no telling name beside them.

Recall comes before precision. What can be shown to be no secret is blanked before
(`checked_tokens`); what is spelt as an id, but cannot be checked, is left for review to ask about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from signoff_collector.redaction.randomness.density import find_dense
from signoff_collector.redaction.randomness.public_data import is_public_data
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
_EDGES: Final = "+-_/.=~%"
"""Signs at the edge of a token, such as the marker of a diff."""
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
_HEX: Final = re.compile(r"(?:0[xX])?[0-9a-fA-F]+(?:n|[uU]?[lL]{0,2})")
_UUID: Final = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{0,4}(?:-[0-9a-fA-F]{0,4}(?:-[0-9a-fA-F]{0,4}(?:-[0-9a-fA-F]{0,12})?)?)?"
)
_NAMED_UUID: Final = re.compile(
    r"(?<=[A-Za-z0-9][_-])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![A-Za-z0-9])"
)
"""A UUID behind the name of what issued it."""
_GO_VERSION: Final = re.compile(
    r"v\d+\.\d+\.\d+-(?:\w+\.)*(?:19|20)\d{12}-[0-9a-f]{0,12}(?:/go(?:\.mod)?|\+incompatible)?"
)
"""A pseudo-version of a Go module, which contains a commit; also while it is being typed."""
_NAMED_BEFORE: Final = re.compile(r"[A-Za-z0-9][_-]$")
_TAGGED: Final = re.compile(
    r"(?i)(?:(?P<tag>sha-?1|sha-?224|sha-?256|sha-?384|sha-?512|md5|blake2b|blake3)[-:=_$]"
    r"|(?P<short>h1|zh):)(?P<digest>[A-Za-z0-9+/_-]+={0,2})$"
)
"""A digest directly behind the name of its algorithm."""
_DIGEST_LENGTHS: Final = {
    "md5": (32, 22, 24), "sha1": (40, 27, 28), "sha224": (56,), "sha256": (64, 43, 44),
    "sha384": (96, 64), "sha512": (128, 86, 88), "blake2b": (128,), "blake3": (64,),
    "h1": (44,), "zh": (64,),
}  # fmt: skip
"""How many characters each has, in hexadecimal and in base64 with and without padding."""
_GIT_BEFORE: Final = re.compile(
    r"(?i)^[\s|*\\/>+-]*(?:commit|tree|parent|object|merge|revert|pick|fixup|squash|drop)[ \t]"
    r"|\buses:[ \t]*[\"']?[\w./-]{1,100}@$|\.git@$"
    r"|://[^\s\"'<>]{3,200}/(?:commits?|blob|tree|raw|blame|archive|zipball|tarball)/$"
)
"""Where git, forges and workflows write the full id of a commit."""
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REST: Final = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_SECRET_WORD: Final = re.compile(
    r"(?i)passw|passphrase|pwd|secret|token|api[_-]?key|credential|private|bearer|authorization"
    r"|cookie|session|signature|\bsig\b|auth"
)
_COMMITS: Final = re.compile(r"[0-9a-f]{4,40}\.{2,3}[0-9a-f]{4,40}")
"""A range of commits, or the `index` line of a git diff."""
_SHORTEST_HEX: Final = 20
_WINDOW: Final = 256
"""Longer parts are judged in pieces of this length: words at their head would decide else."""
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
    token = text[start:end]
    if end - start < LEAST_LENGTH:
        return
    for match in _NAMED_UUID.finditer(token):
        if len(set(match[0])) >= _LEAST_DRAWN:
            yield start + match.start(), start + match.end()
    if _is_wordy(token):
        return
    for low, high in _stretches(token):
        if not (is_public_data(token) or _is_asked(text, start + low, start + high)):
            # A number before a separator belongs to the token, as in `123456:AAH…`.
            first = max(0, start + low - _NUMBER_REACH)
            before = _NUMBER_BEFORE.search(text[first : start + low])
            yield (start + low if before is None else first + before.start()), start + high


@lru_cache(maxsize=65_536)
def _is_wordy(token: str) -> bool:
    """Return whether neither a token nor a part of it looks random."""
    return random_bits(token) < 0 and not _holds_random(token)


@lru_cache(maxsize=65_536)
def _holds_random(token: str) -> bool:
    """Return whether a part of a token looks random by itself.

    Digits behind a word (`key_4f…`) are drawn from a wider alphabet with it, so that together
    they may look like words.
    """
    return any(
        is_random(token[slice(*part)])
        for pattern in (_PART, _FINE_PART)
        for part in _parts(pattern, token, 0, len(token))
    )


def _parts(pattern: re.Pattern[str], token: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of a token's parts; long ones in windows."""
    for match in pattern.finditer(token, low, high):
        for at in range(match.start(), match.end(), _WINDOW):
            yield at, min(match.end(), at + _WINDOW)


def _stretches(token: str) -> Iterator[tuple[int, int]]:
    """Yield the random ranges of a token; words in it, such as those of a path, split it."""
    run: list[tuple[int, int]] = []
    for low, high in _parts(_PART, token, 0, len(token)):
        if _is_word(token[low:high]):
            yield from _stretch(token, run)
            run = []
        else:
            run.append((low, high))
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
    if not _UUID.fullmatch(token, low, high):
        for first, last in _parts(_FINE_PART, token, low, high):
            if not _is_word(token[first:last]):
                low = first
                break
    if is_random(token[low:high]):
        yield low, high


def _core(token: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Yield the random core of a token that as a whole does not look random.

    Words or numbers around the core can outweigh it in `random_bits`.
    """
    parts = list(_parts(_FINE_PART, token, low, high))
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
        and random_bits(part) < _WORD_BITS
        and not _holds_random(part)
    )


def _is_plain(part: str) -> bool:
    """Return whether a part at the edge of a token is a word, a number or a separator."""
    core = part.strip(_EDGES)
    return not core or core.isdigit() or (random_bits(core) < -2 and not _holds_random(core))


def _is_asked(text: str, start: int, end: int) -> bool:
    """Return whether a random token is spelt as an id, so that review asks instead of masking it.

    What can be checked was blanked before (`checked_tokens`); the rest may be an id or a secret.
    """
    token = text[start:end]
    before = text[max(0, start - _LOOK_BACK) : start]
    if _UUID.fullmatch(token):
        return not _NAMED_BEFORE.search(before)
    if _COMMITS.fullmatch(token) or _GO_VERSION.fullmatch(token):
        return True
    if _HEX.fullmatch(token) and len(token) < _SHORTEST_HEX:
        return True
    return not _SECRET_WORD.search(before) and _is_spelt_digest(text, start, end)


def _is_spelt_digest(text: str, start: int, end: int) -> bool:
    """Return whether a token is written as a digest with its algorithm, or as a full commit."""
    before = text[max(0, start - _LOOK_BACK) : start]
    if _COMMIT.fullmatch(text, start, end) and _GIT_BEFORE.search(before):
        return True
    rest = _REST.match(text, end)
    end = end if rest is None else rest.end()
    tagged = _TAGGED.search(before + text[start:end])
    if tagged is None:
        return False
    tag = (tagged["tag"] or tagged["short"]).lower().replace("-", "")
    return len(tagged["digest"]) in _DIGEST_LENGTHS[tag]


def _is_signed_secret(token: str) -> bool:
    """Return whether a token with punctuation looks like a generated password."""
    token = token.rstrip(".:")
    if not _SIGNS.search(token) or _EXPRESSION.search(token):
        return False
    kinds = (str.islower, str.isupper, str.isdigit)
    if any(not any(map(kind, token)) for kind in kinds):
        return False
    return random_bits(token) >= _SIGNED_BITS and len(set(token)) >= _LEAST_DRAWN
