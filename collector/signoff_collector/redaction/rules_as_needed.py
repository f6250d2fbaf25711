"""Compile detection rules lazily, for callers that scan only a few texts.

Compiling all rules takes longer than scanning the text of one screen. So a rule is compiled
when a text contains its literal prefix or one of its keywords.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from signoff_collector.redaction.detectors.detectors import GATES, Detectors, Hit
from signoff_collector.redaction.detectors.engine import RuleSet
from signoff_collector.redaction.remembered import Remembered
from signoff_collector.redaction.rules import RULES

_WORD: Final = re.compile(r"[a-z]{2,}")
_MOST_TIMES: Final = 6
"""How often the rule set is compiled anew with more rules; after that with all of them."""


class NeededDetectors(Detectors):
    """Finds the same as `Detectors`, but compiles each rule only when a text needs it."""

    def __init__(self) -> None:
        self._settled = Remembered(self._look_settled)
        self._taken: set[int] = set()
        self._starts = [(rule.start, place) for place, rule in enumerate(RULES) if rule.start]
        self._words = [
            (tuple(_WORD.findall(rule.beside)), place)
            for place, rule in enumerate(RULES)
            if rule.beside
        ]
        known = {place for _, place in (*self._starts, *self._words)}
        self._times = 0
        self._take({place for place in range(len(RULES)) if place not in known})

    def _known(self, text: str) -> Iterator[Hit]:
        needed = {place for start, place in self._starts if start in text}
        lower = text.lower()
        needed |= {place for words, place in self._words if any(word in lower for word in words)}
        if not needed <= self._taken:
            self._take(needed if self._times < _MOST_TIMES else set(range(len(RULES))))
        return super()._known(text)

    def _take(self, places: set[int]) -> None:
        self._times += 1
        self._taken |= places
        self._rules = RuleSet([RULES[place] for place in sorted(self._taken)], GATES)
