"""Run the detectors over strings line by line, and cache the lines without a hit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from signoff_collector.redaction.detectors.beside import opens_value
from signoff_collector.redaction.detectors.columns import Tables
from signoff_collector.redaction.detectors.detectors import Hit, find_key_blocks, find_settled
from signoff_collector.redaction.detectors.key_blocks import may_hold_key_block

_LINES_BELOW: Final = 2
_MOST_PLAIN: Final = 400_000
"""Capacity of the cache; lines beyond it are scanned every time."""


class SettledLines:
    """Finds secrets in strings; a line without a hit is scanned only once.

    Args:
        find_in: the detector, called with one line or a few.
    """

    def __init__(self, find_in: Callable[[str], list[Hit]] = find_settled) -> None:
        self._find_in = find_in
        self._plain: set[int] = set()

    def find(self, text: str) -> Iterator[Hit]:
        """Yield what looks like a secret, line by line; hits may overlap."""
        at = 0
        lines, tables = text.split("\n"), Tables()
        for number, line in enumerate(lines):
            if opens_value(line):
                count = max(tables.rows(lines, number), _LINES_BELOW)
                for hit in self._find_in("\n".join(lines[number : number + 1 + count])):
                    yield hit._replace(start=at + hit.start, end=at + hit.end)
            if line and hash(line) not in self._plain:
                hits = self._find_in(line)
                for hit in hits:
                    yield hit._replace(start=at + hit.start, end=at + hit.end)
                if not hits and len(self._plain) < _MOST_PLAIN:
                    self._plain.add(hash(line))
            at += len(line) + 1
        if may_hold_key_block(text):
            yield from find_key_blocks(text)
