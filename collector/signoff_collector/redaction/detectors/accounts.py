"""Detect bank account numbers, which have no checksum, by the word beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_WORD: Final = (
    r"(?:(?:bank|giro)[ _-]?)?(?:account|acct|konto|compte|cuenta|rekening|conto)"
    r"|routing|(?:sort|bank)[ _-]?(?:code|leitzahl)|blz|iban"
)
_ACCOUNT: Final = re.compile(
    r"(?i)(?<![^\W_])(?:" + _WORD + r")(?:[ _.-]?(?:number|nummer|num|no|nr|id))?\.?(?![^\W\d_])"
    r"[\"'`\]]{0,2}[ \t]{0,3}(?:[:=#]|=>|is|ist|to)?[ \t]{0,3}[\"'`]?"
    r"(?P<value>\d(?:[ -]?\d){6,17}|\d\d-\d\d-\d\d)(?![\w-]|\.\d)"
)
_FEWEST_DIGITS: Final = 4
_DATE: Final = re.compile(r"(?:19|20)\d\d-?[01]\d-?[0-3]\d(?:\D|$)")
GATE: Final = re.compile(
    r"(?i)acc(?:oun)?t|konto|compte|cuenta|rekening|conto|routing|sort[ _-]?code|blz|iban"
)
"""Quick test: a text without a match contains no account number."""


def find_accounts(text: str) -> Iterator[tuple[int, int]]:
    """Yield the numbers beside a word for an account.

    Numbers of few different digits, of `0123456789` and dates are skipped: they are examples.
    """
    for match in _ACCOUNT.finditer(text):
        value = match["value"]
        is_varied = len(set(value) - {" ", "-"}) >= _FEWEST_DIGITS
        if is_varied and value not in "0123456789" and not _DATE.match(value):
            yield match.span("value")
