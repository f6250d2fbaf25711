"""Assertions of a test file: whether an edit of it asks less than before."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

_ASSERTION: Final = re.compile(
    r"\b(?:assert\w*|expect\w*|should\w*|require\w*|raises|EXPECT_\w+|ASSERT_\w+)\b"
)
_NOTHING: Final = re.compile(r"\bassert\w*[\s(]+(?:True|true|1)\s*\)?;?\s*(?:#.*)?$")
"""Assertions that always hold."""
_SKIP: Final = re.compile(
    r"\b(?:skip\w*|xfail|xit|xdescribe|xtest|ignore|todo|Disabled)\b|\.only\b", re.IGNORECASE
)


def asks_less(before: str, after: str) -> bool:
    """Say whether a text has fewer lines with an assertion than before, or more that skip."""
    asserted = [sum(_lines(text, _ASSERTION).values()) for text in (before, after)]
    skipped = [sum(_lines(text, _SKIP).values()) for text in (before, after)]
    return asserted[1] < asserted[0] or skipped[1] > skipped[0]


def asks_otherwise(before: str, after: str) -> bool:
    """Say whether an assertion of before is gone."""
    return bool(_lines(before, _ASSERTION) - _lines(after, _ASSERTION))


def _lines(text: str, pattern: re.Pattern[str]) -> Counter[str]:
    lines = (line.strip() for line in text.split("\n") if pattern.search(line))
    return Counter(line for line in lines if not _NOTHING.search(line))
