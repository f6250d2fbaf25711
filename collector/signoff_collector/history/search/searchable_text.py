"""The searchable content of one session: lines of its files, and texts of its steps.

Both are available as concatenated bytes too: most searches match nothing in most sessions, and a
byte search rules that out at once.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

from signoff_collector.history.search.line_log import Track, tracks_of
from signoff_collector.history.search.step_text import StepText

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from signoff_collector.history.search.searchable import Searchable


class SearchableText(Protocol):
    """Interface to the searchable content of one session; packed parts are decoded lazily."""

    @property
    def end(self) -> tuple[int, int]:
        """Last step of the session and its time: the end of the observation of its files."""
        ...

    def lines(self) -> bytes:
        """Return every distinct line of its files, newline-separated."""
        ...

    def kinds(self) -> Collection[str]:
        """Return the kinds of steps that have text."""
        ...

    def said(self, kind: str) -> bytes:
        """Return all texts of steps of a kind, newline-separated."""
        ...

    def step_texts_at(self, kind: str, places: Iterable[int] | None) -> Iterator[StepText]:
        """Yield the texts of steps at some offsets into `said`; None for all."""
        ...

    def tracks_with(self, lines: Collection[str], wants: Callable[[str], bool]) -> Iterator[Track]:
        """Yield the tracks that contain some of the lines, for paths that `wants` accepts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionText:
    """Implementation of `SearchableText` over the steps of a session."""

    tracks: tuple[Track, ...]
    step_texts: tuple[StepText, ...]
    end: tuple[int, int] = (0, 0)

    def lines(self) -> bytes:
        """Return every distinct line of its files, newline-separated."""
        every = (line for track in self.tracks for event in track.events for line in event.inserted)
        return encoded("\n".join(dict.fromkeys(every)))

    def kinds(self) -> Collection[str]:
        """Return the kinds of steps that have text."""
        return dict.fromkeys(one.kind for one in self.step_texts)

    def of_kind(self, kind: str) -> list[StepText]:
        """Return the texts of steps of a kind, in order."""
        return [one for one in self.step_texts if one.kind == kind]

    def said(self, kind: str) -> bytes:
        """Return all texts of steps of a kind, newline-separated."""
        return encoded("\n".join(text for one in self.of_kind(kind) for text in one.texts))

    def step_texts_at(self, kind: str, places: Iterable[int] | None) -> Iterator[StepText]:
        """Yield the texts of steps at some offsets into `said`; None for all."""
        own = self.of_kind(kind)
        if places is None:
            yield from own
            return
        ends = list(accumulate(sum(len(text) + 1 for text in one.texts) for one in own))
        for number in numbers_at(ends, places):
            yield own[number]

    def tracks_with(self, lines: Collection[str], wants: Callable[[str], bool]) -> Iterator[Track]:
        """Yield the tracks that contain some of the lines, for paths that `wants` accepts."""
        for track in self.tracks:
            came = (line for event in track.events for line in event.inserted)
            if wants(track.path) and any(line in lines for line in came):
                yield track


def numbers_at(ends: Sequence[int], places: Iterable[int]) -> list[int]:
    """Return the index of the stretch, given by end offsets, of each offset; ascending."""
    return sorted({bisect_right(ends, place) for place in places})


def encoded(text: str) -> bytes:
    """Encode text as UTF-8, lone surrogates included."""
    return text.encode("utf-8", "surrogatepass")


def decoded(data: bytes) -> str:
    """Decode text that `encoded` made."""
    return data.decode("utf-8", "surrogatepass")


def session_text(searchable: Searchable) -> SessionText:
    """Return the searchable content of a session, from its steps.

    Raises:
        DamagedError: the session cannot be read.
    """
    return SessionText(
        tracks=tuple(tracks_of(searchable)),
        step_texts=tuple(searchable.step_texts()),
        end=searchable.end,
    )
