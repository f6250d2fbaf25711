"""Recognises secrets in the texts of an episode, in every state, and marks their ids.

First pass: detectors look at the lines around every edit, and at whole texts whenever
they came or were saved; what they find is marked and learnt. Second pass, repeated until
nothing is added: 6-grams of everything learnt are looked up around every edit; a token
that touches a masked run is masked as a whole, also what was typed and deleted in it.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.beside import opens_value
from signoff_collector.redaction.detectors import find_key_blocks, find_settled
from signoff_collector.redaction.public_base import NO_BASE, BaseMarks, BaseText
from signoff_collector.redaction.secrets_table import KNOWN_LINES, SecretsTable, Span
from signoff_collector.redaction.shown import Masks
from signoff_collector.redaction.strings import is_token
from signoff_collector.redaction.texts import Key, Text, TextStates
from signoff_collector.redaction.value_forms import GRAM
from signoff_schemas.steps import StepBase

if TYPE_CHECKING:
    from signoff_collector.episode.content import Edit, Episode
    from signoff_collector.redaction.detectors import Hit

_REACH: Final = 600
"""How far a line is looked at on either side of an edit."""
_TOKEN_REACH: Final = 256
_LITERAL_REACH: Final = 128
_OPENING: Final = re.compile(r"([\"'`])[^\s\"'`]*\Z")
_CLOSING: Final = re.compile(r"[^\s\"'`]*([\"'`])")
_ROUNDS: Final = 4
_LINES_BESIDE: Final = 2
_STAND_IN: Final = "REDACTED_SECRET_1"


class TextLearner:
    """Marks secrets in the texts of one episode.

    `widens` masks the rest of the tokens that masked characters are part of.
    """

    def __init__(
        self,
        episode: Episode,
        table: SecretsTable,
        *,
        widens: bool = True,
        base: BaseText = NO_BASE,
    ) -> None:
        self._episode = episode
        self._base = BaseMarks(episode, base)
        self._widens = widens
        self._table = table
        self._plain_lines: set[int] = set()
        self.masks = Masks(0, _no_label)

    @property
    def searched(self) -> Container[int]:
        """Hashes of lines in which detectors found nothing: they need not look there again."""
        return self._plain_lines

    def detect(self) -> None:
        """Run the detectors over every state."""
        states = TextStates(self._episode)
        for step, touched in states.walk():
            self.masks.grow(states.id_count)
            if isinstance(step, StepBase):
                self._settle([states.texts[key] for key in touched if key in states.texts])
            else:
                text = states.texts[Key(step.file, step.buffer)]
                low, high = lines_around(text, step.start, len(step.text))
                self._scan(text, low, high)
                self._scan_beside(text, low, high)
        self._settle(list(states.texts.values()))

    def spread(self) -> None:
        """Mark every copy, half-typed form and neighbour of what is known."""
        for _ in range(_ROUNDS):
            before = (self.masks.round, self._table.version)
            states = TextStates(self._episode)
            for step, touched in states.walk():
                self.masks.grow(states.id_count)
                if isinstance(step, StepBase):
                    for key in touched:
                        if key in states.texts:
                            self._spread_text(states.texts[key])
                else:
                    text = states.texts[Key(step.file, step.buffer)]
                    self._spread_typed(text, step, states.typed)
                    self._spread_edit(text, step)
            if before == (self.masks.round, self._table.version):
                return

    def detect_shown(self) -> bool:
        """Run the detectors over what masking leaves; return whether more was masked.

        With a secret gone, the rest of its line can be read in another way.
        """
        before = self.masks.round
        if self.masks.is_empty:
            return False
        states = TextStates(self._episode)
        for step, touched in states.walk():
            if isinstance(step, StepBase):
                texts = [states.texts[key] for key in touched if key in states.texts]
                places = [(text, 0, text.length) for text in texts]
            else:
                text = states.texts[Key(step.file, step.buffer)]
                places = [(text, *lines_around(text, step.start, len(step.text)))]
            for text, low, high in places:
                self._scan_shown(text, low, high)
        return self.masks.round != before

    def _scan_shown(self, text: Text, low: int, high: int) -> None:
        end = low
        for run in self.masks.runs(text.ids_of(low, high), low):
            if run.end <= end:
                continue
            start, end = lines_around(text, run.start, run.end - run.start)
            self._scan_shown_line(text, start, end)

    def _scan_shown_line(self, text: Text, low: int, high: int) -> None:
        pieces: list[str] = []
        index: list[int] = []
        place = low
        for run in self.masks.runs(text.ids_of(low, high), low):
            pieces += [text.part(place, run.start), _STAND_IN]
            index += [*range(place, run.start), *([-1] * len(_STAND_IN))]
            place = run.end
        pieces.append(text.part(place, high))
        index += range(place, high)
        line = "".join(pieces)
        if hash(line) in self._plain_lines:
            return
        hits = find_settled(line)
        for hit in hits:
            group = self._table.learn(hit.kind, line[hit.start : hit.end], how=hit.rule)
            for at in index[hit.start : hit.end]:
                if at >= 0:
                    self._mark(text.ids_of(at, at + 1), group)
        # what is masked no longer joins what stands beside it to one word
        people = self._table.find_identities(line.replace(_STAND_IN, "\0" * len(_STAND_IN)))
        for span in people:
            ids = array("i", [text.ids_of(at, at + 1)[0] for at in index[span.start : span.end]
                              if at >= 0])  # fmt: skip
            if not (self._table.is_shape(span.group) and self._base.covers(ids)):
                self._mark(ids, span.group)
        if not hits and not people:
            self._note_plain(line)

    def _note_plain(self, line: str) -> None:
        if len(self._plain_lines) > KNOWN_LINES:
            self._plain_lines.clear()
        self._plain_lines.add(hash(line))

    def _settle(self, texts: Sequence[Text]) -> None:
        for text in texts:
            place = 0
            for line in text.chars.split("\n"):
                if hash(line) not in self._plain_lines:
                    self._scan(text, place, place + len(line))
                if opens_value(line):
                    self._scan(text, place, _lines_below(text, place + len(line)))
                place += len(line) + 1
            self._scan_blocks(text)

    def _scan(self, text: Text, low: int, high: int) -> None:
        """Look at a stretch of whole lines."""
        piece = text.part(low, high)
        if hash(piece) in self._plain_lines:
            return
        hits = find_settled(piece)
        identities = self._table.find_identities(piece)
        for hit in hits:
            self._learn(text, low, hit)
        for span in identities:
            ids = text.ids_of(low + span.start, low + span.end)
            if not (self._table.is_shape(span.group) and self._base.covers(ids)):
                self._mark(ids, span.group)
                self._table.learn_pieces(piece[span.start : span.end], span.group)
        if not hits and not identities:
            self._note_plain(piece)
        if "PRIVATE KEY" in piece or "-----END" in piece:
            self._scan_blocks(text)

    def _scan_beside(self, text: Text, low: int, high: int) -> None:
        """Look at lines together of which one ends with the name of what the next holds."""
        first = _lines_above(text, low)
        if first < low and any(map(opens_value, text.part(first, low).split("\n"))):
            self._scan(text, first, high)
        if opens_value(text.part(low, high).rpartition("\n")[2]):
            self._scan(text, low, _lines_below(text, high))

    def _scan_blocks(self, text: Text) -> None:
        if "PRIVATE KEY" in text.chars:
            for hit in find_key_blocks(text.chars):
                self._learn(text, 0, hit)

    def _learn(self, text: Text, offset: int, hit: Hit) -> None:
        start, end = offset + hit.start, offset + hit.end
        ids = text.ids_of(start, end)
        groups = self.masks.groups
        present = next((groups[one] for one in ids if groups[one]), 0)
        if present and not self._table.is_widened(present):
            present = 0
        value = text.part(start, end)
        self._mark(ids, self._table.learn(hit.kind, value, group=present, how=hit.rule))

    def _spread_edit(self, text: Text, edit: Edit) -> None:
        reach = self._table.reach - 1
        low = max(0, edit.start - reach)
        high = edit.start + len(edit.text) + reach
        for span in self._table.find_raw(text.part(low, high)):
            self._mark_span(text, span, low)
        if self.masks.is_empty:
            return
        low, high = _token_around(text, edit.start, edit.start + len(edit.text))
        self._widen(text, low, high)

    def _spread_typed(self, text: Text, edit: Edit, typed: bytearray) -> None:
        """Mark pieces of word-like values and personal data, where edits put them in."""
        low = max(0, edit.start - GRAM + 1)
        near = text.part(low, edit.start + len(edit.text) + GRAM - 1)
        for span in (*self._table.find_weak(near), *self._table.find_pieces(near)):
            ids = text.ids_of(low + span.start, low + span.end)
            self._mark(array("i", [one for one in ids if typed[one]]), span.group)

    def _spread_text(self, text: Text) -> None:
        for span in self._table.find(text.chars):
            self._mark_span(text, span, 0)
        self._widen(text, 0, text.length)

    def _mark(self, ids: array[int], group: int) -> None:
        """Mask characters, but never text that everybody has (THREATS 4)."""
        self.masks.mark(self._base.own(ids) if self._base.is_public else ids, group)

    def _mark_span(self, text: Text, span: Span, offset: int) -> None:
        ids = text.ids_of(offset + span.start, offset + span.end)
        self._mark(ids, span.group)

    def _widen(self, text: Text, low: int, high: int) -> None:
        if not self._widens or self.masks.is_empty:
            return
        groups = self.masks.groups
        for run in self.masks.runs(text.ids_of(low, high), low):
            for edge, step in ((run.start, -1), (run.end - 1, 1)):
                group = groups[text.ids_of(edge, edge + 1)[0]]
                if self._table.is_widened(group):
                    self._widen_from(text, edge, step, group)
                    self._widen_literal(text, run.start, run.end, group)

    def _widen_literal(self, text: Text, start: int, end: int, group: int) -> None:
        """Mark a string without blanks that is mostly masked, quotes left out.

        Passwords hold any sign, so that half of one can look like code.
        """
        low, high = max(0, start - _LITERAL_REACH), end + _LITERAL_REACH
        before, after = _OPENING.search(text.part(low, start)), _CLOSING.match(text.part(end, high))
        if before is None or after is None or before[1] != after[1]:
            return
        ids = text.ids_of(low + before.end(1), end + after.start(1))
        masked = sum(self.masks.groups[one] > 0 for one in ids)
        if masked < len(ids) <= 2 * masked:
            self._mark(ids, group)

    def _widen_from(self, text: Text, edge: int, step: int, group: int) -> None:
        place, length = edge, text.length
        while is_token(text.part(place, place + 1)):
            place += step
            if not 0 <= place < length or not is_token(text.part(place, place + 1)):
                break
            ids = text.ids_of(place, place + 1)
            if not self.masks.groups[ids[0]]:
                self._mark(ids, group)


def _no_label(_: int) -> str:
    return ""


def lines_around(text: Text, start: int, length: int) -> tuple[int, int]:
    """Return the whole lines that an inserted text touches, capped on either side."""
    floor, end = max(0, start - _REACH), start + length
    near = text.part(floor, end + _REACH)
    low = near.rfind("\n", 0, start - floor) + 1
    high = near.find("\n", end - floor)
    return floor + low, floor + (high if high >= 0 else len(near))


def _lines_above(text: Text, low: int) -> int:
    """Return where the lines begin that may name what stands at `low`."""
    floor = max(0, low - _REACH)
    near = text.part(floor, low)
    place = len(near)
    for _ in range(_LINES_BESIDE + 1):
        place = near.rfind("\n", 0, max(0, place)) if place > 0 else -1
        if place < 0:
            return low if floor else 0
    return floor + place + 1


def _lines_below(text: Text, high: int) -> int:
    """Return where the lines end that may hold what a name before `high` is of."""
    near = text.part(high, high + _REACH)
    place = 0
    for _ in range(_LINES_BESIDE):
        place = near.find("\n", place + 1)
        if place < 0:
            return high + len(near)
    end = near.find("\n", place + 1)
    return high + (end if end >= 0 else len(near))


def _token_around(text: Text, start: int, end: int) -> tuple[int, int]:
    floor = max(0, start - _TOKEN_REACH)
    near = text.part(floor, end + _TOKEN_REACH)
    low, high = start - floor, end - floor
    while low > 0 and is_token(near[low - 1]):
        low -= 1
    while high < len(near) and is_token(near[high]):
        high += 1
    return floor + low, floor + high
