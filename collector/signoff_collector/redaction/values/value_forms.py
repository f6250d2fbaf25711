"""The pieces by which a known value is found again, in each form that it may take.

A value that was recognised in an encoded form (base64 of `user:password`, escapes of source
code) is also known as what it decodes to, since it may stand elsewhere as it is.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import urllib.parse
from collections.abc import Iterator
from typing import Final

from signoff_collector.redaction.detectors.detectors import PREFIXES
from signoff_collector.redaction.strings.decoded_views import decoded_views

GRAM: Final = 6
"""No run of this many characters of a known value may stay (docs/threat_model.md)."""
_LEAST_ENCODED: Final = 12
_LEAST_DECODED: Final = 6
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_USER: Final = re.compile(r"[\w.@+-]{0,40}:(.*)", re.DOTALL)
_JWT_HEADER: Final = re.compile(r"eyJ[\w-]*\.(?:eyJ)?")
_ESCAPED: Final = re.compile(r"(?:\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}){3}")
_LEAST_PREFIX: Final = 3
"""Shorter ones, such as the `L` of some keys, begin any value: it has no public start."""


def grams_of(value: str) -> Iterator[str]:
    """Yield the pieces of a value, without its public start, in the forms it may take.

    Pieces of one repeated character are left out: they stand in any text.
    """
    own = value[_public_prefix(value) :]
    if _ESCAPED.search(own):  # escapes are the same for every value: only what they spell counts
        own = next((view.text for view in decoded_views(own)), own)
    for part in re.split(r"\s+|\\n|\\r", own):
        for form in forms_of(part):
            for place in range(len(form) - GRAM + 1):
                gram = form[place : place + GRAM]
                if gram.count(gram[0]) < GRAM:
                    yield gram


def readings_of(value: str) -> list[str]:
    """Return what a value decodes to, where it looks encoded."""
    found = [view.text for view in decoded_views(value)]
    if len(value) >= _LEAST_ENCODED and _BASE64.fullmatch(value):
        for text in _from_base64(value):
            match = _USER.fullmatch(text)
            found.append(text if match is None else match[1])
    return [text for text in found if len(text) >= _LEAST_DECODED and text != value]


def _from_base64(value: str) -> Iterator[str]:
    """Yield the text of a base64 string; random ones decode to no text."""
    standard = value.rstrip("=").replace("-", "+").replace("_", "/")
    padded = standard + "=" * (-len(standard) % 4)
    try:
        text = base64.b64decode(padded, validate=True).decode("utf-8")
    except (ValueError, binascii.Error):
        return
    if text.isprintable():
        yield text


def _public_prefix(value: str) -> int:
    match = _JWT_HEADER.match(value)
    if match and match.end() < len(value):
        return match.end()
    found = next((len(prefix) for prefix in PREFIXES if value.startswith(prefix)), 0)
    return found if found >= _LEAST_PREFIX else 0


def forms_of(value: str) -> list[str]:
    """Return the spellings of a value that is no short one: as it is, in URLs, JSON, base64."""
    if len(value) < GRAM:
        return []
    forms = [value, urllib.parse.quote(value, safe=""), json.dumps(value)[1:-1]]
    content = value.encode("utf-8", "surrogatepass")
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + content).decode("ascii")
        start = (0, 2, 3)[shift]
        end = len(encoded) - (3 if (len(content) + shift) % 3 else 0)
        whole = encoded[start:end].rstrip("=")
        forms += [whole, whole.replace("+", "-").replace("/", "_")]
    return list(dict.fromkeys(forms))
