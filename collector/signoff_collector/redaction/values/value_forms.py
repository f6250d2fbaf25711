"""Compute the 6-grams of a known value in each encoding: plain, URL, JSON, base64.

A value that was recognised in an encoded form (base64 of `user:password`, escapes of source
code) is also indexed by what it decodes to, since it may occur elsewhere in plain text.
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
"""No run of this many characters of a known value may stay visible (docs/threat_model.md)."""
_LEAST_ENCODED: Final = 12
_LEAST_DECODED: Final = 6
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_USER: Final = re.compile(r"[\w.@+-]{0,40}:(.*)", re.DOTALL)
_JWT_HEADER: Final = re.compile(r"eyJ[\w-]*\.(?:eyJ)?")
_ESCAPED: Final = re.compile(r"(?:\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}){3}")
_PARTS: Final = re.compile(r"\s+|\\n|\\r")
"""What separates the lines of a value, and is no part of it."""
_LEAST_PREFIX: Final = 3
"""Shorter prefixes, such as the `L` of some keys, begin too many values to be ignored."""


def grams_of(value: str) -> Iterator[str]:
    """Yield the 6-grams of a value, without its issuer's prefix, in every encoding.

    6-grams of one repeated character are skipped: they occur in any text.
    """
    own = value[_public_prefix(value) :]
    # Escapes such as `\x41` are alike for all values: only what they decode to is specific.
    if _ESCAPED.search(own):
        own = next((view.text for view in decoded_views(own)), own)
    for part in _PARTS.split(own):
        for form in forms_of(part):
            for place in range(len(form) - GRAM + 1):
                gram = form[place : place + GRAM]
                if gram.count(gram[0]) < GRAM:
                    yield gram


def cased_grams(value: str) -> Iterator[str]:
    """Yield the 6-grams of a value in small letters and in capitals, but none that is a word."""
    own = value[_public_prefix(value) :]
    for part in _PARTS.split(own):
        for form in {part.lower(), part.upper()} - {part}:
            for place in range(len(form) - GRAM + 1):
                gram = form[place : place + GRAM]
                if not gram.isalpha() and gram.count(gram[0]) < GRAM:
                    yield gram


def readings_of(value: str) -> list[str]:
    """Return what a value decodes to, if it looks encoded."""
    # In the quotes that stood around it, so that literals are joined: `9fK2" + "x7Q`.
    found = [_without_quotes(view.text) for view in decoded_views(f'"{value}"')]
    if len(value) >= _LEAST_ENCODED and _BASE64.fullmatch(value):
        for text in _from_base64(value):
            match = _USER.fullmatch(text)
            found.append(text if match is None else match[1])
    return [text for text in found if len(text) >= _LEAST_DECODED and text != value]


def _without_quotes(text: str) -> str:
    return text.removeprefix('"').removesuffix('"')


def _from_base64(value: str) -> Iterator[str]:
    """Yield the text in a base64 string; a random string decodes to no printable text."""
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
    """Return the encodings of a value of 6 or more characters: plain, URL, JSON, base64."""
    if len(value) < GRAM:
        return []
    forms = [value, urllib.parse.quote(value, safe=""), json.dumps(value)[1:-1]]
    return list(dict.fromkeys([*forms, *base64_forms(value)]))


def base64_forms(value: str) -> list[str]:
    """Return what every base64 text with a value in it contains."""
    forms: list[str] = []
    content = value.encode("utf-8", "surrogatepass")
    # Base64 encodes groups of three bytes, so a value within longer data has three encodings.
    # Characters at either end also depend on the neighbouring bytes: they are cut off.
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + content).decode("ascii")
        start = (0, 2, 3)[shift]
        end = len(encoded) - (3 if (len(content) + shift) % 3 else 0)
        whole = encoded[start:end].rstrip("=")
        forms += [whole, whole.replace("+", "-").replace("/", "_")]
    return forms
