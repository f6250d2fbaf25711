"""Detect settings on a command line, in a sentence or at a line's end: `PGPASSWORD=… psql`.

Code writes `name=value` too, so a bare value counts only as far as its name and its spelling say:
behind a flag or a name in capitals any literal password, elsewhere what is not made of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from signoff_collector.redaction.detectors.assigned import Found
from signoff_collector.redaction.detectors.naming import Grade, grade_of, is_plain_key, kind_of
from signoff_collector.redaction.randomness.literals import is_literal, is_password
from signoff_collector.redaction.randomness.randomness import random_bits

_SETTING: Final = re.compile(
    r"(?<![\w$./-])(?P<flag>--?)?(?P<name>[A-Za-z][\w.-]{1,60})"
    r"(?P<link>(?(flag)(?:=|[ \t]{1,2})|(?:[ \t]{0,2}=[ \t]{0,2}|:[ \t]{1,2})))(?P<quote>[\"']?)"
    r"(?P<value>[^\s\"'`;|&<>(){}\[\],$\\]{6,256})(?=[\s\"'`;,|&\\]|$)(?P=quote)"
)
_SHARE: Final = re.compile(
    r"(?i)\bnet[ \t]+use[ \t]+(?:(?:[a-z]:|\*)[ \t]+)?\"?\\\\[^\s\"]{2,200}\"?"
    r"(?P<rest>[^\n|&;\"'`]{4,200})"
)
_WORD: Final = re.compile(r"[^\s]{4,128}")
_ORACLE: Final = re.compile(
    r"(?i)(?:\bjdbc:oracle:[a-z0-9]{1,8}:|\bsqlplus[ \t]+(?:-\w+[ \t]+){0,3}\"?)[^\s/:@\"'`]{1,64}/"
    r"(?P<value>[^\s@\"'`/]{3,128})@"
)
_METAVAR: Final = re.compile(r"[A-Z][A-Z_-]*")
_LINE_END: Final = re.compile(r"[ \t]*(?:\n|\Z)")
_LEAST_BITS: Final = 1.0
_SHORTEST_TOKEN: Final = 8
GATE: Final = r"(?i:jdbc:oracle:|sqlplus[ \t]|net[ \t]+use[ \t])"
"""Quick test for the ways in which no name stands beside the value."""


def find_settings(text: str) -> Iterator[Found]:
    """Yield the secret values of settings; see the module."""
    for match in _SETTING.finditer(text):
        name, value = match["name"], match["value"].rstrip(".:")
        is_flag, is_equal = match["flag"] is not None, "=" in match["link"]
        grade = grade_of(name)
        if grade is Grade.NONE or is_plain_key(name):
            continue
        if not is_literal(value) or _METAVAR.fullmatch(value):
            continue
        is_command = match["link"] == "=" and (is_flag or name.isupper())
        is_said = grade is Grade.PASSWORD and is_command and is_password(value)
        is_drawn = len(value) >= _SHORTEST_TOKEN and random_bits(value) >= _LEAST_BITS
        if is_said or (is_drawn and (is_equal or is_flag or _LINE_END.match(text, match.end()))):
            start = match.start("value")
            yield Found(start, start + len(value), kind_of(name))


def find_without_names(text: str) -> Iterator[Found]:
    """Yield passwords that their place in a command or address alone reveals."""
    for match in _ORACLE.finditer(text):
        if is_literal(match["value"]):
            yield Found(*match.span("value"), "PASSWORD")
    for share in _SHARE.finditer(text):
        for word in _WORD.finditer(share["rest"]):
            if not word[0].startswith("/") and is_literal(word[0]):
                start = share.start("rest") + word.start()
                yield Found(start, start + len(word[0]), "PASSWORD")
                break
