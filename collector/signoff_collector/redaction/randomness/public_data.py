"""Recognise encoded data by what it decodes to: images, fonts, certificates, public keys.

Only the decoded bytes decide. A length or a word beside the data is no evidence: secrets are as
long, and stand beside the same words.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

_MAGICS: Final = (
    b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"\xff\xd8\xff", b"wOFF", b"wOF2", b"OTTO",
    b"\x00\x01\x00\x00\x00", b"%PDF-", b"OggS", b"ID3", b"\x00asm\x01\x00\x00\x00",
    b"\x00\x00\x01\x00\x01\x00", b"fLaC",
)  # fmt: skip
"""The first bytes of formats of images, fonts, sounds, documents and programs."""
_TEXTS: Final = (b"<svg", b"<?xml", b"{")
"""How text in a `data:` address begins: a picture, or a source map."""
_RIFF: Final = re.compile(rb"RIFF.{4}(?:WEBP|WAVE|AVI )", re.DOTALL)
_HEAD: Final = 64
"""So many characters say what the data is."""
_URL_SAFE: Final = str.maketrans("-_", "+/")
_ADDRESS: Final = re.compile(r"data:[\w/+.;=-]{1,120};base64,(?P<data>[A-Za-z0-9+/=_-]+)")
_SSH: Final = re.compile(r"\bAAAA(?:[BC]3Nza|E2Vj)[A-Za-z0-9+/=]*")
_SEQUENCE: Final = 0x30
_LONG_FORM: Final = 0x80
_ARMOUR: Final = re.compile(
    r"-----BEGIN (?P<name>CERTIFICATE|TRUSTED CERTIFICATE|X509 CRL|CERTIFICATE REQUEST|PKCS7"
    r"|NEW CERTIFICATE REQUEST|PUBLIC KEY)-----(?P<body>[^-]{40,65536}?)-----END (?P=name)-----"
)
_BODY_LINE: Final = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_ROW: Final = re.compile(
    r"^[ \t]*(?:[>|#*]|[-+](?=[ \t\"']))?[ \t]*(?:[bru]{0,2}[\"'`])?"
    r"(?P<data>[A-Za-z0-9+/_-]{4,}={0,2})(?:\\[nr])*[\"'`]?[ \t]*[,+\\);.]*[ \t]*$"
)
"""A line that holds nothing but a run of base64: bare, quoted, in a diff or a comment."""
_LEAST_ROWS: Final = 2
_LEAST_WIDTH: Final = 16


def is_public_data(token: str) -> bool:
    """Return whether a run of base64 is data of a public format, by its first bytes."""
    head = _decoded(token[:_HEAD])
    if head.startswith(_MAGICS) or _RIFF.match(head):
        return True
    return head[:1] == b"\x30" and is_certificate(_decoded(token))


def is_certificate(data: bytes) -> bool:
    """Return whether bytes are one DER sequence that begins with a sequence, to its last byte.

    Certificates, requests, revocation lists and public keys are (RFC 5280, 4.1); private keys and
    their stores begin with a number.
    """
    outer, inner = _length_at(data, 0), _content_at(data, 0)
    is_whole = outer is not None and inner is not None and inner + outer == len(data)
    return is_whole and inner is not None and data[inner : inner + 1] == b"\x30"


def public_spans(line: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of `data:` addresses with public data, and of public keys of SSH."""
    if ";base64," in line:
        for match in _ADDRESS.finditer(line):
            head = _decoded(match["data"][:_HEAD])
            if is_public_data(match["data"]) or head.lstrip().startswith(_TEXTS):
                yield match.span("data")
    if "AAAA" in line:
        yield from (match.span() for match in _SSH.finditer(line))


def public_rows(text: str) -> Iterator[str]:
    """Yield the lines of base64 that are public data when joined with their neighbours."""
    if "-----BEGIN " in text:
        for armour in _ARMOUR.finditer(text.replace("\\n", "\n")):
            body: list[str] = _BODY_LINE.findall(armour["body"])
            if is_certificate(_decoded("".join(body))):
                yield from body
    rows: list[str] = []
    for line in text.split("\n"):
        match = _ROW.match(line) if len(line) < 2 * _HEAD * _HEAD else None
        if match is not None:
            rows.append(match["data"])
        elif rows:
            yield from _block(rows)
            rows = []
    yield from _block(rows)


def _block(rows: list[str]) -> Iterator[str]:
    """Yield the rows of a block if they are public data, perhaps without a word behind it."""
    if len(rows) < _LEAST_ROWS or len(rows[0]) < _LEAST_WIDTH:
        return
    plain = rows
    if all(row.startswith("+") for row in rows) or all(row.startswith("-") for row in rows):
        plain = [row[1:] for row in rows]  # the marker of a diff
    for count in (len(rows), len(rows) - 1):
        if is_public_data("".join(plain[:count])):
            yield from rows[:count]
            return


def _length_at(data: bytes, place: int) -> int | None:
    """Return the length of the DER sequence at a place."""
    if data[place : place + 1] != bytes([_SEQUENCE]) or len(data) < place + 2:
        return None
    first = data[place + 1]
    if first < _LONG_FORM:
        return first
    count = first - _LONG_FORM
    return int.from_bytes(data[place + 2 : place + 2 + count], "big") if count else None


def _content_at(data: bytes, place: int) -> int | None:
    if len(data) < place + 2:
        return None
    first = data[place + 1]
    return place + 2 + (first - _LONG_FORM if first >= _LONG_FORM else 0)


def _decoded(run: str) -> bytes:
    plain = run.rstrip("=").translate(_URL_SAFE)
    if len(plain) % 4 == 1:
        plain = plain[:-1]
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4))
    except binascii.Error:
        return b""
