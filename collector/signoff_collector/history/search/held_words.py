"""What a search of one session looks through: the lines of its files, and what was said.

Both are at hand as bytes too: most searches find nothing in most sessions, and whether a
text can be there is seen in bytes at once.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

from signoff_collector.history.search.line_log import Track, tracks_of
from signoff_collector.history.search.saying import Saying

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from signoff_collector.history.search.searchable import Searchable


class Held(Protocol):
    """All that can be found in one session; what was packed is made when it is asked for."""

    @property
    def end(self) -> tuple[int, int]:
        """The last step of the session and its time: until then its files were seen."""
        ...

    def lines(self) -> bytes:
        """Return every line that its files had, once, with line ends between them."""
        ...

    def kinds(self) -> Collection[str]:
        """Return the kinds of steps that say something."""
        ...

    def said(self, kind: str) -> bytes:
        """Return all texts that steps of a kind say, with line ends between them."""
        ...

    def sayings_at(self, kind: str, places: Iterable[int] | None) -> Iterator[Saying]:
        """Yield what is said at some characters of `said`; None for everywhere."""
        ...

    def tracks_with(self, lines: Collection[str], wants: Callable[[str], bool]) -> Iterator[Track]:
        """Yield the tracks that had one of some lines, of files whose path is wanted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldWords:
    """The same, from the steps of a session (`Held`)."""

    tracks: tuple[Track, ...]
    sayings: tuple[Saying, ...]
    end: tuple[int, int] = (0, 0)

    def lines(self) -> bytes:
        """Return every line that its files had, once, with line ends between them."""
        every = (line for track in self.tracks for event in track.events for line in event.inserted)
        return encoded("\n".join(dict.fromkeys(every)))

    def kinds(self) -> Collection[str]:
        """Return the kinds of steps that say something."""
        return dict.fromkeys(saying.kind for saying in self.sayings)

    def of_kind(self, kind: str) -> list[Saying]:
        """Return what steps of a kind say, in order."""
        return [saying for saying in self.sayings if saying.kind == kind]

    def said(self, kind: str) -> bytes:
        """Return all texts that steps of a kind say, with line ends between them."""
        return encoded("\n".join(text for saying in self.of_kind(kind) for text in saying.texts))

    def sayings_at(self, kind: str, places: Iterable[int] | None) -> Iterator[Saying]:
        """Yield what is said at some characters of `said`; None for everywhere."""
        own = self.of_kind(kind)
        if places is None:
            yield from own
            return
        ends = list(accumulate(sum(len(text) + 1 for text in saying.texts) for saying in own))
        for number in numbers_at(ends, places):
            yield own[number]

    def tracks_with(self, lines: Collection[str], wants: Callable[[str], bool]) -> Iterator[Track]:
        """Yield the tracks that had one of some lines, of files whose path is wanted."""
        for track in self.tracks:
            came = (line for event in track.events for line in event.inserted)
            if wants(track.path) and any(line in lines for line in came):
                yield track


def numbers_at(ends: Sequence[int], places: Iterable[int]) -> list[int]:
    """Return which of some stretches, given by their ends, hold some places; in order."""
    return sorted({bisect_right(ends, place) for place in places})


def encoded(text: str) -> bytes:
    """Return a text as UTF-8, half characters and all."""
    return text.encode("utf-8", "surrogatepass")


def decoded(data: bytes) -> str:
    """Return the text that was encoded."""
    return data.decode("utf-8", "surrogatepass")


def held_words(searchable: Searchable) -> HeldWords:
    """Return what can be found in a session, from its steps.

    Raises:
        DamagedError: the session cannot be read.
    """
    return HeldWords(
        tracks=tuple(tracks_of(searchable)),
        sayings=tuple(searchable.sayings()),
        end=searchable.end,
    )
