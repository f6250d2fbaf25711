"""The second pass: a redacted episode is looked at as a stranger would.

Every state of every text, every string, every path and the stream of all inserted text
are searched again, by shape and by value. Placeholders themselves are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from signoff_collector.redaction.detectors import PLACEHOLDER, find_key_blocks, find_secrets
from signoff_collector.redaction.learning import lines_around
from signoff_collector.redaction.secrets_table import KNOWN_LINES
from signoff_collector.redaction.step_strings import strings_of
from signoff_collector.redaction.texts import Key, TextStates
from signoff_schemas.steps import StepBase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode
    from signoff_collector.redaction.secrets_table import SecretsTable


class Visible(NamedTuple):
    """Something that should not be there any more."""

    kind: str
    value: str
    place: str


class Verification:
    """Looks at one redacted episode."""

    def __init__(self, episode: Episode, table: SecretsTable) -> None:
        self._episode = episode
        self._table = table
        self._plain_lines: set[int] = set()

    def run(self) -> list[Visible]:
        """Return everything that is still visible."""
        return [*self._in_texts(), *self._in_strings()]

    def look(self, chars: str, place: str) -> Iterator[Visible]:
        """Yield what is recognised or known in a piece of text."""
        for line in chars.split("\n"):
            if hash(line) in self._plain_lines:
                continue
            found = list(self._in_line(line, place))
            yield from found
            if not found:
                if len(self._plain_lines) > KNOWN_LINES:
                    self._plain_lines.clear()
                self._plain_lines.add(hash(line))
        if "PRIVATE KEY" in chars:
            for hit in find_key_blocks(chars):
                value = chars[hit.start : hit.end]
                if PLACEHOLDER.sub("", value).strip():
                    yield Visible(hit.kind, value, place)

    def _in_line(self, line: str, place: str) -> Iterator[Visible]:
        for hit in find_secrets(line):
            yield Visible(hit.kind, line[hit.start : hit.end], place)
        shown = PLACEHOLDER.sub(lambda match: "\0" * len(match[0]), line)
        for span in self._table.find_raw(shown):
            yield Visible("VALUE", shown[span.start : span.end], place)
        for span in self._table.find_identities(shown):
            yield Visible("IDENTITY", shown[span.start : span.end], place)

    def _in_texts(self) -> Iterator[Visible]:
        states = TextStates(self._episode)
        for step, touched in states.walk():
            if isinstance(step, StepBase):
                texts = [(key, states.texts[key].chars) for key in touched if key in states.texts]
            else:
                key = Key(step.file, step.buffer)
                text = states.texts[key]
                texts = [(key, text.part(*lines_around(text, step.start, len(step.text))))]
            for key, chars in texts:
                yield from self.look(chars, f"{states.paths[key.file]} after step {step.seq}")
        stream = PLACEHOLDER.sub("\0", self._episode.edits.text)
        for span in self._table.find(stream):
            yield Visible("VALUE", stream[span.start : span.end], "the inserted text")

    def _in_strings(self) -> Iterator[Visible]:
        for step in (*self._episode.steps, self._episode.header):
            where = f"step {step.seq}" if isinstance(step, StepBase) else "the header"
            for pointer, text in strings_of(step):
                yield from self.look(text, f"{where} {pointer}")
        for path in self._episode.files:
            yield from self.look(path, "a path")
