"""Search a redacted episode for secrets before it is written, as an attacker would.

Searched by shape and by value are every state of every text, every string, every path and the
streams of inserted and deleted characters, also decoded from base64. Then the bytes that will be
written are searched for pieces of known values in every encoding. Last, an independent engine
scans the final states. Placeholders are ignored.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.detectors.detectors import (
    PLACEHOLDER,
    find_key_blocks,
    find_secrets,
    find_settled,
    is_opaque,
)
from signoff_collector.redaction.detectors.key_blocks import may_hold_key_block
from signoff_collector.redaction.path_names import (
    Name,
    is_path,
    names_in,
    secrets_in_name,
    split_name,
    stem_of,
)
from signoff_collector.redaction.seen_places import HEADER, NO_STEP, TYPED, Places, Visible
from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.redaction.strings.strings import StringMasker
from signoff_collector.redaction.strings.structure import hashes_of, own_words, schema_words
from signoff_collector.redaction.texts.public_base import NO_BASE, BaseMarks, BaseText
from signoff_collector.redaction.texts.streams import visible_streams
from signoff_collector.redaction.texts.text_lines import lines_around
from signoff_collector.redaction.texts.texts import Key, TextStates, decode_blob
from signoff_collector.redaction.values.byte_search import ByteSearch, without_hashes
from signoff_collector.redaction.values.secrets_table import KNOWN_LINES, Span
from signoff_collector.redaction.values.value_forms import GRAM
from signoff_collector.redaction.values.ways import SECOND
from signoff_schemas.steps import StepBase

if TYPE_CHECKING:
    from array import array

    from signoff_collector.episode.content import Episode
    from signoff_collector.redaction.values.secrets_table import SecretsTable
    from signoff_collector.redaction.verifying.second_engine import SecondEngine

_BASE64_RUN: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,65536}={0,2}")
_URL_SAFE: Final = str.maketrans("-_", "+/")
_PLACEHOLDER_BYTES: Final = re.compile(PLACEHOLDER.pattern.encode("ascii"))

# Separates names that the engine reads in one text, so that no rule matches across two of them.
_APART: Final = "\n" + " \n" * 64
_HOMES: Final = re.compile(r"(?i)home|users")
_KEY_PIECE: Final = re.compile(r"[A-Za-z0-9+/]{6,}")
"""Shorter runs between placeholders are no part of a key."""


class Shown:
    """Allow-list of values that a person wants shown, so are no findings.

    Args:
        groups: their groups in the table.
        values: the values, in every form they were learnt in.
    """

    def __init__(self, groups: frozenset[int] = frozenset(), values: Iterable[str] = ()) -> None:
        self.groups = groups
        self._values = sorted(values, key=len, reverse=True)

    def holds(self, value: str) -> bool:
        """Return whether a finding contains nothing but allowed values."""
        if not value or not self._values:
            return False
        if any(value in one for one in self._values):
            return True
        for one in self._values:
            value = value.replace(one, "\0")
        return all(len(rest) < GRAM for rest in value.split("\0"))


NOTHING_SHOWN: Final = Shown()


class Verification:
    """Searches one redacted episode and the bytes of its file."""

    def __init__(
        self,
        episode: Episode,
        data: bytes,
        table: SecretsTable,
        engine: SecondEngine,
        *,
        base: BaseText = NO_BASE,
        searched: Container[int] = frozenset(),
        shown: Shown = NOTHING_SHOWN,
    ) -> None:
        """Prepare the search.

        Args:
            episode: redacted.
            data: the bytes of its file.
            table: all known values.
            engine: the independent engine.
            base: texts of the base commit, which may stay visible.
            searched: hashes of lines that our detectors just scanned without a hit.
            shown: values that may stay visible.
        """
        self._searched = searched
        self._shown = shown
        self._episode = episode
        self._data = data
        self._table = table
        self._engine = engine
        self._base = base
        self._marks = BaseMarks(episode, base)
        self._strings_of_base = StringMasker(table, base=base)
        self._plain_lines: set[int] = set()
        self._paths: dict[str, tuple[Visible, ...]] = {}
        self._folders: dict[str, tuple[Visible, ...]] = {}
        self._names: dict[Name, tuple[Visible, ...]] = {}
        self._finals: dict[str, str] = {}
        """Final text of each file, and its text whenever it was replaced, to the file's path."""

    def run(self) -> list[Visible]:
        """Return every value that is still visible."""
        found = (
            *self._in_texts(),
            *self._in_strings(),
            *self._in_streams(),
            *self._in_bytes(),
            *self._by_others(),
        )
        return [one for one in found if not self._shown.holds(one.value)]

    def _look(self, chars: str, place: str, ids: array[int] | None = None) -> Iterator[Visible]:
        """Yield the secrets and known values in a piece of text; `ids` is None for a string."""
        at = 0
        for line in chars.split("\n"):
            low, at = at, at + len(line) + 1
            if hash(line) in self._plain_lines:
                continue
            found = list(self._in_line(line, place, None if ids is None else ids[low:at]))
            yield from found
            if not found:
                if len(self._plain_lines) > KNOWN_LINES:
                    self._plain_lines.clear()
                self._plain_lines.add(hash(line))
        if may_hold_key_block(chars):
            for hit in find_key_blocks(chars):
                value = chars[hit.start : hit.end]
                if any(map(is_opaque, _KEY_PIECE.findall(PLACEHOLDER.sub("\n", value)))):
                    yield Visible(hit.kind, value, place)

    def _in_line(self, line: str, place: str, ids: array[int] | None) -> Iterator[Visible]:
        is_searched = hash(line) in self._searched
        for hit in () if is_searched else find_settled(line, self._table.checked):
            if not self._is_of_base(line, ids, Span(hit.start, hit.end, 0)):
                yield Visible(hit.kind, line[hit.start : hit.end], place)
        yield from self._known_in(_without_masks(line), place, ids)

    def _known_in(self, shown: str, place: str, ids: array[int] | None) -> Iterator[Visible]:
        """Yield known values, identities and base64 secrets in a line with placeholders blanked."""
        for span in self._table.find_raw(shown):
            if not self._is_of_base(shown, ids, span):
                yield Visible("VALUE", shown[span.start : span.end], place)
        for span in self._table.find_identities(shown):
            if not self._is_of_base(shown, ids, span):
                yield Visible("IDENTITY", shown[span.start : span.end], place)
        for match in _BASE64_RUN.finditer(shown):
            decoded = _decoded(match[0])
            if decoded and find_secrets(decoded):
                yield Visible("SECRET", match[0], place)

    def _is_of_base(self, line: str, ids: array[int] | None, span: Span) -> bool:
        """Return whether a finding is text of the base, which stays visible (threat 4)."""
        if ids is None:
            return self._strings_of_base.is_of_base(line, span)
        # A mask may have changed the line, so that it is no line of the base any more.
        if self._table.is_shape(span.group):
            value = line[span.start : span.end].strip("\0")
            if any(value in text for text in self._base.texts.values()):
                return True
        may_stay = self._base.is_public or self._table.is_shape(span.group)
        return may_stay and self._marks.covers(ids[span.start : span.end])

    def _in_texts(self) -> Iterator[Visible]:
        states = TextStates(self._episode)
        final: dict[Key, str] = {}
        for step in self._episode.ordered():
            if isinstance(step, StepBase):
                touched = states.apply_step(step)
                kept = [(key, states.texts[key]) for key in touched if key in states.texts]
                texts = [(key, text.chars, text.ids) for key, text in kept]
                for key in touched:
                    self._note_final(final.pop(key, ""), states.paths[key.file])
                final.update((key, chars) for key, chars, _ in texts)
            else:
                key = Key(step.file, step.buffer)
                states.apply_edit(step)
                text = states.texts[key]
                final[key] = ""
                span = lines_around(text, step.start, len(step.text))
                texts = [(key, text.part(*span), text.ids_of(*span))]
            for key, chars, ids in texts:
                path = states.paths[key.file]
                for one in self._look(chars, f"{path} after step {step.seq}", ids):
                    yield one._replace(path=path)
        for key, text in states.texts.items():
            self._note_final(text.chars, states.paths[key.file])

    def _note_final(self, chars: str, path: str) -> None:
        if chars:
            self._finals.setdefault(chars, path)

    def _in_strings(self) -> Iterator[Visible]:
        for spot, text in self._strings():
            look = self._in_path(text) if spot.is_name else self._look(text, spot.place)
            for one in look:
                yield spot._replace(kind=one.kind, value=one.value, how=one.how)

    def _strings(self) -> Iterator[tuple[Visible, str]]:
        """Yield every string, with the `Visible` to report if it contains a value."""
        own: dict[str, object] = {"masks": {}, "versions": {}}
        for step in (*self._episode.steps, self._episode.header.model_copy(update=own)):
            seq = step.seq if isinstance(step, StepBase) else HEADER
            where = f"step {seq}" if isinstance(step, StepBase) else "the header"
            for pointer, text in strings_of(step):
                spot = Visible("", "", f"{where} {pointer}", step=seq, pointer=pointer)
                is_name = is_path(pointer, text)
                yield spot._replace(path=text, is_name=True) if is_name else spot, text
        for path in self._episode.files:
            yield Visible("", "", "a path", path=path, is_name=True), path

    def _in_path(self, path: str) -> tuple[Visible, ...]:
        """Return what is visible in the components of a path, and across them."""
        found = self._paths.get(path)
        if found is None:
            folder, last = split_name(path)
            if folder not in self._folders:
                self._folders[folder] = tuple(
                    one for name in names_in(folder) for one in self._in_name(name)
                )
            found = (*self._folders[folder], *self._in_name(last))
            if self._table.spans_names or _HOMES.search(path):
                found += tuple(self._known_in(_without_masks(path), "", None))
            self._paths[path] = found
        return found

    def _in_name(self, name: Name) -> tuple[Visible, ...]:
        found = self._names.get(name)
        if found is None:
            text = name.text
            found = tuple(
                Visible(hit.kind, text[hit.start : hit.end], "")
                for hit in secrets_in_name(name)
                if not self._is_of_base(text, None, Span(hit.start, hit.end, 0))
            )
            shown = _without_masks(text)
            for part in (shown, stem_of(shown)):
                found += tuple(self._known_in(part, "", None))
            self._names[name] = found
        return found

    def _in_streams(self) -> Iterator[Visible]:
        for stream in visible_streams(self._episode):
            for span in self._table.find_raw(stream.chars):
                value = stream.chars[span.start : span.end]
                for file in stream.files_of(span.start, span.end):
                    path = self._episode.files[file]
                    yield Visible("VALUE", value, stream.name, path=path)

    def _in_bytes(self) -> Iterator[Visible]:
        """Search the file's bytes, compressed and decompressed, for pieces of known values."""
        from signoff_collector.episode.file.reader import EpisodeFile
        from signoff_collector.episode.frames import decompress

        # Pieces that also occur in the format's own words would be found in every file.
        public = f"{schema_words()}\n{own_words(self._episode)}"
        if self._base.is_public:
            public = "\n".join([public, *self._base.texts.values()])
        grams = self._table.grams(self._shown.groups)
        search = ByteSearch(gram for gram in grams if gram not in public)
        hashes = hashes_of(self._episode)
        seen = [Visible("VALUE", "", "the bytes of the file") for _ in search.plain(self._data)]
        for entry in EpisodeFile(self._data).frames:
            content = decompress(self._data[entry.offset : entry.offset + entry.length])
            shown = _PLACEHOLDER_BYTES.sub(lambda match: b"\0" * len(match[0]), content)
            shown = without_hashes(shown, hashes)
            for found in (*search.plain(shown), *search.spelt(shown)):
                frame = f"frame {entry.kind} {entry.name}".rstrip()
                place = f"{frame}, {found.spelling}"
                seen.append(Visible("VALUE", found.container, place))
        if seen:
            yield from seen
            yield from Places(self._episode, self._strings).holding(search, hashes)

    def _by_others(self) -> Iterator[Visible]:
        """Scan final states, blobs, strings and the inserted text with the second engine."""
        places = Places(self._episode, self._strings)
        texts = {
            text: Visible("", "", f"{path} at its end", path=path)
            for text, path in self._finals.items()
        }
        for ordinal, blob in enumerate(self._episode.blobs):
            texts.setdefault(decode_blob(blob), Visible("", "", f"content {ordinal}"))
        typed = Visible("", "", TYPED)
        for spot, text in itertools.chain(self._strings(), [(typed, self._episode.edits.text)]):
            if not spot.is_name:
                texts.setdefault(text, spot)
        yield from self._names_by_others()
        for text, spot in texts.items():
            for seen in self._hits_of_others(text, spot):
                yield seen
                if not seen.path and seen.step == NO_STEP:
                    yield from places.around(seen, text, seen.value)

    def _hits_of_others(self, text: str, spot: Visible) -> Iterator[Visible]:
        for hit in self._engine.find(text):
            rest = PLACEHOLDER.sub("", hit.value)
            if self._base.is_public and any(rest in one for one in self._base.texts.values()):
                continue
            if rest == hit.value or is_opaque(rest):
                how = f"{SECOND}: {hit.rule}"
                yield spot._replace(kind="SECRET", value=rest, how=how)

    def _names_by_others(self) -> Iterator[Visible]:
        """Scan all names of files and folders with the second engine, in one text."""
        named = Visible("", "", "a path", is_name=True)
        for seen in self._hits_of_others(_APART.join(name.text for name in self._names), named):
            for path in self._paths:
                if seen.value in path:
                    yield seen._replace(path=path)


def _without_masks(text: str) -> str:
    return PLACEHOLDER.sub(lambda match: "\0" * len(match[0]), text)


def _decoded(run: str) -> str:
    """Decode a run of base64; "" unless it is printable text."""
    standard = run.rstrip("=").translate(_URL_SAFE)
    try:
        content = base64.b64decode(standard + "=" * (-len(standard) % 4))
        text = content.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text if text.isprintable() else ""
