"""Where in one session something stood, or stands: in any line of its files, in what was said."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.capture.runs.own_lines import is_looking_back
from signoff_collector.history.search.held_words import decoded
from signoff_collector.history.search.kinds import TEXT_KIND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import PurePosixPath

    from signoff_collector.history.search.held_words import Held
    from signoff_collector.history.search.line_log import LineEvent, Track
    from signoff_collector.history.search.matcher import Matcher
    from signoff_collector.history.search.saying import Saying

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
    """When it came to stand there, since the session's start; of deleted text: when it was lost,
    or last seen where nobody saw it go."""
    is_deleted: bool = False
    """It stood in the file and does not at the end of the session; `standing_now` says more."""
    last: tuple[int, int] = (0, 0)
    """The last step of the session and its time."""
    more: int = 0
    """How many more lines of the file are hits and are not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which hits of a session are wanted."""

    kinds: frozenset[str] | None = None
    """None for all."""
    path: PurePosixPath | None = None
    """Only in this file or folder of a workspace."""

    def has_kind(self, kind: str) -> bool:
        """Say whether a kind needs to be looked through."""
        return self.kinds is None or kind in self.kinds

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
    return newest_first(found)


def newest_first(hits: Iterable[Hit]) -> list[Hit]:
    """Return hits in the order in which they are listed."""
    return sorted(hits, key=lambda hit: (hit.seq, hit.path or "", -(hit.line or 0)), reverse=True)


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
        own = by_path.setdefault(track.path, _FileHits(track.path, counts, held.end))
        own.follow(track)
    for hits in by_path.values():
        yield from hits.listed()


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

    def __init__(self, path: str, counts: Mapping[str, int], last: tuple[int, int]) -> None:
        self._path = path
        self._counts = counts
        self._last = last
        self._there: list[Hit] = []
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
            last=self._last,
        )

    def _end(self, standing: Sequence[_Line]) -> None:
        there = [(n, line) for n, line in enumerate(standing) if line.text in self._counts]
        self._at_end = {line.text for _, line in there}
        self._there = [self._hit(line.text, place, line.came) for place, line in there]

    def listed(self) -> Iterator[Hit]:
        """Yield lines that stand, and lines that went, but for those that stand at the end."""
        yield from self._there
        yield from (hit for text, hit in self._deleted.items() if text not in self._at_end)


class _Line(NamedTuple):
    """A line that stands in a text, and what brought it or the line it grew from."""

    text: str
    came: LineEvent
