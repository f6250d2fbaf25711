"""Detect whole private keys: in PEM or PGP armour, or as bare DER in base64.

DER begins with a length and a version. So the base64 of a key, a PKCS#12 store or a Java key
store has a distinctive prefix, which a certificate does not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_ARMOUR: Final = re.compile(
    r"-----?BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----?"
    r"(?:(?P<closed>[^-]{6,32768}?)-----?END \1"
    r"|(?P<open>(?:[\s\"'+\\nr,#*>;]{0,24}(?:[A-Za-z-]{2,20}: [^\n]{1,80}|[A-Za-z0-9+/=]{16,}))+))"
)
_BODY: Final = re.compile(r"[A-Za-z0-9+/=]{6}")
_DER_STARTS: Final = (
    r"MII[\w+/]{2}[AQgw]IBAzCC",  # PKCS#12
    r"MII[\w+/]{2}[AQgw]IBADA[NQT]",  # PKCS#8
    r"MII[\w+/]{2}[AQgw]IBAAK[BC]",  # PKCS#1
    r"MII[\w+/]{5}BgkqhkiG9w0B(?:BQ|DAE)",  # PKCS#8, encrypted
    r"MI(?:G[\w+/]|H[\w+/])AgEAM[AB]",  # PKCS#8, curves
    r"MI[GH][\w+/]AgEBBE?[DEI]",  # SEC1
    r"MH[cQ]CAQEE[IH]",
    r"M[CEFGH][\w+/]CAQAwBQYDK2V",  # Ed25519 and its like
    r"(?:/u3\+7Q|zs7Ozg)AAAA[CE]",  # Java key stores
)
_DER_START: Final = re.compile(r"(?<![\w+/])(?:" + "|".join(_DER_STARTS) + ")")
# The following lines of base64, across line ends, quotes and concatenation operators. A line must
# contain a digit, `+` or `/`, so that prose behind a key does not match.
_JOINED: Final = (
    r"(?:(?:\\[nr]|[\s\"'`+,;#*>.&|\\()]){0,40}"
    r"(?:(?=[A-Za-z0-9+/]{0,60}[0-9+/])[A-Za-z0-9+/]{16,}"
    r"|(?=[A-Za-z0-9+/]*[0-9+/])[A-Za-z0-9+/]{4,}(?=[\s\"'`\\<,;)=]|\Z)|[A-Za-z0-9+/]{1,15}(?==))={0,2})*"
)
_DER: Final = re.compile(_DER_START.pattern + r"[A-Za-z0-9+/]*={0,2}" + _JOINED)
GATE: Final = "PRIVATE KEY|KEY BLOCK|MI[A-Z][A-Za-z0-9+/]|MH[cQ]C|M[CEFGH].CAQ|AAAA[CE]"
"""Quick test: a text without a match contains no key block."""
_MAY_HOLD: Final = re.compile("PRIVATE KEY|" + _DER_START.pattern)


class Block(NamedTuple):
    """The body of a key, without its armour."""

    start: int
    end: int
    rule: str


def may_hold_key_block(text: str) -> bool:
    """Return whether a text contains the beginning of a private key."""
    return _MAY_HOLD.search(text) is not None


def key_blocks(text: str) -> Iterator[Block]:
    """Yield the bodies of private keys, finished or not."""
    for match in _ARMOUR.finditer(text):
        name = "closed" if match["closed"] is not None else "open"
        if _BODY.search(match[name]):
            yield Block(*match.span(name), "key-block")
    for match in _DER.finditer(text):
        yield Block(*match.span(), "key-in-der")
