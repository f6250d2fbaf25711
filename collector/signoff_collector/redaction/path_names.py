"""Detect secrets in paths, one path component at a time.

Names of folders and files contain words, versions, digests and content hashes of bundlers.
Adjacent components are neither a key with its value nor one token, so each is judged alone:
otherwise `OTP/OTPInput.d.ts` would read as an assignment. A component is a secret if it has the
form of a known kind, or if it is random and is no digest, id or bundler hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from signoff_collector.redaction.detectors.detectors import OPAQUE, Hit, find_secrets, find_settled
from signoff_collector.redaction.randomness.opaque import LEAST_LENGTH
from signoff_collector.redaction.randomness.randomness import random_bits

_POINTER: Final = re.compile(
    r"/(?:old_)?path|/(?:changed|disk)/\d+/path|/(?:paths|unsaved_paths)/\d+"
)
_PART: Final = re.compile(r"[^.]+")
_SIGNS: Final = re.compile(r"[!#$^&*?%]")
"""Characters that versions and package scopes never contain, but passwords do."""
_BUILT: Final = re.compile(
    r"\.(?:[cm]?jsx?|d\.[cm]?ts|css|map|wasm|woff2?|ttf|otf|eot|svg|png|jpe?g|gif|webp|avif|ico"
    r"|mp[34]|webm|ogg|so(?:\.\d+)*|dylib|dll|pyd|node|a|o|rlib|rmeta|gz|br|zip|whl)"
    r"(?:\.(?:map|gz|br|LICENSE\.txt))?$"
)
"""File extensions of what bundlers and compilers write."""
_BUILT_FOLDERS: Final = frozenset({"static", "chunks", "immutable", "assets", "cache", ".cache"})
_BEHIND_WORD: Final = re.compile(r"(?<![^\W_])[^\W\d_]+_(?=[A-Za-z0-9-]*\d)(?=[\w-]{10})")
"""A word joined by `_` to a possible token, as in `old_ghp_…`.

The look-aheads demand a digit and ten characters, so that plain snake_case is skipped.
"""
_LONGEST_HASH: Final = 22
"""128 bits in base64: the longest hash or build id that bundlers put into names."""
_DIGEST: Final = re.compile(r"(?i)(?:sha-?\d{1,3}|md5|hash|digest|commit|rev|cache)[-_.=]?$")
_HASH: Final = re.compile(r"[A-Za-z0-9_-]+")
_HEX: Final = re.compile(r"(?i)[0-9a-f]{8,40}")
"""Content hashes in names of files. Not 64 digits: keys have that length as often."""
_UUID: Final = re.compile(r"(?i)(?:[\w-]*[_-])?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SECRET_WORD: Final = re.compile(
    r"(?i)passw|passphrase|pwd|secret|token|api[_-]?key|credential|private|bearer|auth|session"
    r"|(?:^|[_.-])(?:live|test|prod|key|sk)[_.-]"
)


def is_path(pointer: str, text: str) -> bool:
    """Return whether a string is a workspace-relative path, judged by its JSON pointer."""
    return not text.startswith("/") and _POINTER.fullmatch(pointer) is not None


class Name(NamedTuple):
    """One path component: the name of a file or folder."""

    text: str
    is_built: bool = False
    """Whether the folder that holds it is a usual output folder of bundlers."""


def names_in(path: str) -> Iterator[Name]:
    """Yield the components of a path."""
    folder = ""
    for text in path.split("/"):
        yield Name(text, folder in _BUILT_FOLDERS)
        folder = text


def split_name(path: str) -> tuple[str, Name]:
    """Return the folder of a path and its last component.

    Many paths share their folder, so callers can cache what they learn of it.
    """
    folder, _, text = path.rpartition("/")
    return folder, Name(text, folder.rpartition("/")[2] in _BUILT_FOLDERS)


@lru_cache(maxsize=1 << 17)
def secrets_in_name(name: Name) -> tuple[Hit, ...]:
    """Return what looks like a secret in a name, sorted by offset.

    A name that is not cached costs some 60 µs.
    """
    text = name.text
    found = find_settled(text)
    for match in _BEHIND_WORD.finditer(text):
        for hit in find_secrets(text[match.end() :]):
            start, end = match.end() + hit.start, match.end() + hit.end
            found.append(hit._replace(start=start, end=end))
    if not found:
        return ()
    kept = [hit for hit in found if hit.rule != OPAQUE or _SIGNS.search(text[hit.start : hit.end])]
    for part in _PART.finditer(text):
        for hit in find_settled(part[0]):
            if hit.rule == OPAQUE:
                placed = hit._replace(start=part.start() + hit.start, end=part.start() + hit.end)
                if not _is_harmless(name, placed):
                    kept.append(_whole(placed, found))
    return tuple(sorted(set(kept)))


def _whole(part: Hit, found: list[Hit]) -> Hit:
    """Return the hit that encloses a part, so that no half of a token stays visible."""
    around = (one for one in found if one.start <= part.start and part.end <= one.end)
    return next(around, part)


def stem_of(name: str) -> str:
    """Return the stem of a name with an `@`, else "".

    With the extension behind it, a detector may not recognise an e-mail address.
    """
    stem, _, end = name.rpartition(".")
    return stem if "@" in stem and end else ""


def _is_harmless(name: Name, hit: Hit) -> bool:
    """Return whether a random part of a name is a digest, UUID or content hash."""
    text = name.text
    before, value = text[: hit.start], text[hit.start : hit.end]
    if _SECRET_WORD.search(before):
        return False
    is_built = name.is_built or _BUILT.search(text, hit.end) is not None
    if _UUID.fullmatch(value) or (_HEX.fullmatch(value) and (is_built or _DIGEST.search(before))):
        return True
    is_hash = len(value) <= _LONGEST_HASH and _HASH.fullmatch(value) is not None
    return is_hash and is_built and all(map(_is_plain, _PART.findall(before)))


def _is_plain(part: str) -> bool:
    return len(part) < LEAST_LENGTH or random_bits(part) <= 0
