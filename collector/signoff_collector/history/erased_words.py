"""Words of what was erased: without one of them no text of a session can be found deleted.

Where lines became others, what they have in common at both ends is still there; so a text
that went reaches into the middle, and of its words at least one is there or next to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.history.words import word_spans
from signoff_collector.text_ends import shared_head, shared_tail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from signoff_collector.history.line_log import Track


def erased_words(tracks: Iterable[Track]) -> set[str]:
    """Return the words in and next to everything that was erased and is not in a file's end."""
    every = tuple(tracks)
    at_end = {track.path: set(_end(track)) for track in every if track.is_main}
    found: set[str] = set()
    for track in every:
        stands = at_end.get(track.path, set())
        for old, new in _erasures(track):
            if not set(old).difference(new) <= stands:
                found |= words_lost("\n".join(old), "\n".join(new))
    return found


def words_lost(old: str, new: str) -> set[str]:
    """Return the words of `old` that reach into what `new` has not, and their neighbours."""
    old, new = old.lower(), new.lower()
    low = shared_head(old, new)
    high = len(old) - shared_tail(old, new, low)
    if low == high and low in {0, len(old)}:
        return set()
    spans = word_spans(old)
    inside = {word for start, end, word in spans if start <= high and end >= low}
    left, right = (_touches(spans, place) for place in (low, high))
    before = [word for _, end, word in spans if end < low and not left]
    behind_it = [word for start, _, word in spans if start > high and not right]
    return inside.union(before[-1:], behind_it[:1])


def _touches(spans: Sequence[tuple[int, int, str]], place: int) -> bool:
    return any(start <= place <= end for start, end, _ in spans)


def _erasures(track: Track) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Yield lines that stood, and those that came for them, where anything was erased."""
    standing: list[str] = []
    for event in track.events:
        place = slice(event.at, event.at + event.removed)
        if event.is_deletion:
            yield standing[place], event.inserted
        standing[place] = event.inserted


def _end(track: Track) -> list[str]:
    standing: list[str] = []
    for event in track.events:
        standing[event.at : event.at + event.removed] = event.inserted
    return standing
