"""Detect passwords in positional arguments of a login call: `login("shop", "…")`.

Positional arguments have no names. So a value must look like a password that people make up
(`Sommer87!`) or like a generated one; plain words may be a table, a host or a setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from signoff_collector.redaction.randomness.literals import is_literal, is_made_up, is_scrambled

GATE: Final = (
    r"(?i)(?:log_?[io]n|sign_?in|authenticate|auth|credentials?|connect|connection|simple_bind(?:_s)?"
    r"|(?:create|add|new)_?user)[ \t]?\("
)
"""How the name of a login call ends."""
_CALL: Final = re.compile(GATE + r"(?P<args>[^()\n]{3,300})")
_ARGUMENT: Final = re.compile(
    r"(?:[rbfu@]{1,2})?(?P<quote>[\"'`])(?P<value>[^\s\"'`]{6,64})(?P=quote)"
)
_WORD_AND_NUMBER: Final = re.compile(
    r"[A-Z][a-z]{2,14}(?:[A-Z][a-z]{2,14})?[-_.@#!$]?\d{2,8}[!?.$%&*#]{0,3}"
    r"|[A-Za-z]{3,14}(?:[-_.]?[A-Za-z]{3,14})?\d{1,8}[!?$%&*#]{1,3}"
)


def find_in_calls(text: str) -> Iterator[tuple[int, int]]:
    """Yield the password literals of a login call, from the second argument on."""
    for call in _CALL.finditer(text):
        first, _, _ = call["args"].partition(",")
        offset = call.start("args")
        for match in _ARGUMENT.finditer(call["args"], len(first)):
            if _is_password(match["value"]):
                yield offset + match.start("value"), offset + match.end("value")


def _is_password(value: str) -> bool:
    is_made = _WORD_AND_NUMBER.fullmatch(value) is not None or is_made_up(value)
    return is_literal(value) and (is_made or is_scrambled(value))
