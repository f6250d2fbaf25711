"""Detect telephone numbers: with a country code, in national formats, or after a telling word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from signoff_collector.redaction.detectors.detectors import Hit

_NOT_BEFORE: Final = r"(?<![\w.@/#])(?<![0-9][-:+])(?<![0-9A-Za-z]-)"
_NOT_AFTER: Final = r"(?!\w|[-./:][0-9]|[-_][A-Za-z])"
_GAP: Final = r"[ .\u00a0\u2011-]"
_CODES: Final = (
    r"(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|2[1-69][0-9]|3[578][0-9]|42[0-9]|50[0-9]|59[0-9]|67[0-9]|68[0-9]|69[0-2]"
    r"|85[0-9]|88[0-9]|96[0-9]|97[0-9]|99[0-9])"
)
"""Country calling codes (ITU-T E.164)."""
_INTERNATIONAL: Final = re.compile(
    rf"{_NOT_BEFORE}(?:\+|00(?=[1-9])|%2B)(?:{_CODES})"
    rf"(?:(?P<grouped>(?:{_GAP}?\(0?[0-9]{{1,4}}\)|{_GAP}[0-9]{{1,5}}|/[0-9]{{2,5}})"
    rf"(?:{_GAP}{{0,2}}[0-9]{{2,9}}){{1,5}}(?:{_GAP}[0-9])?)|(?P<compact>[0-9]{{6,12}})){_NOT_AFTER}"
)
_AMERICAN: Final = re.compile(
    rf"{_NOT_BEFORE}(?:1{_GAP})?(?:\([2-9][0-9]{{2}}\)[ -]?|(?P<area>[2-9][0-9]{{2}})(?P<by>[-.]))"
    rf"(?P<office>[2-9][0-9]{{2}})(?(by)(?P=by)|[-. ])(?P<line>[0-9]{{4}}){_NOT_AFTER}"
)
_NATIONAL: Final = re.compile(
    rf"{_NOT_BEFORE}(?:"
    r"0[1-9](?P<fr>[ .-])[0-9]{2}(?:(?P=fr)[0-9]{2}){3}"  # France
    r"|\(?0[1-9][0-9]{1,3}\)?[ /-]{1,3}[0-9]{3,4}[ -][0-9]{3,5}(?:[ -][0-9]{2,4})?"
    r"|\(?0[1-9][0-9]{1,3}\)?(?:[/-]| [/-] )[0-9]{5,9}"
    r"|0[1-9][0-9]{1,3} [0-9]{6,8}|\(0[1-9][0-9]{1,3}\) ?[0-9]{3,8}(?: [0-9]{2,5}){0,2}"
    r"|\(0?[1-9][0-9]?\) ?[0-9]{4,5}[ -][0-9]{4}"  # Brazil, Australia
    r"|1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}"  # China
    r"|8[ -]\(?[3489][0-9]{2}\)?[ -][0-9]{3}-[0-9]{2}-[0-9]{2}"  # Russia
    rf"){_NOT_AFTER}"
)
_TOLD: Final = re.compile(
    r"(?i)(?:(?<![a-z])(?:tele)?phones?(?:[_ -]?(?:no|num|number|nr))?|telefono?n?|t[eé]l[eé]phone"
    r"|mobile|cell(?:ular)?|handy|whats-?app|sms|(?<![a-z])(?:tel|fax|msisdn|callback|call|dial"
    r"|movil|m[oó]vil|celular|portable))[\"'\])]{0,2}(?:[ \t]{0,3}[:=.(][ \t]{0,3}|[ \t]{1,3}"
    r"|%3D|=>[ \t]?)(?:(?:is|at|on|me|us|him|her|under|number|str|=)[ \t:=]{1,3}){0,3}[\"'(]{0,2}"
    r"(?P<number>\+?[0-9(](?:[ ().\u00a0/-]{0,2}[0-9]){6,14})(?!\w|[-./:][0-9])"
)
_TOLD_GATE: Final = re.compile(
    r"(?i)phone|tel|mobil|cell|handy|whats|sms|fax|msisdn|call|dial|m[oó]vil|celul|portab"
)
_UNDIVIDED: Final = re.compile(
    r"(?<![\w.@/#$%+=-])(?:1?[2-9](?!11)[0-9]{2}[2-9](?!11)[0-9]{6})(?![\w%-]|\.[0-9])"
)
"""Ten digits of North America, which most often are only a number."""
_QUOTES: Final = ("''", '""', "``")
_NEAR: Final = re.compile(
    r"(?i)(?:phone|mobile|whats-?app|hotline|(?<![a-z])(?:tel|fax|sms|contact|cell|call|dial))(?![a-z])"
)
_REACH: Final = 60
_BOUNDS: Final = frozenset({"2147483647", "2147483648", "4294967295", "4294967296", "3735928559"})
"""The limits of integers, and the usual word of hexadecimal letters."""
_COUNTED: Final = "0123456789" * 2
_SHORTEST, _LONGEST = 8, 15


def find_phones(text: str) -> Iterator[Hit]:
    """Yield telephone numbers; they may overlap."""
    for match in _INTERNATIONAL.finditer(text):
        if _has_phone_length(match[0]) and not _is_blank(match[0]):
            yield Hit(*match.span(), "PHONE")
    for match in _AMERICAN.finditer(text):
        if not _is_blank(match[0]):
            yield Hit(*match.span(), "PHONE")
    for match in _NATIONAL.finditer(text):
        if _has_phone_length(match[0]) and not _is_blank(match[0]):
            yield Hit(*match.span(), "PHONE")
    for match in _UNDIVIDED.finditer(text):
        low, high = match.span()
        is_quoted = text[max(0, low - 1) : low] + text[high : high + 1] in _QUOTES
        near = text[max(0, low - _REACH) : low]
        is_known = match[0] in _BOUNDS or match[0] in _COUNTED or _is_blank(match[0])
        if not is_known and (is_quoted or _NEAR.search(near.rpartition("\n")[2])):
            yield Hit(low, high, "PHONE")
    if _TOLD_GATE.search(text):
        for match in _TOLD.finditer(text):
            if not _is_blank(match["number"]) and not _is_date(match["number"]):
                yield Hit(*match.span("number"), "PHONE")


def _has_phone_length(number: str) -> bool:
    return _SHORTEST <= sum(char.isdigit() for char in number) <= _LONGEST


def _is_blank(number: str) -> bool:
    """Return whether a number has at most two different digits, as in forms and tables."""
    return len({char for char in number if char.isdigit()}) <= 2


def _is_date(number: str) -> bool:
    return bool(re.match(r"(?:19|20)[0-9]{2}-?[01][0-9]-?[0-3][0-9]", number))
