"""Mask strings that are no file text: outputs, commands, messages, labels, paths.

They are masked by value and by shape. A string is also searched in its decoded views
(`string_views`): without colours, unescaped, and without line wraps. What is found in a view is
masked in the string itself. Personal data in a line that quotes the base is not masked: the
episode or the base shows it anyway (threat 4).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import pairwise
from typing import Final

from signoff_collector.redaction.detectors.detectors import PLACEHOLDER, Hit, find_settled
from signoff_collector.redaction.path_names import (
    Name,
    names_in,
    secrets_in_name,
    split_name,
    stem_of,
)
from signoff_collector.redaction.randomness.literals import BLANK
from signoff_collector.redaction.settled_lines import SettledLines
from signoff_collector.redaction.strings.string_views import (
    View,
    encoded_texts,
    rewrapped_view,
    unwrapped_view,
    whole_views,
)
from signoff_collector.redaction.texts.public_base import NO_BASE, BaseText, lines_of
from signoff_collector.redaction.texts.text_lines import is_token
from signoff_collector.redaction.values.pieces_of_values import piece_in
from signoff_collector.redaction.values.secrets_table import SecretsTable, Span, merge_spans
from signoff_collector.redaction.values.ways import CUT

_SECRET_FLAG: Final = re.compile(
    r"(?i)--?[\w-]{0,40}(?:pass(?:word|wd|phrase)?|token|secret|api-?key|auth)[\w-]{0,20}\Z"
)
_TOKEN_END: Final = re.compile(r"[\w+/=-]+\Z")
_TOKEN_START: Final = re.compile(r"[\w+/=-]+")
_CACHE_LIMIT: Final = 4096
_CACHED_LENGTH: Final = 256
_NAMES_LIMIT: Final = 1 << 18
_ROUNDS: Final = 3


class StringMasker:
    """Masks strings by known values and by shape.

    Args:
        table: index of known values; what is found by shape is added to it.
        base: texts of the episode's files at the base commit.
        shown: groups that a person wants shown.
        published: groups of secrets that a public base contains. A string with one is replaced
            as a whole: the rest of its line would lead to the value in the base.
    """

    def __init__(
        self,
        table: SecretsTable,
        *,
        base: BaseText = NO_BASE,
        published: frozenset[int] = frozenset(),
        shown: frozenset[int] = frozenset(),
    ) -> None:
        self._table = table
        self._base = base
        self._published = published
        self._shown = shown
        self._base_shapes: frozenset[int] | None = None
        self._cache: dict[str, str] = {}
        self._lines = SettledLines(lambda text: find_settled(text, table.checked))
        self._names: dict[Name, str] = {}
        """Cache of masked names of files and folders."""
        self._folders: dict[str, str] = {}
        self._learnt_names: set[Name] = set()
        self._learnt_folders: set[str] = set()
        self._names_version = table.version
        self._version = table.version

    def learn(self, text: str) -> None:
        """Add the secrets in a string to the table, so that they are masked everywhere."""
        for view in whole_views(text):
            for hit in self._secrets_in(view.text):
                found = self._learnt(view.text, hit)
                self._table.keep(view.text[hit.start : hit.end], found.group)
            self._keep_people(view.text)

    def mask(self, text: str) -> str:
        """Return the string with every known or recognised value as its placeholder."""
        if self._version != self._table.version or len(self._cache) > _CACHE_LIMIT:
            self._cache.clear()
            self._version = self._table.version
        masked = self._cache.get(text)
        if masked is None:
            masked = self._masked(text)
            if len(text) < _CACHED_LENGTH:
                self._cache[text] = masked
        return masked

    def _masked(self, text: str) -> str:
        """Mask repeatedly: placeholders can make more of the string recognisable."""
        for _ in range(_ROUNDS):
            spans = self.spans(text)
            if not spans:
                break
            text = self._replaced(text, spans)
        return text

    def _replaced(self, text: str, spans: list[Span]) -> str:
        published = next((span for span in spans if span.group in self._published), None)
        if published is not None:
            return self._table.string_label(published.group)
        return replace_spans(text, spans, self._table.string_label)

    def mask_label(self, text: str, spelt: Container[int]) -> str:
        """Mask a label of a completion, also short pieces of a value in `spelt`.

        Args:
            text: the label.
            spelt: groups of which labels of the episode contain more than one piece.
        """
        piece, place = piece_in(text)
        group = self._table.piece_of(piece)
        if group and group in spelt:
            shown = text[:place] + self._table.string_label(group) + text[place + len(piece) :]
            return self.mask(shown)
        return self.mask(text)

    def mask_paths(self, paths: Iterable[str], hidden: Container[str] = ()) -> dict[str, str]:
        """Return the masked path of each path; all of them are different.

        Args:
            paths: relative to the workspace.
            hidden: paths that are replaced by a placeholder as a whole.
        """
        shown: dict[str, str] = {}
        taken: set[str] = set()
        for path in paths:
            masked = self._hidden_path(path) if path in hidden else self.mask_path(path)
            stem, dot, end = masked.rpartition(".")
            count = 1
            while masked in taken:
                count += 1
                masked = f"{stem}~{count}.{end}" if dot else f"{end}~{count}"
            taken.add(masked)
            shown[path] = masked
        return shown

    def _hidden_path(self, path: str) -> str:
        return self._table.label(self._table.identity_group("PATH", path))

    def learn_path(self, path: str) -> None:
        """Add the secrets in a path to the table."""
        folder, last = split_name(path)
        names = [last]
        if folder not in self._learnt_folders:
            names += names_in(folder)
            if len(self._learnt_folders) < _NAMES_LIMIT:
                self._learnt_folders.add(folder)
        for name in names:
            if name in self._learnt_names:
                continue
            if len(self._learnt_names) < _NAMES_LIMIT:
                self._learnt_names.add(name)
            for view in whole_views(name.text):
                for hit in secrets_in_name(name._replace(text=view.text)):
                    found = self._learnt(view.text, hit)
                    self._table.keep(view.text[hit.start : hit.end], found.group)
                self._keep_people(view.text)
                self._keep_people(stem_of(view.text))

    def groups_in_path(self, path: str) -> list[int]:
        """Return the groups to mask in the components of a path."""
        return [span.group for name in names_in(path) for span in self._name_spans(name)]

    def mask_path(self, path: str) -> str:
        """Mask a path component by component, so that its folders stay recognisable.

        If a value spans several components, the path is masked as one string.
        """
        if self._names_version != self._table.version or len(self._names) > _NAMES_LIMIT:
            self._names.clear()
            self._folders.clear()
            self._names_version = self._table.version
        folder, name = split_name(path)
        above = self._folders.get(folder)
        if above is None:
            above = "/".join([self._masked_name(one) for one in names_in(folder)])
            self._folders[folder] = above
        own = self._masked_name(name)
        by_name = f"{above}/{own}" if "/" in path else own
        if self._table.spans_names and self._table.find_raw(by_name):
            return self.mask(path)
        return path if by_name == path else by_name

    def _masked_name(self, name: Name) -> str:
        masked = self._names.get(name)
        if masked is None:
            masked = name.text
            for _ in range(_ROUNDS):
                spans = self._name_spans(name._replace(text=masked))
                if not spans:
                    break
                masked = self._replaced(masked, spans)
            self._names[name] = masked
        return masked

    def _name_spans(self, name: Name) -> list[Span]:
        found: list[Span] = []
        for view in whole_views(name.text):
            hits = secrets_in_name(name._replace(text=view.text))
            spans = [self._learnt(view.text, hit) for hit in hits]
            spans += [*self._table.find_raw(view.text), *self._table.find_weak(view.text)]
            kept = [
                widen(view.text, one) if self._table.is_widened(one.group) else one
                for one in spans
                if not self.is_of_base(view.text, one)
            ]
            encoded = self._encoded(view.text)
            people = [*self._people_in(view.text), *self._people_in(stem_of(view.text))]
            found.extend(_placed([*kept, *encoded, *people], view))
        return merge_spans([span for span in found if span.group not in self._shown])

    def mask_argument(self, text: str, before: str) -> str:
        """Mask an argument of a command: as a whole if it follows a flag such as `--token`."""
        if _SECRET_FLAG.match(before) and len(text) >= 3 and not text.startswith("-"):
            return self._table.label(self._table.learn("PASSWORD", text))
        return self.mask(text)

    def mask_cut(self, text: str, *, at_end: bool) -> str:
        """Mask one side of an output that was cut in the middle, with the token at the cut.

        That token may be half a secret, which no shape recognises (threat 17).
        """
        match = (_TOKEN_END.search(text[-512:])) if at_end else _TOKEN_START.match(text[:512])
        if match is None or len(match[0]) < 4 or not any(c.isdigit() for c in match[0]):
            return self.mask(text)
        token = match[0]
        label = self._table.label(self._table.learn("CUT", token, how=CUT))
        if at_end:
            return self.mask(text[: len(text) - len(token)]) + label
        return label + self.mask(text[len(token) :])

    def spans(self, text: str) -> list[Span]:
        """Return the spans to mask, sorted, without overlaps."""
        found: list[Span] = []
        views = whole_views(text)
        for view in views:
            found.extend(_placed([*self._secrets_of(view.text), *self._people_in(view.text)], view))
        unwrapped = unwrapped_view(views)
        if unwrapped is not None:
            found.extend(_placed(self._across_lines(unwrapped), unwrapped))
        rewrapped = rewrapped_view(views)
        if rewrapped is not None:
            found.extend(_placed(self._shapes_across(rewrapped), rewrapped))
        return merge_spans([span for span in found if span.group not in self._shown])

    def known_spans(self, text: str) -> list[Span]:
        """Return the spans of known values only: none found by shape, none widened."""
        views = whole_views(text)
        unwrapped = unwrapped_view(views)
        found: list[Span] = []
        for view in views if unwrapped is None else [*views, unwrapped]:
            found.extend(_placed(self._table.find(view.text), view))
        return merge_spans(found)

    def _secrets_of(self, text: str) -> Iterator[Span]:
        """Yield the secrets of one view, widened to whole tokens."""
        spans = [self._learnt(text, hit) for hit in self._secrets_in(text)]
        spans.extend(self._table.find(text))
        spans.extend(self._table.find_weak(text))
        for span in spans:
            if not self.is_of_base(text, span):
                yield widen(text, span) if self._table.is_widened(span.group) else span
        yield from self._encoded(text)

    def _across_lines(self, view: View) -> list[Span]:
        """Return spans of known values and people across removed line ends."""
        spans = [*self._table.find(view.text), *self._encoded(view.text)]
        for low, high in view.around_breaks():
            spans += [
                Span(low + one.start, low + one.end, one.group)
                for one in self._people_in(view.text[low:high])
                if view.breaks_in(low + one.start, low + one.end)
            ]
        return [one for one in spans if view.joins(one.start, one.end)]

    def _shapes_across(self, view: View) -> Iterator[Span]:
        """Yield what is found by shape across the ends of full lines, as whole tokens."""
        if not view.breaks:
            return
        shown = self._without_checked_rows(view)
        for low, high in view.around_breaks():
            part = shown[low:high]
            for hit in self._secrets_in(part):
                if view.breaks_in(low + hit.start, low + hit.end):
                    span = widen(part, self._learnt(part, hit))
                    yield Span(low + span.start, low + span.end, span.group)

    def _without_checked_rows(self, view: View) -> str:
        """Return a view's text; a row that is a checked token by itself is no piece of another."""
        ends = sorted({0, len(view.text), *view.breaks})
        rows = (view.text[low:high].split("\n") for low, high in pairwise(ends))
        return "".join(
            "\n".join(BLANK * len(row) if row in self._table.checked else row for row in part)
            for part in rows
        )

    def _secrets_in(self, text: str) -> list[Hit]:
        """Return what looks like a secret, except commit ids, which get pseudonyms."""
        hits = list(self._lines.find(text))
        if not hits:
            return hits
        named = [
            span for span in self._table.find_identities(text) if self._table.is_commit(span.group)
        ]
        return [
            hit
            for hit in hits
            if not any(one.start <= hit.start and hit.end <= one.end for one in named)
        ]

    def _encoded(self, text: str) -> Iterator[Span]:
        """Yield the runs of base64 whose content must be masked; each is masked as a whole."""
        for run in encoded_texts(text):
            inner = [*self._table.find(run.content), *self._people_in(run.content)]
            inner += [self._learnt(run.content, hit) for hit in self._secrets_in(run.content)]
            if inner:
                yield Span(run.start, run.end, min(inner).group)

    def _people_in(self, text: str) -> list[Span]:
        """Return the spans of identities, personal data, folders and private parts of URLs."""
        blank = PLACEHOLDER.sub(lambda match: "\0" * len(match[0]), text)
        spans = self._table.find_in_strings(blank)
        return [span for span in spans if not self.is_of_base(text, span)]

    def _keep_people(self, text: str) -> None:
        for span in self._people_in(text):
            self._table.keep(text[span.start : span.end], span.group)

    def is_of_base(self, text: str, span: Span) -> bool:
        """Return whether a span of a string quotes the base, so may stay visible."""
        if not self._base.texts or span.group in self._published:
            return False
        is_shape = self._table.is_shape(span.group)
        if is_shape and span.group in self._shapes_of_base():
            return True
        if not is_shape and not self._base.is_public:
            return False
        low = text.rfind("\n", 0, span.start) + 1
        high = text.find("\n", span.end)
        return self._base.holds_quote(text[low : high if high >= 0 else len(text)])

    def _shapes_of_base(self) -> frozenset[int]:
        if self._base_shapes is None:
            table = self._table
            self._base_shapes = frozenset(
                span.group
                for text in self._base.texts.values()
                for line in lines_of(text)
                for span in table.find_identities(line)
                if table.is_shape(span.group)
            )
        return self._base_shapes

    def _learnt(self, text: str, hit: Hit) -> Span:
        group = self._table.learn(hit.kind, text[hit.start : hit.end], how=hit.rule)
        return Span(hit.start, hit.end, group)


def _placed(spans: Iterable[Span], view: View) -> Iterator[Span]:
    """Map the spans of a view to the string."""
    for span in spans:
        if span.start < span.end:
            yield Span(*view.place(span.start, span.end), span.group)


def widen(text: str, span: Span) -> Span:
    """Widen a span to the ends of the tokens it touches."""
    start, end = span.start, span.end
    while start > 0 and is_token(text[start - 1]) and is_token(text[start]):
        start -= 1
    while end < len(text) and is_token(text[end]) and is_token(text[end - 1]):
        end += 1
    return Span(start, end, span.group)


def replace_spans(text: str, spans: list[Span], label: Callable[[int], str]) -> str:
    """Replace each span by the placeholder of its group; adjacent spans share one."""
    pieces: list[str] = []
    place = 0
    previous = 0
    for span in spans:
        if not (pieces and span.start == place and previous):
            pieces.append(text[place : span.start])
            pieces.append(label(span.group))
        place, previous = span.end, span.group
    pieces.append(text[place:])
    return "".join(pieces)
