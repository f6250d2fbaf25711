"""Where in one session something stood, or stands: in any line of its files, in what was said."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.capture.own_lines import is_looking_back
from signoff_collector.history.held_words import decoded
from signoff_collector.history.kinds import TEXT_KIND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import PurePosixPath

    from signoff_collector.history.held_words import Held
    from signoff_collector.history.line_log import LineEvent, Track
    from signoff_collector.history.matcher import Matcher
    from signoff_collector.history.saying import Saying

_OWN: Final = "signoff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One place where it was found."""

    kind: str
    """`edit` for text in a file, else the kind of the step that says it."""
    path: str | None
    line: int | None
    """Number of the line at that moment, from 1; None where it is in no file."""
    text: str
    """The line that holds it."""
    seq: int
    """A step after which it is there: the last one for text that was deleted."""
    t_ns: int
    """When that step was, since the session's start."""
    is_deleted: bool = False
    """It stood in the file and does not at the end of the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which hits of a session are wanted."""

    kinds: frozenset[str] | None = None
    """None for all."""
    is_deleted_only: bool = False
    path: PurePosixPath | None = None
    """Only in this file or folder of a workspace."""

    @property
    def parts(self) -> frozenset[str] | None:
        """Kinds that need to be looked through; None for all."""
        if self.is_deleted_only:
            return frozenset({TEXT_KIND}) & (self.kinds or {TEXT_KIND})
        return self.kinds

    def has_kind(self, kind: str) -> bool:
        """Say whether a kind needs to be looked through."""
        return self.parts is None or kind in self.parts

    def has_path(self, path: str | None) -> bool:
        """Say whether hits in a file, or in none, are wanted."""
        if self.path is None:
            return True
        return path is not None and (path == str(self.path) or path.startswith(f"{self.path}/"))


ANYWHERE: Final = Scope()


def search_session(held: Held, matcher: Matcher, scope: Scope = ANYWHERE) -> list[Hit]:
    """Return the hits in one session, newest first.

    Per file that is where it first stands at the end, and each line with it that was deleted.

    Args:
        held: all that can be found in the session.
        matcher: what is looked for.
        scope: which hits are wanted.
    """
    found: list[Hit] = []
    if scope.has_kind(TEXT_KIND):
        found.extend(_in_files(held, matcher, scope))
    for kind in held.kinds():
        if scope.has_kind(kind):
            found.extend(_in_sayings(held, kind, matcher, scope))
    return sorted(found, key=lambda hit: (hit.seq, hit.path or ""), reverse=True)


def _in_sayings(held: Held, kind: str, matcher: Matcher, scope: Scope) -> Iterator[Hit]:
    said = held.said(kind)
    if not matcher.may_be_in(said):
        return
    for saying in held.sayings_at(kind, matcher.places_among(decoded(said))):
        if scope.has_path(saying.path):
            yield from _in_saying(saying, matcher)


def _in_saying(saying: Saying, matcher: Matcher) -> Iterator[Hit]:
    if saying.kind == "command" and any(map(_is_own, saying.texts)):
        return  # a search would find itself, and what earlier ones printed
    for text in saying.texts:
        first = matcher.first_line(text)
        if first is not None:
            yield Hit(
                kind=saying.kind,
                path=saying.path,
                line=None,
                text=first[1],
                seq=saying.seq,
                t_ns=saying.t_ns,
            )
            return


def _is_own(text: str) -> bool:
    return _OWN in text and "\n" not in text and is_looking_back(text)


def _in_files(held: Held, matcher: Matcher, scope: Scope) -> Iterator[Hit]:
    lines = held.lines()
    counts = _counts(decoded(lines), matcher) if matcher.may_be_in(lines) else {}
    if not counts:
        return
    by_path: dict[str, _FileHits] = {}
    for track in held.tracks_with(counts, scope.has_path):
        by_path.setdefault(track.path, _FileHits(track.path, counts)).follow(track)
    for hits in by_path.values():
        yield from (hit for hit in hits.listed() if hit.is_deleted or not scope.is_deleted_only)


def _counts(lines: str, matcher: Matcher) -> Mapping[str, int]:
    """Return how often it is there in each line that holds it.

    All lines are looked through as one text, which no hit reaches across.
    """
    found: Counter[str] = Counter()
    for low in matcher.places(lines):
        end = lines.find("\n", low)
        found[lines[lines.rfind("\n", 0, low) + 1 : len(lines) if end < 0 else end]] += 1
    return found


class _FileHits:
    """The hits of one file."""

    def __init__(self, path: str, counts: Mapping[str, int]) -> None:
        self._path = path
        self._counts = counts
        self._there: Hit | None = None
        self._at_end: set[str] = set()
        self._deleted: dict[str, Hit] = {}

    def follow(self, track: Track) -> None:
        """Follow the events of one track."""
        standing: list[_Line] = []
        deleted: dict[str, Hit] = {}
        for event in track.events:
            old = standing[event.at : event.at + event.removed]
            lost = [line for line in old if line.text in self._counts]
            came = lost[0].came if lost else event  # typed on: it was there before
            new = [_Line(text, came) for text in event.inserted]
            standing[event.at : event.at + event.removed] = new
            won = {line.text for line in new if line.text in self._counts}
            for text in won:
                deleted.pop(text, None)
            if lost and event.is_deletion and self._sum(lost) > self._sum(new):
                for place, line in enumerate(old):
                    if line.text in self._counts and line.text not in won:
                        hit = self._hit(line.text, event.at + place, event, is_deleted=True)
                        deleted[line.text] = hit
        for text, hit in deleted.items():
            self._deleted.setdefault(text, hit)
        if track.is_main:
            self._end(standing)

    def _sum(self, lines: Sequence[_Line]) -> int:
        return sum(self._counts.get(line.text, 0) for line in lines)

    def _hit(self, text: str, place: int, event: LineEvent, *, is_deleted: bool = False) -> Hit:
        return Hit(
            kind=TEXT_KIND,
            path=self._path,
            line=place + 1,
            text=text,
            seq=max(event.begun - 1, 0) if is_deleted else event.seq,
            t_ns=event.t_ns,
            is_deleted=is_deleted,
        )

    def _end(self, standing: Sequence[_Line]) -> None:
        there = [(n, line) for n, line in enumerate(standing) if line.text in self._counts]
        self._at_end = {line.text for _, line in there}
        if there:
            place, line = there[0]
            self._there = self._hit(line.text, place, line.came)

    def listed(self) -> Iterator[Hit]:
        """Yield where it stands, and lines that went, but for those that stand at the end."""
        if self._there is not None:
            yield self._there
        yield from (hit for text, hit in self._deleted.items() if text not in self._at_end)


class _Line(NamedTuple):
    """A line that stands in a text, and what brought it or the line it grew from."""

    text: str
    came: LineEvent
