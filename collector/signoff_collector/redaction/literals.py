"""Whether a value beside a telling name is a literal secret, or code, a word, a stand-in."""

from __future__ import annotations

import re
from typing import Final

from signoff_collector.redaction.density import is_dense
from signoff_collector.redaction.randomness import random_bits

BLANK: Final = "\0"
"""Takes the place of each character of a placeholder before a text is looked at."""
_STAND_IN: Final = re.compile(
    r"\x00|\$\{|\$\(|\{\{|%\(\w|%\{|#\{|<%|^\$[A-Za-z_]\w*$|^%\w+%$|^<[^>]*>?$|\{[\w.!:\[\]]*\}|^%[sdrq]$"
    r"|^\{|^\.\.\.|\.\.\.$|^[*x.\u2022#-]{3,}$"
    r"|(?i:^your[_-]|[_-]here$|^example|^changeme|^change[_-]me|placeholder|^dummy|^x{4,}|\*{3,})"
)
_CODE: Final = re.compile(
    r"^(?:self|this|os|process|env|config|settings|args|options|opts|ctx|request|req|params|data"
    r"|props|state|conf|cfg|app|event|secrets|vault|var|local|module|import\.meta)[.\[(]"
    r"|^[A-Za-z_$][\w$]*(?:(?:\.|::|->|\?\.)[A-Za-z_$][\w$]*)+$|\w\(|^#[0-9A-Fa-f]{3,8};?$"
    r"|^[*&]+[A-Za-z_]|^/[\w.-]*(?:/[\w.-]*)*$|^\.{1,2}/|^[\w-]+(?:/[\w.-]+)+$|^https?://[^@?]*$|^[\[\]{}()<>=!|&]+"
    r"|^(?:sha|md|utf|base|rsa|aes|hs|rs|es|int|uint|float|bytes|v|h|ed)-?\d{1,5}(?:[-_]\w+)?$"
)
_PUBLIC_LIST: Final = (
    "password passwd passwords passphrase secret secrets token tokens string str bytes required"
    " optional undefined disabled enabled default username unknown invalid missing bearer basic"
    " none null nil true false type text hidden key keys value values name test testing number"
    " boolean bool object array any integer email user admin root guest empty hash plain raw json"
    " form body header headers query cookie session auth oauth oauth2 apikey api_key login signin"
    " self this return async await yield from import new not input reset change forgot confirm"
    " current old show hide label field min max length minlength maxlength autocomplete off on"
    " current-password new-password one-time-code access refresh id_token access_token"
)
_PUBLIC: Final = frozenset(_PUBLIC_LIST.split())
_WORDS: Final = re.compile(r"[A-Za-z]+(?:[-_.:/ ][A-Za-z]+)*[\d_-]?")
_SENTENCE: Final = re.compile(
    r"(?i)\b(?:the|a|an|is|are|must|should|your|you|not|please|enter|invalid|required|or|and|to|for"
    r"|of|in|at|with|field|password|passwords|token|secret|key|login|user|no|wrong|incorrect)\b"
    r"|[:?!.]$|%|\{"
)
_DATE: Final = re.compile(r"(?:19|20)\d\d[01]\d[0-3]\d")
_TOKEN_BITS: Final = 3.0
_BARE_TOKEN_BITS: Final = 5.0
_SHORTEST_TOKEN: Final = 6
_SHORTEST_PASSWORD: Final = 6


def is_literal(value: str) -> bool:
    """Return whether a value stands for itself: no template, no name of a variable."""
    return is_dense(value) or not (
        _STAND_IN.search(value) or value.lower().strip(".,;:!") in _PUBLIC or _CODE.search(value)
    )


def is_token_value(value: str, *, bare: bool = False) -> bool:
    """Return whether a value is too random for words; `bare` ones could be code."""
    if len(value) < _SHORTEST_TOKEN or len(set(value)) < 4 or not is_literal(value):
        return False
    if value.isdigit():
        return len(value) >= 8 and not bare and not _DATE.match(value)
    if bare and (len(value) < 8 or (len(value) < 12 and not any(c.isdigit() for c in value))):
        return False
    return random_bits(value) >= (_BARE_TOKEN_BITS if bare else _TOKEN_BITS)


def is_password(value: str, *, bare: bool = False) -> bool:
    """Return whether a literal value beside the word password can be one.

    A `bare` value could be a variable; it must hold more than the letters of one.
    """
    if len(value) < _SHORTEST_PASSWORD or len(set(value)) < 3 or not is_literal(value):
        return False
    if not bare:
        return "_" not in value or not _WORDS.fullmatch(value) or random_bits(value) > 0
    if _WORDS.fullmatch(value) and random_bits(value) <= 0:
        return False
    stem = value.strip("_")
    if stem.replace("_", "").isalpha() or stem.isdigit():
        return random_bits(value) >= _BARE_TOKEN_BITS and len(value) >= 8
    return not re.fullmatch(r"[A-Za-z_]+\d{0,1}|[A-Z_0-9]+|\d+(?:\.\d+)*\w{0,2}", value)


def is_number(value: str) -> bool:
    """Return whether a value is a number long enough to be a code, and no date."""
    is_long = value.isdigit() and _SHORTEST_PASSWORD <= len(value) <= 16
    return is_long and len(set(value)) >= 3 and not _DATE.match(value)


def is_hook(path: str) -> bool:
    """Return whether the path of a web hook's address holds its key, not only words."""
    return any(
        len(part) >= _SHORTEST_TOKEN and any(map(str.isdigit, part)) for part in path.split("/")
    ) and not _STAND_IN.search(path)


def is_phrase(value: str) -> bool:
    """Return whether a text of several words is a pass phrase, not a message."""
    words = value.split()
    if not 3 <= len(words) <= 10 or len(value) > 100:
        return False
    return not _SENTENCE.search(value)
