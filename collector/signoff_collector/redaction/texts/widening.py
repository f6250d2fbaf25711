"""Widen masks to whole tokens: when a part of a token is secret, the rest usually is too."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.texts.text_lines import is_token

if TYPE_CHECKING:
    from signoff_collector.redaction.texts.shown import Masks
    from signoff_collector.redaction.texts.texts import Text
    from signoff_collector.redaction.values.secrets_table import SecretsTable

_LITERAL_REACH: Final = 128
_EDGE: Final = re.compile(r"[\s\"'`]")
"""A quote that delimits a literal, or a blank, which means that there is no such literal."""

Mark = Callable[["array[int]", int], None]
"""Masks characters by id, as part of a group."""


class Widening:
    """Masks the rest of tokens and literals that are partly masked.

    Args:
        table: says which groups are widened; identities are not.
        masks: the current masks.
        mark: called to mask more.
    """

    def __init__(self, table: SecretsTable, masks: Masks, mark: Mark) -> None:
        self._table = table
        self._masks = masks
        self._mark = mark

    def widen(self, text: Text, low: int, high: int) -> None:
        """Widen each masked run of a range on both sides."""
        if self._masks.is_empty:
            return
        groups = self._masks.groups
        for run in self._masks.runs(text.ids_of(low, high), low):
            group = 0
            for edge, step in ((run.start, -1), (run.end - 1, 1)):
                own = groups[text.ids_of(edge, edge + 1)[0]]
                if self._table.is_widened(own):
                    self._widen_from(text, edge, step, own)
                    group = group or own
            if group:
                self._widen_literal(text, run.start, run.end, group)

    def _widen_literal(self, text: Text, start: int, end: int, group: int) -> None:
        """Mask a whole quoted literal without blanks of which at least half is masked.

        Passwords may contain any punctuation, so the rest of one is not always a token.
        """
        opening = _EDGE.search(text.part(max(0, start - _LITERAL_REACH), start)[::-1])
        if opening is None or opening[0].isspace():
            return
        closing = _EDGE.search(text.part(end, end + _LITERAL_REACH))
        if closing is None or closing[0] != opening[0]:
            return
        ids = text.ids_of(start - opening.start(), end + closing.start())
        masked = sum(self._masks.groups[one] > 0 for one in ids)
        if masked < len(ids) <= 2 * masked:
            self._mark(ids, group)

    def _widen_from(self, text: Text, edge: int, step: int, group: int) -> None:
        place, length = edge, text.length
        while is_token(text.part(place, place + 1)):
            place += step
            if not 0 <= place < length or not is_token(text.part(place, place + 1)):
                break
            ids = text.ids_of(place, place + 1)
            if not self._masks.groups[ids[0]]:
                self._mark(ids, group)
