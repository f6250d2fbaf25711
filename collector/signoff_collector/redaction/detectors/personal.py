"""Detect personal data by shape: e-mail, phone, IP address, IBAN, card, account.

These shapes mask only what a session added; text of the base commit stays (see `public_base`). A
shape alone is weak evidence in source code, which is full of versions, test numbers and tables.
So each kind is validated where it can be (country, length, checksum, reserved range), and a
match within a longer number or name is ignored.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from signoff_collector.redaction.detectors.accounts import GATE as ACCOUNT_GATE
from signoff_collector.redaction.detectors.accounts import find_accounts
from signoff_collector.redaction.detectors.detectors import Hit
from signoff_collector.redaction.detectors.phones import find_phones

_EMAIL: Final = re.compile(
    r"(?<![\w.+%-])[^\W_](?:[\w.+%-]{0,62}[\w+%-])?"
    r"(?:@|%40|\\u0040|&#64;|&commat;)"
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,6}(?P<top>[A-Za-z]{2,24}|xn--[a-z0-9-]{2,40})(?![\w-])"
)
_LOGIN_BEFORE: Final = re.compile(r"://[^\s/@]*\Z")
"""A URL scheme before a match: then it is `user:password@host`, whose password is masked."""
_EMAIL_GATE: Final = re.compile(r"@|%40|\\u0040|&#64;|&commat;")
_TOP_LIST: Final = (
    "com org net edu gov mil int info biz name pro aero coop museum mobi jobs travel tel cat asia"
    " post dev app io ai cloud email mail online site website tech xyz club shop store blog"
    " agency company solutions services systems software digital media design studio world life"
    " live news today network group team work works center consulting engineering ventures"
    " capital finance health care academy education university foundation community social chat"
    " space page link one top vip fun zone codes tools wiki berlin london paris tokyo nyc swiss"
    " wien bayern hamburg koeln scot wales eus gal bzh law legal bank global international"
)
_TOP: Final = frozenset(_TOP_LIST.split())
_NO_TOP: Final = frozenset({"py", "js", "ts", "hs", "cs"})
"""File extensions that look like country domains."""
_RESERVED_DOMAIN: Final = re.compile(
    r"(?i)(?:^|[@.])(?:example(?:\.(?:com|org|net|edu|[a-z]{2}))?|test|invalid|localhost"
    r"|domain\.(?:com|tld)|email\.com|users\.noreply\.github\.com)$"
)
_SERVICE_NAME: Final = re.compile(r"(?i)^(?:git|hg|svn|ssh|no-?reply|do-?not-?reply|noreply\+.*)@")
_EXAMPLE_NAME_LIST: Final = (
    "user users username test tester testing admin administrator info foo bar baz qux name email"
    " mail someone somebody anyone nobody alice bob carol eve john jane john.doe jane.doe johndoe"
    " janedoe doe joe joe.bloggs contact support sales hello help sender recipient receiver from to"
    " author your your.name yourname your-email your.email first.last firstname.lastname owner"
    " postmaster webmaster root developer dev guest demo customer client member student staff"
    " employee another other invalid example me you"
)
_EXAMPLE_NAMES: Final = frozenset(_EXAMPLE_NAME_LIST.split())

_IPV4: Final = re.compile(
    r"(?<![\w.@-])(?<!\d[,:])([0-9]{1,3}(?:\.[0-9]{1,3}){3})(?![\w]|\.[0-9]|-[0-9A-Za-z])"
)
_VERSION_BEFORE: Final = re.compile(
    r"(?i)(?:\bv|versions?\W{0,4}|[=~><!]=\s{0,2}|\brev\W|release\W{1,2}|\bsection\s|§\s?)\Z"
)
_IPV6: Final = re.compile(
    r"(?<![\w:.])((?:2[0-9A-Fa-f]{3}|3[0-9A-Fa-f]{3}|[fF][cdCD][0-9A-Fa-f]{2}"
    r"|[fF][eE][89abAB][0-9A-Fa-f]):(?:[0-9A-Fa-f]{0,4}:){1,6}(?:[0-9A-Fa-f]{1,4})?)(?![\w:]|\.\w)"
)
_V4_LEFT_ALONE_LIST: Final = (
    "0.0.0.0/8 127.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 198.18.0.0/15"
    " 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3"
)
_V4_LEFT_ALONE: Final = tuple(map(ipaddress.IPv4Network, _V4_LEFT_ALONE_LIST.split()))
_V4_EVERYBODYS_LIST: Final = (
    "1.1.1.1 1.0.0.1 8.8.8.8 8.8.4.4 9.9.9.9 10.0.0.0 10.0.0.1 10.0.0.2 10.0.2.2 10.0.2.15"
    " 172.16.0.0 172.16.0.1 172.17.0.0 172.17.0.1 172.18.0.1 192.168.0.0 192.168.0.1"
    " 192.168.1.0 192.168.1.1 192.168.99.100 192.168.0.2 192.168.1.2"
)
_V4_EVERYBODYS: Final = frozenset(_V4_EVERYBODYS_LIST.split())
"""Default addresses of routers, container engines and public name servers."""
_V6_DOCUMENTATION: Final = tuple(map(ipaddress.IPv6Network, ("2001:db8::/32", "3fff::/20")))
_HIGHEST_VERSION_PART: Final = 30
"""A public address whose four numbers are all this small is taken to be a version."""

_IBAN: Final = re.compile(r"(?<![\w-])[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,32}(?![\w])")
_IBAN_LENGTHS_LIST: Final = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27"
    " DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22"
    " IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19"
    " MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31"
    " SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
_IBAN_LENGTHS: Final = {one[:2]: int(one[2:]) for one in _IBAN_LENGTHS_LIST.split()}
_IBAN_GATE: Final = re.compile(r"[A-Z]{2}[0-9]{2}[ -]?[A-Z0-9]{4}")

_CARD: Final = re.compile(
    r"(?<![\w.-])(?<![0-9A-Fa-f]{4}[ :])(?:[0-9]{14,16}|[0-9]{19}"
    r"|[0-9]{4}(?P<by>[ -])[0-9]{4}(?P=by)[0-9]{4}(?P=by)[0-9]{4}(?:(?P=by)[0-9]{3})?"
    r"|[0-9]{4}(?P<of>[ -])[0-9]{6}(?P=of)[0-9]{4,5})(?!\w|[.,-][0-9]|[ ][0-9A-Fa-f]{4}\b)"
)
_ISSUERS: Final = re.compile(
    r"4(?:[0-9]{15}|[0-9]{18})$|(?:5[1-5]|2[2-7])[0-9]{14}$|3[47][0-9]{13}$|(?:6011|65|64[4-9]|62)"
    r"[0-9]{10,17}$|35(?:2[89]|[3-8])[0-9]{12,13}$|3(?:0[0-5]|[68])[0-9]{11,12}$"
)
_TEST_CARDS_LIST: Final = (
    "378282246310005 371449635398431 378734493671000 30569309025904 6011000990139424"
    " 4000056655665556 6011981111111113 6200000000000005 3056930009020004 36227206271667"
    " 4000002500003155 4000000000009995 5031433215406351 4917610000000000"
)
_TEST_CARDS: Final = frozenset(_TEST_CARDS_LIST.split())
"""Test cards of payment services; numbers of few different digits are skipped without a list."""
_FEWEST_DIGITS: Final = 4
_NUMBER_GATE: Final = re.compile(r"[0-9](?:[ ().:/+-]{0,2}[0-9]){6}")


def find_personal(text: str) -> list[Hit]:
    """Return what has the shape of personal data, sorted by offset, without overlaps."""
    hits: list[Hit] = []
    if _EMAIL_GATE.search(text):
        hits.extend(_emails(text))
    if "." in text:
        hits.extend(_ipv4(text))
    if ":" in text:
        hits.extend(_ipv6(text))
    if _IBAN_GATE.search(text):
        hits.extend(_ibans(text))
    if _NUMBER_GATE.search(text):
        hits.extend(_cards(text))
        if ACCOUNT_GATE.search(text):
            hits.extend(Hit(*place, "ACCOUNT") for place in find_accounts(text))
        hits.extend(find_phones(text))
    return _apart(hits)


def _apart(hits: list[Hit]) -> list[Hit]:
    """Sort the hits; of two that overlap keep the one whose kind was searched first."""
    kept: list[Hit] = []
    for hit in hits:
        if all(hit.end <= one.start or hit.start >= one.end for one in kept):
            kept.append(hit)
    return sorted(kept)


def _emails(text: str) -> Iterator[Hit]:
    for match in _EMAIL.finditer(text):
        top = match["top"].lower()
        is_top = top in _TOP or top.startswith("xn--") or (len(top) == 2 and top not in _NO_TOP)
        is_login = _LOGIN_BEFORE.search(text[max(0, match.start() - 256) : match.start()])
        if is_top and not is_login and not _is_nobodys(_EMAIL_GATE.sub("@", match[0]).lower()):
            yield Hit(*match.span(), "EMAIL")


def _is_nobodys(address: str) -> bool:
    """Return whether an address belongs to a service, or is an example."""
    name, _, domain = address.partition("@")
    if _RESERVED_DOMAIN.search(domain):
        plain = name.partition("+")[0].strip("0123456789_.-")
        return len(plain) <= 3 or plain in _EXAMPLE_NAMES
    return bool(_SERVICE_NAME.match(address))


def _ipv4(text: str) -> Iterator[Hit]:
    for match in _IPV4.finditer(text):
        if match[1] in _V4_EVERYBODYS:
            continue
        try:
            address = ipaddress.IPv4Address(match[1])
        except ValueError:
            continue
        if any(address in network for network in _V4_LEFT_ALONE):
            continue
        parts = address.packed
        looks_like_version = not address.is_private and max(parts) <= _HIGHEST_VERSION_PART
        before = text[max(0, match.start() - 16) : match.start()]
        if not looks_like_version and not _VERSION_BEFORE.search(before):
            yield Hit(*match.span(1), "IP")


def _ipv6(text: str) -> Iterator[Hit]:
    for match in _IPV6.finditer(text):
        try:
            address = ipaddress.IPv6Address(match[1])
        except ValueError:
            continue
        if not any(address in network for network in _V6_DOCUMENTATION):
            yield Hit(*match.span(1), "IP")


def _ibans(text: str) -> Iterator[Hit]:
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(match[0][:2])
        if length is None:
            continue
        end, count = match.start(), 0
        while end < match.end() and count < length:
            count += text[end] not in " -"
            end += 1
        is_whole = end == match.end() or text[end] in " -"
        if count == length and is_whole and _is_iban(text[match.start() : end]):
            yield Hit(match.start(), end, "IBAN")


def _is_iban(value: str) -> bool:
    """Return whether the check digits are right (ISO 13616, mod 97)."""
    plain = value.replace(" ", "").replace("-", "")
    digits = "".join(str(int(char, 36)) for char in plain[4:] + plain[:4])
    return int(digits) % 97 == 1


def _cards(text: str) -> Iterator[Hit]:
    for match in _CARD.finditer(text):
        digits = match[0].replace(" ", "").replace("-", "")
        is_test = digits in _TEST_CARDS or len(set(digits)) <= _FEWEST_DIGITS
        if not is_test and _ISSUERS.match(digits) and _passes_luhn(digits):
            yield Hit(*match.span(), "CARD")


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0
