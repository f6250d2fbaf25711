"""Gives random access to every state of one text, from an index built on first use.

Every character ever inserted gets a birth (the edit that inserted it) and a death (the edit
that deleted it); the text after edit k is the characters born by k and not yet dead. The
index is never stored in the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode.replacing import Replacements, find_replacements

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signoff_collector.episode.content import Column

_NEVER: Final = np.iinfo(np.int32).max
_CODECS: Final = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}


class ImpossibleEditError(ValueError):
    """An edit reaches beyond the text it changes.

    Attributes:
        index: its place among the edits of this text.
    """

    def __init__(self, index: int, length: int) -> None:
        super().__init__(f"edit {index} of this text reaches beyond its {length} characters")
        self.index = index


class TextHistory:
    """One text and all its edits, until it was closed or replaced."""

    def __init__(
        self,
        *,
        initial: str,
        start: Column,
        deleted: Column,
        inserted: Column,
        text: str,
        replacements: Replacements | None = None,
    ) -> None:
        """Take the text before the first edit, and the edits as columns.

        `text` holds all inserted characters, `replacements` runs that the reader already
        found. Nothing is computed here.
        """
        self.initial = initial
        self.count = len(start)
        self._start = start
        self._deleted = deleted
        self._inserted = inserted
        self._text = text
        self._replacements = replacements
        self._final: str | None = None
        self._index: _Index | None = None
        self._recent = (0, initial)
        """Cache of the latest result: number of edits, and the text after them."""
        self._lengths: Column | None = None
        self._has_returns: bool | None = None

    def length(self, count: int) -> int:
        """Return the length of the text after `count` edits, without computing the text."""
        if self._lengths is None:
            self._lengths = len(self.initial) + np.cumsum(self._inserted - self._deleted)
        return int(self._lengths[min(count, self.count) - 1]) if count > 0 else len(self.initial)

    @property
    def has_returns(self) -> bool:
        """Whether it ever held a carriage return."""
        if self._has_returns is None:
            self._has_returns = "\r" in self.initial or "\r" in self._text
        return self._has_returns

    def after(self, count: int) -> str:
        """Return the text after `count` of its edits.

        The first call that needs the index builds it, at about 0.2 µs per character.

        Raises:
            ImpossibleEditError: an edit does not fit the text.
        """
        if count <= 0 or not self.count:
            return self.initial
        if count >= self.count:
            if self._final is None:
                self._final = self._replay()
            return self._final
        if self._index is None:
            self._index = _Index(self)
        if self._recent[0] != count:
            self._recent = (count, self._index.after(count))
        return self._recent[1]

    def _replay(self) -> str:
        """Apply all replacements in a gap buffer of fixed-width characters."""
        self.refuse_impossible()
        whole = self.initial + self._text
        width = _width(whole)
        codec = _CODECS[width]
        seed = len(self.initial) * width
        characters = whole.encode(codec, "surrogatepass")
        document = memoryview(bytearray(len(characters)))
        document[:seed] = characters[:seed]
        characters = characters[seed:]
        left, right = seed, len(document)
        # The text is document[:left] + document[right:]; the gap between is moved to each edit.
        for begin, end, low, high in self.replacements().without_corrections(width):
            if end == left:  # deletes right before the gap, or inserts there: nothing to move
                left = begin
            else:
                if begin < left:
                    at = right - left + begin
                    document[at:right] = document[begin:left]
                    right = at
                elif begin > left:
                    at = right - left + begin
                    document[left:begin] = document[right:at]
                    right = at
                left = begin
                right += end - begin
            if high > low:
                at = left + high - low
                document[left:at] = characters[low:high]
                left = at
        return str(document[:left], codec, "surrogatepass") + str(
            document[right:], codec, "surrogatepass"
        )

    def refuse_impossible(self) -> None:
        """Raise the error for the first edit that reaches beyond the text, if one does."""
        runs = self.replacements()
        net = np.diff(runs.text_start) - (runs.stop - runs.start)
        lengths = len(self.initial) + np.cumsum(net) - net
        wrong = np.flatnonzero(runs.stop > lengths)
        if wrong.size:
            raise ImpossibleEditError(int(runs.first[wrong[0]]), int(lengths[wrong[0]]))

    def replacements(self) -> Replacements:
        """Return the edits coalesced into replacements."""
        if self._replacements is None:
            self._replacements = find_replacements(self._start, self._deleted, self._inserted)
        return self._replacements

    @property
    def births(self) -> Column:
        """For each character ever present, initial ones (0) first: the edit that inserted it."""
        return np.concatenate(
            [
                np.zeros(len(self.initial), np.int64),
                np.repeat(np.arange(1, self.count + 1), self._inserted),
            ]
        )

    @property
    def deletions(self) -> Column:
        """How many characters each edit removed."""
        return self._deleted

    @property
    def characters(self) -> str:
        """All characters ever present, by birth."""
        return self.initial + self._text


def lineage(history: TextHistory) -> tuple[Column, Column, Column]:
    """Return all characters ever present, in document order: number, birth and death.

    The number is the place in `characters`; birth is the edit that inserted it, 0 for initial
    ones; death the edit that deleted it, more than `count` while it lives.

    Raises:
        ImpossibleEditError: an edit does not fit the text.
    """
    order, deaths = _order_and_deaths(history, len(history.characters))
    return order, history.births[order], deaths[order].astype(np.int64)


class _Index:
    """All characters ever present, in document order, with birth and death."""

    def __init__(self, history: TextHistory) -> None:
        text = history.characters
        total = len(text)
        self._codec = _CODECS[_width(text)]
        order, deaths = _order_and_deaths(history, total)
        points = np.frombuffer(
            text.encode(self._codec, "surrogatepass"), np.dtype(f"<u{_width(text)}")
        )
        self._points: NDArray[np.unsignedinteger] = points[order]
        self._births = history.births.astype(np.int32)[order]
        self._deaths = deaths[order]

    def after(self, count: int) -> str:
        alive = (self._births <= count) & (self._deaths > count)
        return self._points[alive].tobytes().decode(self._codec, "surrogatepass")


def _order_and_deaths(history: TextHistory, total: int) -> tuple[Column, NDArray[np.int32]]:
    """Return character numbers in document order, and the edit that removed each.

    Living characters are numbers in a gap buffer. A linked list of all characters, dead ones
    included, gives the document order: each insert is linked after its left neighbour.
    """
    seed = len(history.initial)
    following = np.arange(1, total + 2, dtype=np.int64)
    following[total] = 0 if seed else -1
    if seed:
        following[seed - 1] = -1
    visible = np.empty(total + 1, np.int64)
    visible[:seed] = np.arange(seed)
    left, right = seed, total + 1
    deaths = np.full(total, _NEVER, np.int32)
    deleted = history.deletions
    runs = history.replacements()
    history.refuse_impossible()
    firsts, is_backward = runs.first.tolist(), runs.is_backward.tolist()
    for number, (start, stop, low, high) in enumerate(runs):
        if start < left:
            moved = left - start
            visible[right - moved : right] = visible[start:left].copy()
            left, right = start, right - moved
        elif start > left:
            moved = start - left
            visible[left:start] = visible[right : right + moved].copy()
            left, right = start, right + moved
        if stop > start:
            gone = visible[right : right + stop - start]
            edits = np.arange(firsts[number] + 1, firsts[number + 1] + 1)
            when = np.repeat(edits, deleted[edits - 1])
            deaths[gone] = when[::-1] if is_backward[number] else when
            right += stop - start
        if high > low:
            begin, end = seed + low, seed + high
            behind = visible[left - 1] if left else total
            following[end - 1] = following[behind]
            following[behind] = begin
            visible[left : left + high - low] = np.arange(begin, end)
            left += high - low
    return _follow(following, total), deaths


def _follow(following: Column, total: int) -> Column:
    """Traverse the linked list from its head, `total`; consecutive numbers are one piece."""
    breaks = np.flatnonzero(following[:total] != np.arange(1, total + 1))
    jumps = np.concatenate(([following[total]], following[breaks]))
    next_break = np.searchsorted(breaks, np.maximum(jumps, 0)).tolist()
    stops, targets = breaks.tolist(), jumps.tolist()
    pieces: list[Column] = []
    at = 0
    while targets[at] >= 0:
        piece = next_break[at]
        pieces.append(np.arange(targets[at], stops[piece] + 1))
        at = piece + 1
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def _width(text: str) -> int:
    if text.isascii():
        return 1
    highest = max(text)
    return 1 if highest < "\u0100" else 2 if highest < "\ud800" else 4
