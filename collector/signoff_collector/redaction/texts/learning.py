"""Detect secrets in every state of an episode's texts and mask their characters by id.

First pass (`detect`): detectors scan the lines around every edit, and whole texts when they
are opened, saved or replaced. Hits are masked and added to the table. Second pass (`spread`),
repeated until nothing is added: the 6-grams of all known values are looked up around every
edit, and a token that touches a masked run is masked as a whole, with all characters that were
typed and deleted in it.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.detectors.beside import opens_value
from signoff_collector.redaction.detectors.columns import Tables
from signoff_collector.redaction.detectors.detectors import find_key_blocks, find_settled, is_opaque
from signoff_collector.redaction.detectors.key_blocks import may_hold_key_block
from signoff_collector.redaction.strings.byte_dumps import dumps
from signoff_collector.redaction.texts.public_base import NO_BASE, BaseMarks, BaseText
from signoff_collector.redaction.texts.shown import Masks
from signoff_collector.redaction.texts.stand_ins import (
    PLACEHOLDER_LIKE,
    SECRET_LIKE,
    StoodIn,
    stood_in,
)
from signoff_collector.redaction.texts.text_lines import (
    lines_above,
    lines_around,
    lines_below,
    token_around,
)
from signoff_collector.redaction.texts.texts import Key, Text, TextStates
from signoff_collector.redaction.texts.widening import Widening
from signoff_collector.redaction.values.secrets_table import KNOWN_LINES, SecretsTable, Span
from signoff_collector.redaction.values.value_forms import GRAM
from signoff_collector.redaction.writing.placeholders import looks_in
from signoff_schemas.steps import StepBase

if TYPE_CHECKING:
    from signoff_collector.episode.content import Edit, Episode
    from signoff_collector.redaction.detectors.detectors import Hit

_ROUNDS: Final = 4
"""Maximum number of walks in one `spread`; callers call it again in each of their rounds."""


class TextLearner:
    """Masks secrets in the texts of one episode.

    `widens` extends masks to the whole tokens that they touch. `plain_lines` is a cache: hashes
    of lines without a hit. Learners with the same identities may share it.
    """

    def __init__(
        self,
        episode: Episode,
        table: SecretsTable,
        *,
        widens: bool = True,
        base: BaseText = NO_BASE,
        plain_lines: set[int] | None = None,
    ) -> None:
        self._episode = episode
        self._base = BaseMarks(episode, base)
        self._table = table
        self._plain_lines = set[int]() if plain_lines is None else plain_lines
        self.masks = Masks(0, _no_label)
        self._widening = Widening(table, self.masks, self._mark) if widens else None
        self._spread_version = -1
        """`SecretsTable.version` at the last full search for its values."""
        self._known = Masks(0, _no_label)
        """Masks of the exact values, as they were before the detectors ran."""
        self._caret: tuple[Key, int] | None = None
        """Where the edit ended whose lines are scanned; None for a whole text."""
        self.looks: set[str] = set()
        """What looks like a placeholder in any state of a text, and is none."""
        self._growing: list[tuple[str, int]] = []
        """Values up to the caret, with their groups: the next key may make them longer."""

    @property
    def searched(self) -> Container[int]:
        """Hashes of lines that the detectors scanned without a hit, so need not scan again."""
        return self._plain_lines

    def detect(self) -> None:
        """Mask the exact values, then run the detectors over every state.

        The order matters: detectors must not read the letters of a known value, or what they
        find beside it would depend on them (threat 6).
        """
        if self._table.has_exact:
            self.spread()
            self._known = self.masks.copy()
        states = TextStates(self._episode)
        for step, touched in states.walk():
            self.masks.grow(states.id_count)
            if isinstance(step, StepBase):
                if touched:
                    self._move_caret(None, None)
                self._settle([states.texts[key] for key in touched if key in states.texts])
            else:
                key = Key(step.file, step.buffer)
                text = states.texts[key]
                self._move_caret(key, step)
                low, high = lines_around(text, step.start, len(step.text))
                self._scan(text, low, high)
                self._scan_beside(text, low, high)
        self._move_caret(None, None)
        self._settle(list(states.texts.values()))

    def _move_caret(self, key: Key | None, edit: Edit | None) -> None:
        """Keep the values that the last edit ended with, unless this edit makes them longer."""
        is_grown = (
            edit is not None
            and self._caret == (key, edit.start)
            and not edit.deleted
            and not edit.text[:1].isspace()
        )
        if not is_grown:
            for value, group in self._growing:
                self._table.keep(value, group)
        self._growing.clear()
        self._caret = None if key is None or edit is None else (key, edit.start + len(edit.text))

    def _keep(self, value: str, group: int, end: int) -> None:
        """Have a value masked wherever it stands, once it is finished.

        Args:
            value: as it was recognised.
            group: its group.
            end: where it ends in the text that is scanned.
        """
        if self._caret is not None and self._caret[1] == end:
            self._growing.append((value, group))
        else:
            self._table.keep(value, group)

    def spread(self) -> None:
        """Mask every copy and unfinished form of a known value, and the tokens around masks."""
        for _ in range(_ROUNDS):
            before = self.masks.round
            is_news = self._spread_version != self._table.version
            self._spread_version = self._table.version
            states = TextStates(self._episode)
            for step, touched in states.walk():
                self.masks.grow(states.id_count)
                if isinstance(step, StepBase):
                    for key in touched:
                        if key in states.texts:
                            self._spread_text(states.texts[key], is_news=is_news)
                else:
                    text = states.texts[Key(step.file, step.buffer)]
                    if is_news:
                        self._find_typed(text, step, states.typed)
                    self._widen_edit(text, step)
            if before == self.masks.round:
                return

    def detect_shown(self) -> bool:
        """Run the detectors over the masked texts; return whether more was masked.

        With a placeholder in place of a secret, the rest of its line can match other rules.
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
        runs = self.masks.runs(text.ids_of(low, high), low)
        line = stood_in(text, low, high, runs, PLACEHOLDER_LIKE)
        if hash(line.chars) in self._plain_lines:
            return
        hits = find_settled(line.chars, self._table.checked)
        for hit in hits:
            group = self._table.learn(hit.kind, line.chars[hit.start : hit.end], how=hit.rule)
            self._mark(line.ids(text, hit.start, hit.end), group)
            self._keep_shown(line, hit.start, hit.end, group)
        # A placeholder separates its neighbours, so a name can now match as a whole word.
        if not (self._mark_people(text, line) or hits):
            self._note_plain(line.chars)

    def _mark_people(self, text: Text, line: StoodIn) -> bool:
        """Mask the identities and personal data of a line; return whether there were any."""
        found = self._table.find_identities(line.blanked())
        for span in found:
            ids = line.ids(text, span.start, span.end)
            if not (self._table.is_shape(span.group) and self._base.covers(ids)):
                self._mark(ids, span.group)
                self._keep_shown(line, span.start, span.end, span.group)
        return bool(found)

    def _keep_shown(self, line: StoodIn, start: int, end: int, group: int) -> None:
        if line.run_in(start, end) is None:
            self._keep(line.chars[start:end], group, line.places[end - 1] + 1)

    def _note_plain(self, line: str) -> None:
        if len(self._plain_lines) > KNOWN_LINES:
            self._plain_lines.clear()
        self._plain_lines.add(hash(line))

    def _settle(self, texts: Sequence[Text]) -> None:
        for text in texts:
            self.looks.update(looks_in(text.chars))
            place = 0
            lines, tables = text.chars.split("\n"), Tables()
            for number, line in enumerate(lines):
                if hash(line) not in self._plain_lines:
                    self._scan(text, place, place + len(line))
                if opens_value(line):
                    self._scan(text, place, lines_below(text, place + len(line)))
                    below = lines[number + 1 : number + 1 + tables.rows(lines, number)]
                    self._scan(text, place, place + len(line) + sum(map(len, below)) + len(below))
                place += len(line) + 1
            self._scan_blocks(text)
            self._scan_dumps(text)

    def _scan(self, text: Text, low: int, high: int) -> None:
        """Run the detectors over a range of whole lines, and mask their hits."""
        piece = text.part(low, high)
        self.looks.update(looks_in(piece))
        if not self._known.is_empty:
            runs = self._known.runs(text.ids_of(low, high), low)
            if runs:
                self._scan_known(text, stood_in(text, low, high, runs, SECRET_LIKE))
                if may_hold_key_block(piece):
                    self._scan_blocks(text)
                return
        if hash(piece) in self._plain_lines:
            return
        hits = find_settled(piece, self._table.checked)
        identities = self._table.find_identities(piece)
        for hit in hits:
            self._learn(text, low, hit)
        for span in identities:
            ids = text.ids_of(low + span.start, low + span.end)
            if not (self._table.is_shape(span.group) and self._base.covers(ids)):
                self._mark(ids, span.group)
                value = piece[span.start : span.end]
                self._table.learn_pieces(value, span.group)
                self._keep(value, span.group, low + span.end)
        if not hits and not identities:
            self._note_plain(piece)
        if "-----END" in piece or may_hold_key_block(piece):
            self._scan_blocks(text)

    def _scan_known(self, text: Text, line: StoodIn) -> None:
        """Scan lines that contain exact values, with a stand-in for each of them.

        A hit that includes a stand-in is masked as part of that value. Of the characters beside
        it only opaque ones are learnt: words would then be masked everywhere.
        """
        if hash(line.chars) in self._plain_lines:
            return
        hits = find_settled(line.chars, self._table.checked)
        for hit in hits:
            run = line.run_in(hit.start, hit.end)
            if run is None:
                self._learn(text, line.places[hit.start] - hit.start, hit)
                continue
            group = self._known.groups[text.ids_of(run, run + 1)[0]]
            for low, high in line.parts(hit.start, hit.end):
                if is_opaque(line.chars[low:high]):
                    self._table.learn(hit.kind, line.chars[low:high], group=group, how=hit.rule)
            self._mark(line.ids(text, hit.start, hit.end), group)
        if not (self._mark_people(text, line) or hits):
            self._note_plain(line.chars)

    def _scan_beside(self, text: Text, low: int, high: int) -> None:
        """Scan adjacent lines together where one ends with a name whose value is on the next."""
        first = lines_above(text, low)
        if first < low and any(map(opens_value, text.part(first, low).split("\n"))):
            self._scan(text, first, high)
        if opens_value(text.part(low, high).rpartition("\n")[2]):
            self._scan(text, low, lines_below(text, high))

    def _scan_blocks(self, text: Text) -> None:
        if may_hold_key_block(text.chars):
            for hit in find_key_blocks(text.chars):
                self._learn(text, 0, hit)

    def _scan_dumps(self, text: Text) -> None:
        """Scan the decoded content of hex dumps in a text."""
        for dump in dumps(text.chars):
            spans = [*self._table.find(dump.text)]
            for hit in find_settled(dump.text, self._table.checked):
                value = dump.text[hit.start : hit.end]
                spans.append(
                    Span(hit.start, hit.end, self._table.learn(hit.kind, value, how=hit.rule))
                )
            for span in spans:
                low, high = dump.starts[span.start], dump.ends[span.end - 1]
                self._mark(text.ids_of(low, high), span.group)

    def _learn(self, text: Text, offset: int, hit: Hit) -> None:
        start, end = offset + hit.start, offset + hit.end
        ids = text.ids_of(start, end)
        groups = self.masks.groups
        present = next((groups[one] for one in ids if groups[one]), 0)
        # A secret around an identity, such as a user name in it, is a group of its own.
        if present and not self._table.is_widened(present):
            present = 0
        value = text.part(start, end)
        group = self._table.learn(hit.kind, value, group=present, how=hit.rule)
        self._mark(ids, group)
        self._keep(value, group, end)

    def _find_typed(self, text: Text, edit: Edit, typed: bytearray) -> None:
        """Mask known values at an edit, and in its text also pieces of weaker values.

        Those are word-like values and personal data: pieces of them are masked only in
        characters that were typed, since elsewhere they may be ordinary text.
        """
        table = self._table
        for span in table.find_at(text.part, edit.start, len(edit.text)):
            self._mark_span(text, span, 0)
        if not table.has_pieces:
            return
        # Every window of GRAM characters that includes one of the edit.
        low = max(0, edit.start - GRAM + 1)
        near = text.part(low, edit.start + len(edit.text) + GRAM - 1)
        for span in (*table.find_weak(near), *table.find_pieces(near)):
            ids = text.ids_of(low + span.start, low + span.end)
            self._mark(array("i", [one for one in ids if typed[one]]), span.group)

    def _widen_edit(self, text: Text, edit: Edit) -> None:
        if self._widening is not None and not self.masks.is_empty:
            span = token_around(text, edit.start, edit.start + len(edit.text))
            self._widening.widen(text, *span)

    def _spread_text(self, text: Text, *, is_news: bool) -> None:
        for span in self._table.find(text.chars) if is_news else ():
            self._mark_span(text, span, 0)
        if self._widening is not None:
            self._widening.widen(text, 0, text.length)

    def _mark(self, ids: array[int], group: int) -> None:
        """Mask characters, but never those of a public base (threat 4)."""
        self.masks.mark(self._base.own(ids) if self._base.is_public else ids, group)

    def _mark_span(self, text: Text, span: Span, offset: int) -> None:
        ids = text.ids_of(offset + span.start, offset + span.end)
        self._mark(ids, span.group)


def _no_label(_: int) -> str:
    return ""
