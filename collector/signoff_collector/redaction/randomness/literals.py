"""Decide whether a value beside a telling name is a literal secret, or code, a word, a dummy."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from signoff_collector.redaction.randomness.density import is_dense
from signoff_collector.redaction.randomness.randomness import random_bits

BLANK: Final = "\0"
"""Replaces each character of a placeholder before a text is scanned."""
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
    r"|of|in|at|with|import|field|password|passwords|token|secret|key|login|user|no|wrong|incorrect)\b"
    r"|[:?!.]$|%|\{"
)
_DATE: Final = re.compile(r"(?:19|20)\d\d[01]\d[0-3]\d")
_NAME_PATH: Final = re.compile(r"[(\[{!*&.]*[A-Za-z_$]+(?:\??\.[A-Za-z_$]+)+[()\]};,:.]*")
"""A bare attribute path in code, with the brackets of a call: `config.auth.token)`."""
_BRACKETED: Final = re.compile(
    r"(?=.*[^A-Za-z_$])[(\[{!*&.]*(?:[A-Za-z_$]+(?:\??\.|[(\[]))*[A-Za-z_$]+"
    r"(?:\[\d{1,2}\]|\(\d{1,2})?[()\[\]};,:.]*"
)
"""Bare names with brackets, an index or the end of a statement: `List[Tuple[str,`, `keys[1];`."""
_PIECE: Final = re.compile(r"[A-Za-z]{5,}")
_CLOCK: Final = re.compile(r"1[5-9]\d{17}$|(?:19|20)\d\d[01]\d[0-3]\d[0-2]\d[0-5]\d[0-5]\d$")
"""Nanoseconds since 1970, and a date with its time."""
_LEAST_BARE_DIGITS: Final = 14
"""Milliseconds since 1970 have 13."""
_TOKEN_BITS: Final = 3.0
_BARE_TOKEN_BITS: Final = 5.0
_HEX_BEHIND_START: Final = re.compile(
    r"[A-Za-z]{1,8}?[-_]?(?=(?:[a-f]*[0-9]){3})(?=(?:[0-9]*[a-f]))[0-9a-f]{10,64}"
)
"""Hexadecimal behind the few letters that its issuer puts there: `wx…`, `key…`, `acme-…`."""
_SHORTEST_TOKEN: Final = 6
_PATTERN: Final = re.compile(
    r"^[A-Za-z_]+(?:\.[A-Za-z_]+)+\(|^[A-Za-z_]\w*\.[A-Z]\w+\[|a-[zf]|A-[ZF]|0-9|://|[?&]\w+=|\(\?|\\[dwsbDWS]|\{\d+,?\d*\}|\$\{|\{\{|%\("
)
_LONGEST_MADE_UP: Final = 48
"""Nobody types longer passwords. The pattern backtracks: 250 capitals did not terminate."""
_MADE_UP: Final = re.compile(
    r"(?:[A-Z][a-z]{2,}|[A-Z]{3,}){2,6}[-_.@#]?\d{2,8}[!?.$%&*]{0,3}"
    r"|[A-Z]?[a-z]{3,14}(?:[-_.][A-Z]?[a-z]{3,14}){1,5}[-_.]?\d{3,8}[!?.$%&*]{0,3}"
    r"|[A-Z][a-z]{3,14}[-_.@#]?\d{2,8}[!?.$%&*]{1,3}"
)
_SHOWN_WORD: Final = re.compile(r"(?i)redacted|example|sample|password|secret|token|test|dummy")
_LEAST_REST: Final = 10
_REST_BITS: Final = 8.0
_SHORTEST_SCRAMBLED: Final = 9
_LONGEST_SCRAMBLED: Final = 256
_LEAST_TURNS: Final = 0.45
_LEAST_ALNUM: Final = 6
_SHORTEST_PASSWORD: Final = 6


def is_literal(value: str) -> bool:
    """Return whether a value is literal: no template, no variable, no dummy."""
    return (
        is_dense(value)
        or is_scrambled(value)
        or not (
            _STAND_IN.search(value)
            or value.lower().strip(".,;:!") in _PUBLIC
            or _CODE.search(value)
        )
    )


def is_scrambled(value: str) -> bool:
    """Return whether the character class changes often: lower, upper, digit, punctuation.

    Generated passwords do this; templates, patterns and expressions do not. This is evidence
    enough only for a value beside a telling name.
    """
    if not _SHORTEST_SCRAMBLED <= len(value) <= _LONGEST_SCRAMBLED or _PATTERN.search(value):
        return False
    classes = ["aA1$"[_class_of(char)] for char in value]
    turns = sum(one != other for one, other in pairwise(classes))
    is_mixed = len(set(classes)) > 2 and {"a", "A"} <= set(classes)
    if not is_mixed or turns < _LEAST_TURNS * (len(value) - 1):
        return False
    letters = [char for char in value if char.isalnum()]
    is_alnum_enough = len(letters) >= max(_LEAST_ALNUM, len(value) // 3)
    return is_alnum_enough and len(set(letters)) >= _LEAST_ALNUM


def _class_of(char: str) -> int:
    if char.isdigit():
        return 2
    if not char.isalpha():
        return 3
    return 1 if char.isupper() else 0


def is_made_up(value: str) -> bool:
    """Return whether a value is words and a number, as people make up passwords: `RedFox1984`.

    Names of versions, sizes and algorithms are excluded.
    """
    is_short = len(value) <= _LONGEST_MADE_UP
    return is_short and _MADE_UP.fullmatch(value) is not None and not _CODE.search(value)


def is_token_value(value: str, *, bare: bool = False) -> bool:
    """Return whether a value is random; a `bare` one could be code, so must be more random."""
    if len(value) < _SHORTEST_TOKEN or len(set(value)) < 4 or not is_literal(value):
        return False
    if is_scrambled(value):
        return True
    if value.isdigit():
        if bare:
            return len(value) >= _LEAST_BARE_DIGITS and not _CLOCK.match(value)
        return len(value) >= 8 and not _DATE.match(value)
    if bare and (len(value) < 8 or (len(value) < 12 and not any(c.isdigit() for c in value))):
        return False
    least = _BARE_TOKEN_BITS if bare else _TOKEN_BITS
    return (
        random_bits(value) >= least
        or _HEX_BEHIND_START.fullmatch(value) is not None
        or _is_random_but_for_a_word(value)
    )


def _is_random_but_for_a_word(value: str) -> bool:
    """Return whether a value is random apart from a dummy's word, as in `test_9fK2…`."""
    rest = _SHOWN_WORD.sub("", value)
    is_shorter = _LEAST_REST <= len(rest) < len(value)
    return is_shorter and random_bits(rest) >= _REST_BITS


def is_password(value: str, *, bare: bool = False) -> bool:
    """Return whether a literal value beside the word "password" can be one.

    A `bare` value could be a variable, so it must not look like an identifier or a number.
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


def is_code_expression(bare: str) -> bool:
    """Return whether a bare value is a path of names, or words with the brackets of code."""
    if not _BRACKETED.fullmatch(bare):
        return _NAME_PATH.fullmatch(bare) is not None
    # Short pieces alone say nothing: `kfLw(qPzR` is a password, `eq(value` is not.
    pieces = ("".join(filter(str.isalpha, bare)), *_PIECE.findall(bare))
    return all(random_bits(piece) < 0 for piece in pieces) or _NAME_PATH.fullmatch(bare) is not None


def is_number(value: str) -> bool:
    """Return whether a value is a number long enough to be a code."""
    is_long = value.isdigit() and _SHORTEST_PASSWORD <= len(value) <= 16
    return is_long and len(set(value)) >= 2 and not value.endswith("000")


def is_hook(path: str) -> bool:
    """Return whether the path of a webhook URL contains its key, not only words."""
    return any(
        len(part) >= _SHORTEST_TOKEN and any(map(str.isdigit, part)) for part in path.split("/")
    ) and not _STAND_IN.search(path)


def is_phrase(value: str) -> bool:
    """Return whether a text of several words is a pass phrase, not a message."""
    words = value.split()
    if not 3 <= len(words) <= 10 or len(value) > 100:
        return False
    return not _SENTENCE.search(value)
