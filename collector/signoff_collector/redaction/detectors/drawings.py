"""Recognise the path data of SVG, such as `d="M12 3.4l8-2z"`: long, random-looking and harmless.

Its evidence is its grammar (SVG 2, section 9.3): a literal that is nothing but commands, each
followed by as many numbers as it takes. No random token of some length is that.
"""

from __future__ import annotations

import re
from typing import Final

_SHORTEST: Final = 16
"""Shorter data are not recognised: a password may look like that by chance."""
# Everything is possessive, so a number is as long as it can be and nothing is tried twice.
_GAP: Final = r"[ \t\r\n,]*+"
_NUMBER: Final = rf"[-+]?+(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?+\d++)?+{_GAP}"
_PAIR: Final = rf"{_NUMBER}{_NUMBER}"
_ARC: Final = rf"(?:{_NUMBER}){{3}}[01]{_GAP}[01]{_GAP}{_PAIR}"
_COMMANDS: Final = "|".join(
    rf"[{letters}]{_GAP}(?:{numbers})++"
    for letters, numbers in (
        ("MmLlTt", _PAIR),
        ("HhVv", _NUMBER),
        ("SsQq", _PAIR * 2),
        ("Cc", _PAIR * 3),
        ("Aa", _ARC),
    )
)
_PATH: Final = re.compile(
    rf"([\"'`])({_GAP}(?=[Mm][^\"'`]{{{_SHORTEST - 1}}})(?:(?:{_COMMANDS}|[Zz]){_GAP})++)\1"
)


def without_drawings(text: str, blank: str) -> str:
    """Return a text with `blank` for each character of a literal that is path data of SVG."""
    return _PATH.sub(lambda match: match[1] + blank * len(match[2]) + match[1], text)
