"""Search one session: any line that its files ever had, and the texts of its steps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.capture.runs.own_lines import is_looking_back
from signoff_collector.history.search.kinds import TEXT_KIND
from signoff_collector.history.search.searchable_text import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import PurePosixPath

    from signoff_collector.history.search.line_log import LineEvent, Track
    from signoff_collector.history.search.matcher import Matcher
    from signoff_collector.history.search.searchable_text import SearchableText
    from signoff_collector.history.search.step_text import StepText

_OWN: Final = "signoff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One match."""

    kind: str
    """`edit` for text in a file, else the kind of the step."""
    path: str | None
    line: int | None
    """Line number at that moment, from 1; None if it is not in a file."""
    text: str
    """The line with the match."""
    seq: int
    """A step after which it exists: the last such step for deleted text."""
    t_ns: int
    """Time of insertion since the session's start; of deleted text: deletion or last sighting."""
    is_deleted: bool = False
    """The file lacks it at the end of the session; `current_files` checks the present."""
    is_passed: bool = False
    """A line that was typed on, or lay under unsaved text at the end: listed only where it stands
    in the file now, which may have lost what came after it."""
    last: tuple[int, int] = (0, 0)
    """Last step of the session and its time."""
    more: int = 0
    """Number of further matching lines of the file that are not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Filter for the hits of a session."""

    kinds: frozenset[str] | None = None
    """None for all kinds."""
    path: PurePosixPath | None = None
    """Only this file or folder of a workspace."""

    def has_kind(self, kind: str) -> bool:
        """Return whether a kind has to be searched."""
        return self.kinds is None or kind in self.kinds

    def has_path(self, path: str | None) -> bool:
        """Return whether hits in a file, or outside of files, are wanted."""
        if self.path is None:
            return True
        return path is not None and (path == str(self.path) or path.startswith(f"{self.path}/"))


ANYWHERE: Final = Scope()


def search_session(
    held: SearchableText, matcher: Matcher, scope: Scope = ANYWHERE, *, has_passed: bool = False
) -> list[Hit]:
    """Return the hits in one session, newest first.

    Per file these are the lines at the end, and each deleted line with a match.

    Args:
        held: the searchable content of the session.
        matcher: what is looked for.
        scope: which hits are wanted.
        has_passed: also those to be compared with the files as they are now.
    """
    found: list[Hit] = []
    if scope.has_kind(TEXT_KIND):
        hits = _in_files(held, matcher, scope)
        found.extend(hit for hit in hits if has_passed or not hit.is_passed)
    for kind in held.kinds():
        if scope.has_kind(kind):
            found.extend(_in_step_texts(held, kind, matcher, scope))
    return newest_first(found)


def newest_first(hits: Iterable[Hit]) -> list[Hit]:
    """Sort hits into listing order."""
    return sorted(hits, key=lambda hit: (hit.seq, hit.path or "", -(hit.line or 0)), reverse=True)


def _in_step_texts(
    held: SearchableText, kind: str, matcher: Matcher, scope: Scope
) -> Iterator[Hit]:
    said = held.said(kind)
    if not matcher.may_be_in(said):
        return
    for one in held.step_texts_at(kind, matcher.places_among(decoded(said))):
        if scope.has_path(one.path):
            yield from _in_step_text(one, matcher)


def _in_step_text(one: StepText, matcher: Matcher) -> Iterator[Hit]:
    if one.kind == "command" and any(map(_is_own, one.texts)):
        return  # exclude our own commands: a search would find itself and earlier outputs
    for text in one.texts:
        first = matcher.first_line(text)
        if first is not None:
            yield Hit(
                kind=one.kind,
                path=one.path,
                line=None,
                text=first[1],
                seq=one.seq,
                t_ns=one.t_ns,
            )
            return


def _is_own(text: str) -> bool:
    return _OWN in text and "\n" not in text and is_looking_back(text)


def _in_files(held: SearchableText, matcher: Matcher, scope: Scope) -> Iterator[Hit]:
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
    """Return the number of matches in each line that has one.

    All lines are searched as one text; no match crosses a line.
    """
    found: Counter[str] = Counter()
    for low in matcher.places(lines):
        end = lines.find("\n", low)
        found[lines[lines.rfind("\n", 0, low) + 1 : len(lines) if end < 0 else end]] += 1
    return found


class _FileHits:
    """Collects the hits of one file."""

    def __init__(self, path: str, counts: Mapping[str, int], last: tuple[int, int]) -> None:
        self._path = path
        self._counts = counts
        self._last = last
        self._there: list[Hit] = []
        self._at_end: set[str] = set()
        self._deleted: dict[str, Hit] = {}
        self._passed: dict[str, Hit] = {}

    def follow(self, track: Track) -> None:
        """Process the events of one track."""
        standing: list[_Line] = []
        deleted: dict[str, Hit] = {}
        for event in track.events:
            old = standing[event.at : event.at + event.removed]
            lost = [line for line in old if line.text in self._counts]
            came = lost[0].came if lost else event  # a continued line: the match existed before
            new = [_Line(text, came) for text in event.inserted]
            standing[event.at : event.at + event.removed] = new
            won = {line.text for line in new if line.text in self._counts}
            for place, line in enumerate(new):
                if line.text in won:
                    deleted.pop(line.text, None)
                    hit = self._hit(line.text, event.at + place, event)
                    self._passed[line.text] = replace(hit, is_deleted=True, is_passed=True)
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
        """Yield existing lines, and others except those that exist at the end."""
        yield from self._there
        others = self._passed | self._deleted
        yield from (hit for text, hit in others.items() if text not in self._at_end)


class _Line(NamedTuple):
    """A line of the current text, with the event that inserted it or its first version."""

    text: str
    came: LineEvent
