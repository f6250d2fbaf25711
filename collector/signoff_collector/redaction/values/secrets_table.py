"""Index of recognised secrets: find any 6 characters of a known value again (6-grams).

Held in memory while one episode is redacted. A group is one secret: all its copies and
unfinished forms belong to it and get the same placeholder number.

Values are indexed in one of these ways, by how likely they also are ordinary text:

* opaque values by their 6-grams (`_grams`), searched everywhere, also in decoded views;
* word-like exact values as a whole (`_wholes`), since their pieces are ordinary words;
* whatever else was recognised, where it stands again as a whole (`WholeValues`);
* pieces of such values (`_weak`) and of personal data (`_pieces`), searched only in what was
  typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from signoff_collector.redaction.detectors.detectors import PREFIXES, is_wordlike
from signoff_collector.redaction.randomness.checked_tokens import NOTHING_CHECKED
from signoff_collector.redaction.randomness.randomness import random_bits
from signoff_collector.redaction.remembered import Remembered
from signoff_collector.redaction.strings.decoded_views import decoded_views, may_be_decoded
from signoff_collector.redaction.values.byte_search import Windows
from signoff_collector.redaction.values.identities import IdentityPatterns
from signoff_collector.redaction.values.own_grams import PUBLIC_GRAMS, opaque_parts, own_grams
from signoff_collector.redaction.values.value_forms import GRAM, readings_of
from signoff_collector.redaction.values.ways import (
    BY_HAND,
    EXACT,
    FORM,
    IDENTITY,
    IN_ADDRESS,
    sureness,
)
from signoff_collector.redaction.values.whole_values import WholeValues, is_of_its_own
from signoff_collector.redaction.writing.placeholders import CAPTURED

KNOWN_LINES: Final = 400_000
"""Capacity of a cache of lines without a hit, 70 B each.

The largest text that is recorded has as many lines at 20 B a line. With a smaller cache each
save of it would scan all its lines again.
"""
SPELLED_REACH: Final = 40
"""Length of a 6-gram when each of its characters is written as an escape."""
_LEAD: Final = re.compile(r"[A-Za-z][a-z]{5,}")
_LONG: Final = 2_000
"""Longer lines are searched by the windows of their bytes."""
_UNCOVERED: Final = re.compile(rb"\0{6,}")
_IN_PIECES: Final = frozenset({"ACCOUNT", "EMAIL", "PHONE", "IBAN", "CARD", "IP"})
"""Kinds of personal data whose pieces are searched in what was typed."""
_BY_SIGN: Final = frozenset({"QUERY", "USERINFO"})
"""Kinds of values that only their place in a URL makes private: most are ordinary words."""
_OWN_KINDS: Final = frozenset({"USER"})
_FOLDER_SIGNS: Final = {"HOME": "<HOME>", "WORKSPACE": ".", "TMP": "<TMP>", "ABS": "<ABS>"}
"""Replacements of folders in strings. Texts are code, so there placeholders stay identifiers."""


class Span(NamedTuple):
    """A range of a text that belongs to a group."""

    start: int
    end: int
    group: int


class SecretsTable:
    """Groups of values, their 6-grams, and the placeholders given to them."""

    def __init__(self, identities: IdentityPatterns) -> None:
        self.checked = NOTHING_CHECKED
        """Tokens of the episode that are shown to be no secret, so that detectors skip them."""
        self._kinds: list[str] = [""]
        self._by_value: dict[str, int] = {}
        self._grams: dict[str, int] = {}
        self._wholes: dict[str, int] = {}
        self._ways: dict[int, str] = {}
        self._labels: dict[int, str] = {}
        self._counts: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._signs: dict[str, str] = {}
        """Signs of folders in use, with the way they are found."""
        self._taken: frozenset[str] = frozenset()
        """Stands in the episode as text, so is never given as a placeholder."""
        self._captured: dict[str, str] = {}
        self._identities = identities
        self._identity_groups: dict[tuple[str, str], int] = {}
        self._identity_kinds: set[int] = set()
        self._identity_keys: dict[int, tuple[str, str]] = {}
        self._shapes: set[int] = set()
        self._pieces: dict[str, int] = {}
        self._in_pieces: set[str] = set()
        self._same = WholeValues()
        self._others: dict[int, int] = {}
        self._clean_lines: set[int] = set()
        self._found = Remembered(self.find_raw)
        self._windows: Windows | None = None
        """Of the 6-grams, for long lines; None until one is searched."""
        self._weak: dict[str, int] = {}
        self._exact: list[tuple[str, int]] = []
        self._short: dict[str, int] = {}
        self._short_version = 0
        self._across = False
        self._across_version = 0
        self.reach = SPELLED_REACH
        """Length of the longest indexed text, so how far around an edit to search."""
        self.version = 0
        """Grows whenever something is added to the index; caches compare it."""

    def learn(
        self, kind: str, value: str, *, group: int = 0, is_exact: bool = False, how: str = ""
    ) -> int:
        """Add a value to the index and return its group, a new one if it is unknown.

        Args:
            kind: middle part of the placeholder.
            value: the secret as recognised, perhaps only a part of it.
            group: the group its characters already belong to, if any.
            is_exact: known from outside the episode, so searched even if word-like.
            how: how it was found, see `ways`; of several the surest counts.
        """
        known = self._by_value.get(value)
        if known is not None:
            self._note_way(known, how)
            return known
        grams = self._without_neighbours(value, own_grams(value, is_exact=is_exact))
        # A value that shares a 6-gram with a known one is a copy or an unfinished form of it.
        if not group:
            group = next((g for g in map(self._grams.get, grams) if g), 0)
        if not group and not is_exact:
            group = next((own for whole, own in self._exact if value in whole), 0)
        if not group and self._weak:
            group = next((span.group for span in self.find_weak(value)), 0)
        if not group:
            group = len(self._kinds)
            self._kinds.append(kind)
        self._by_value[value] = group
        if is_exact:
            self._exact.append((value, group))
        self._note_way(group, how)
        self._look_for(value, grams, group, is_exact=is_exact)
        if kind == "PASSWORD" and not grams and _is_made_up(value):
            self._add_weak(value, group)
        for reading in readings_of(value):
            if reading not in self._by_value:
                self._by_value[reading] = group
                self._look_for(reading, own_grams(reading), group, is_exact=True)
        return group

    def learn_known(self, value: str) -> None:
        """Add an exact value of this machine, also in upper and lower case.

        A single word is added only as it is: in another case it may be ordinary text.
        """
        group = self.learn("SECRET", value, is_exact=True, how=EXACT)
        for form in (value.lower(), value.upper()):
            if form not in self._by_value and _is_made_up(value):
                self._by_value[form] = group
                self._look_for(form, own_grams(form), group, is_exact=True)

    def learn_marked(self, value: str) -> int:
        """Add a value that a person marked, and return its group.

        Unlike for recognised values, all its 6-grams are indexed even if it is a word: the
        person sees in review what that masks.
        """
        known = self._by_value.get(value)
        if known is None:
            known = self._by_value[value] = len(self._kinds)
            self._kinds.append("MASK")
            self._ways[known] = BY_HAND
            grams = tuple(value[at : at + GRAM] for at in range(len(value) - GRAM + 1))
            self._look_for(value, grams, known, is_exact=True)
            self._add_whole(value, known)
        return known

    def keep(self, value: str, group: int) -> None:
        """Find a recognised value, finished and of its own, wherever else it stands as a whole.

        A value recognised by shape is then masked in what the base holds, too.
        """
        kind = self._kinds[group]
        if kind in _BY_SIGN:
            may_stand_alone = not is_wordlike(value)
        elif kind in _OWN_KINDS or group not in self._identity_kinds:
            may_stand_alone = is_of_its_own(value)
        else:
            may_stand_alone = group in self._shapes
        if may_stand_alone and self._same.add(kind, value, group):
            self._shapes.discard(group)
            self.reach = max(self.reach, self._same.reach)
            self.version += 1
            self._forget_lines()

    def is_kept(self, value: str) -> bool:
        """Return whether a text is a value that is found wherever it stands as a whole."""
        return any(end - start == len(value) for start, end, _ in self._same.find(value))

    def find(self, text: str) -> list[Span]:
        """Return the spans of known values, or of 6 or more characters of one, in a text."""
        if self._is_empty:
            return []
        spans: list[Span] = []
        place = 0
        for line in text.splitlines(keepends=True):
            if hash(line) not in self._clean_lines:
                found = self._found.find(line)
                spans.extend(Span(place + low, place + high, group) for low, high, group in found)
                if not found:
                    self._note_clean(line)
            place += len(line)
        return spans

    @property
    def has_exact(self) -> bool:
        """Whether any value is known from outside the episode."""
        return bool(self._exact)

    @property
    def spans_names(self) -> bool:
        """Whether a known value contains `/`, so may span several components of a path."""
        if self._across_version != self.version:
            self._across_version = self.version
            self._across = any("/" in one for one in (*self._grams, *self._wholes))
        return self._across

    def find_raw(self, text: str) -> list[Span]:
        """Return the same as `find` for a piece of a line, without the cache of lines."""
        return [] if self._is_empty else list(self._find_in_line(text, 0))

    @property
    def _is_empty(self) -> bool:
        return not (self._grams or self._wholes or self._same)

    def find_at(self, part: Callable[[int, int], str], start: int, length: int) -> list[Span]:
        """Return the spans of known values that an edit completed or joined, and maybe others.

        Args:
            part: returns a range of the text.
            start: where the edit inserted text.
            length: how many characters it inserted.
        """
        if self._is_empty:
            return []
        low, end = max(0, start - self.reach + 1), start + length
        near = part(low, end + self.reach - 1)
        # Look up only the 6-grams that include or adjoin the edit: quick, as most match nothing.
        first = max(low, start - GRAM + 1) - low
        last = min(len(near), end - low + GRAM - 1) - GRAM
        grams = self._grams
        is_clear = not any(near[at : at + GRAM] in grams for at in range(first, last + 1))
        if is_clear and not (
            self._wholes or self._same.may_hold(near, first, last) or may_be_decoded(near)
        ):
            return []
        return list(self._find_in_line(near, low))

    @property
    def has_pieces(self) -> bool:
        """Whether any pieces are indexed that are searched only in what was typed."""
        return bool(self._weak or self._pieces)

    def find_weak(self, text: str) -> list[Span]:
        """Return the spans of pieces of word-like exact values; mask them in typed text only.

        In other text they may be ordinary words, and masking those would reveal the value
        (threat 4).
        """
        return list(_runs_of(self._weak, text)) if self._weak else []

    def find_pieces(self, text: str) -> list[Span]:
        """Return the spans of pieces of personal data that was recognised elsewhere."""
        spans = _runs_of(self._pieces, text) if self._pieces else ()
        return [span._replace(end=_behind_digits(text, span.end)) for span in spans]

    def piece_of(self, text: str) -> int:
        """Return the group of a known value that contains a text of 3 to 5 characters, or 0.

        Such pieces are too short to be masked everywhere. But several that overlap in one place
        add up to the whole value (threat 15).
        """
        if not 3 <= len(text) < GRAM:
            return 0
        if self._short_version != self.version:
            self._short_version = self.version
            self._short = {
                part[at : at + size]: group
                for value, group in self._by_value.items()
                for part in opaque_parts(value)
                for size in range(3, GRAM)
                for at in range(len(part) - size + 1)
            }
        return self._short.get(text, 0)

    def find_identities(self, text: str) -> list[Span]:
        """Return the spans of this machine's identities and of personal data in a text."""
        return [
            Span(
                one.start,
                _behind_digits(text, one.end),
                self.identity_group(one.kind, one.value, one.is_shape),
            )
            for one in self._identities.find(text)
        ]

    def learn_pieces(self, spelled: str, group: int) -> None:
        """Index the pieces of personal data, to find unfinished forms of it in typed text.

        The domain of an e-mail address is not indexed: many addresses share it.
        """
        kind = self._kinds[group]
        if kind not in _IN_PIECES or spelled in self._in_pieces:
            return
        self._in_pieces.add(spelled)
        self.version += 1
        end = spelled.find("@") + 1 if kind == "EMAIL" else len(spelled) - GRAM + 1
        for at in range(min(end, len(spelled) - GRAM + 1)):
            self._pieces.setdefault(spelled[at : at + GRAM], group)

    def find_in_strings(self, text: str) -> list[Span]:
        """Return what `find_identities` does for a string, also folders and parts of URLs."""
        return [
            Span(
                one.start,
                _behind_digits(text, one.end),
                self.identity_group(one.kind, one.value, one.is_shape),
            )
            for one in self._identities.find_in_strings(text)
        ]

    def identity_group(self, kind: str, value: str, is_shape: bool = False) -> int:
        """Return the group of an identity; its pieces are not indexed."""
        key = (kind, value)
        group = self._identity_groups.get(key)
        if group is None:
            group = self._identity_groups[key] = len(self._kinds)
            self._kinds.append(kind)
            self._ways[group] = _way_of(kind, is_shape=is_shape)
            self._identity_kinds.add(group)
            self._identity_keys[group] = key
            if is_shape:
                self._shapes.add(group)
        return group

    def knows(self, value: str) -> bool:
        """Return whether a text is a whole known value, not only a piece of one."""
        return value in self._by_value

    def is_commit(self, group: int) -> bool:
        """Return whether a group is a commit id, which strings show by its pseudonym."""
        return self._kinds[group] == "COMMIT"

    def is_shape(self, group: int) -> bool:
        """Return whether a group is personal data recognised by its shape only."""
        return group in self._shapes

    def is_widened(self, group: int) -> bool:
        """Return whether masks of this group are widened to whole tokens; identities are not."""
        return group not in self._identity_kinds

    def label(self, group: int) -> str:
        """Return the placeholder of a group; numbers are given in order of first use."""
        label = self._labels.get(group)
        if label is None:
            kind = self._kinds[group]
            self._counts[kind] = self._counts.get(kind, 0) + 1
            label = f"REDACTED_{kind}_{self._next_number(kind)}"
            while label in self._taken:
                label = f"REDACTED_{kind}_{self._next_number(kind)}"
            self._labels[group] = label
        return label

    def _next_number(self, kind: str) -> int:
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self._numbers[kind]

    def string_label(self, group: int) -> str:
        """Return a group's replacement in strings: roles for people, signs for folders."""
        label = self.label(group)
        kind, value = self._identity_keys.get(group, ("", ""))
        sign = _FOLDER_SIGNS.get(kind)
        if sign is not None and sign not in self._taken:
            self._signs[sign] = IDENTITY
            return sign
        if kind == "COMMIT":
            return self._identities.commit_name(value) or label
        person = self._identities.person_of(value) if kind in {"NAME", "EMAIL"} else None
        if person is None:
            return label
        return (
            f"other{self._others.setdefault(person, len(self._others) + 1)}" if person else "self"
        )

    def values_of(self, label: str) -> frozenset[str]:
        """Return the values behind a placeholder, in all forms they were learnt in."""
        groups = {group for group, known in self._labels.items() if known == label}
        named = {value for value, group in self._by_value.items() if group in groups}
        keys = {key[1] for group, key in self._identity_keys.items() if group in groups}
        return frozenset(named | keys)

    def groups_of(self, values: frozenset[str]) -> frozenset[int]:
        """Return the groups of these values."""
        if not values:
            return frozenset()
        named = {group for value, group in self._by_value.items() if value in values}
        keys = {group for group, key in self._identity_keys.items() if key[1] in values}
        return frozenset(named | keys)

    def take(self, in_texts: Collection[str], in_strings: Collection[str]) -> None:
        """Give no placeholder that already stands in the episode: it would read as a mask.

        What capture masked stands in strings alone; where a text has it too, nobody can tell.
        """
        self._taken = frozenset((*in_texts, *in_strings))
        is_captured = CAPTURED in in_strings and CAPTURED not in in_texts
        self._captured = {CAPTURED: EXACT} if is_captured else {}

    def forget_labels(self) -> None:
        """Restart the numbering of placeholders at 1, for another round."""
        self._labels.clear()
        self._counts.clear()
        self._numbers.clear()
        self._signs.clear()
        self._others.clear()

    def summary(self) -> dict[str, int]:
        """Return how many groups of each kind have a placeholder."""
        return dict(sorted(self._counts.items()))

    def ways(self) -> dict[str, str]:
        """Return for each placeholder and sign in use how its value was found."""
        labels = {label: self._ways.get(group, "") for group, label in self._labels.items()}
        signs = {sign: how for sign, how in self._signs.items() if sign != "."}
        return {**labels, **signs, **self._captured}

    def grams(self, shown: frozenset[int] = frozenset()) -> Iterator[str]:
        """Yield all 6-grams that must not be visible, and the word-like values as a whole.

        Groups in `shown` are excepted.
        """
        yield from (gram for gram, group in self._grams.items() if group not in shown)
        yield from (whole for whole, group in self._wholes.items() if group not in shown)

    def _note_way(self, group: int, how: str) -> None:
        known = self._ways.get(group, "")
        if how and (not known or (sureness(how), how) < (sureness(known), known)):
            self._ways[group] = how

    def _without_neighbours(self, value: str, grams: tuple[str, ...]) -> tuple[str, ...]:
        """Drop the 6-grams of ordinary words that are glued to a known value.

        While code is typed around a secret, word and secret are one token for a few keys. The
        word must not be masked everywhere because of that.
        """
        known = [self._grams.get(value[at : at + GRAM], 0) for at in range(len(value) - GRAM + 1)]
        if sum(map(bool, known)) < GRAM or all(known):
            return grams
        covered = bytearray(len(value))
        for at, group in enumerate(known):
            if group:
                covered[at : at + GRAM] = b"\1" * GRAM
        left_out: set[str] = set()
        lead = _LEAD.match(value)
        if lead is not None and not all(known[: lead.end()]) and random_bits(lead[0]) < 0:
            left_out.update(value[at : at + GRAM] for at in range(lead.end() - GRAM + 1))
        for match in _UNCOVERED.finditer(covered):
            segment = value[match.start() : match.end()]
            if is_wordlike(_without_start(segment)):
                left_out.update(segment[at : at + GRAM] for at in range(len(segment) - GRAM + 1))
        return tuple(gram for gram in grams if gram not in left_out)

    def _look_for(self, value: str, grams: tuple[str, ...], group: int, *, is_exact: bool) -> None:
        fresh = [gram for gram in grams if gram not in self._grams]
        for gram in fresh:
            self._grams[gram] = group
        if fresh:
            self.version += 1
            self._forget_lines()
        if is_exact and not grams:
            self._add_whole(value, group)
            self._add_weak(value, group)

    def _add_weak(self, value: str, group: int) -> None:
        for at in range(len(value) - GRAM + 1):
            gram = value[at : at + GRAM]
            if gram not in PUBLIC_GRAMS:
                self._weak.setdefault(gram, group)

    def _add_whole(self, value: str, group: int) -> None:
        self._wholes[value] = group
        self.reach = max(self.reach, len(value))
        self.version += 1
        self._forget_lines()

    def _forget_lines(self) -> None:
        """Search every line again: the index has grown."""
        self._clean_lines.clear()
        self._found.forget()
        self._windows = None

    def _runs_in_long(self, line: str) -> Iterator[Span]:
        """Yield what `_runs_of` does, but look only where a 6-gram may begin."""
        if self._windows is None:
            self._windows = Windows(map(_ascii, self._grams))
        end = 0
        for place in self._windows.places(_ascii(line)):
            if place >= end and line[place : place + GRAM] in self._grams:
                span = next(_runs_of(self._grams, line, place))
                end = span.end - GRAM + 1
                yield span

    def _find_in_line(self, line: str, offset: int) -> Iterator[Span]:
        for start, end, group in self._find_as_written(line):
            yield Span(offset + start, offset + end, group)
        for view in decoded_views(line):
            for start, end, group in self._find_as_written(view.text):
                yield Span(offset + view.starts[start], offset + view.ends[end - 1], group)

    def _find_as_written(self, line: str) -> Iterator[Span]:
        yield from self._runs_in_long(line) if len(line) > _LONG else _runs_of(self._grams, line)
        for value, group in self._wholes.items():
            start = line.find(value)
            while start >= 0:
                yield Span(start, start + len(value), group)
                start = line.find(value, start + len(value))
        for start, end, group in self._same.find(line):
            yield Span(start, end, group)

    def _note_clean(self, line: str) -> None:
        if len(self._clean_lines) > KNOWN_LINES:
            self._clean_lines.clear()
        self._clean_lines.add(hash(line))


def _way_of(kind: str, *, is_shape: bool) -> str:
    if kind in _BY_SIGN:
        return IN_ADDRESS
    return FORM if is_shape else IDENTITY


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Sort spans and join those that overlap; the group of the first one is kept."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(merged[-1].end, span.end))
        elif span.end > span.start:
            merged.append(span)
    return merged


def _behind_digits(text: str, end: int) -> int:
    """Extend a span over following digits: they would read as part of a placeholder's number."""
    while end < len(text) and text[end].isdigit():
        end += 1
    return end


def _ascii(text: str) -> bytes:
    """Return one byte per character, so that offsets stay equal."""
    return text.encode("ascii", "replace")


def _runs_of(grams: Mapping[str, int], line: str, place: int = 0) -> Iterator[Span]:
    """Yield the maximal runs of a line, from `place`, in which every 6-gram is one of `grams`."""
    last = len(line) - GRAM
    while place <= last:
        group = grams.get(line[place : place + GRAM])
        if group is None:
            place += 1
            continue
        end = place + 1
        while end <= last and line[end : end + GRAM] in grams:
            end += 1
        yield Span(place, end + GRAM - 1, group)
        place = end


def _without_start(segment: str) -> str:
    """Return a segment without the issuer's prefix of the token that follows it."""
    starts = [one for one in PREFIXES if segment.endswith(one)]
    return segment.removesuffix(max(starts, key=len, default=""))


def _is_made_up(value: str) -> bool:
    """Return whether a value is more than a single word, which code may be full of."""
    return any(char.isdigit() for char in value) or not value.isalpha()
