"""The lines of a text of any size, found without cutting all of it up."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

_CHUNK: Final = 1 << 16
_END: Final = "\n"


class LineIndex:
    """Where the lines of one text begin. Building counts line breaks, at 1 GB or so a second.

    A text that ends with a line break has an empty last line, as editors show it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._breaks_before: list[int] = [0]
        """For each chunk, and the end, how many line breaks come before it."""
        for begin in range(0, len(text), _CHUNK):
            self._breaks_before.append(
                self._breaks_before[-1] + text.count(_END, begin, begin + _CHUNK)
            )

    @property
    def count(self) -> int:
        """How many lines there are; an empty text has one."""
        return self._breaks_before[-1] + 1

    def start(self, line: int) -> int:
        """Return the offset at which a line begins; of lines beyond the last the end."""
        if line <= 0:
            return 0
        if line >= self.count:
            return len(self.text)
        chunk = bisect_right(self._breaks_before, line - 1) - 1
        at = chunk * _CHUNK - 1
        for _ in range(line - self._breaks_before[chunk]):
            at = self.text.index(_END, at + 1)
        return at + 1

    def line_of(self, offset: int) -> int:
        """Return the number of the line that holds an offset."""
        offset = max(0, min(offset, len(self.text)))
        chunk = min(offset // _CHUNK, len(self._breaks_before) - 1)
        return self._breaks_before[chunk] + self.text.count(_END, chunk * _CHUNK, offset)

    def end(self, line: int) -> int:
        """Return the offset of the line's break, or of the text's end."""
        found = self.text.find(_END, self.start(line))
        return found if found >= 0 else len(self.text)

    def pieces(self, first: int, last: int, left: int, most: int) -> list[tuple[int, str, bool]]:
        """Return what is to be seen of the lines from `first` to before `last`.

        Args:
            first: number of the first line.
            last: number of the first line that is not wanted.
            left: how many characters of each line are passed over.
            most: how many characters of each are given at most.

        Returns:
            For each: the offset of its beginning, the characters, whether it goes on.
        """
        found: list[tuple[int, str, bool]] = []
        at = self.start(first)
        for _ in range(first, min(last, self.count)):
            stop = self.text.find(_END, at, at + left + most + 1)
            goes_on = stop < 0 and at + left + most < len(self.text)
            end = stop if stop >= 0 else min(len(self.text), at + left + most)
            found.append((at, self.text[at + left : end], goes_on))
            following = stop if stop >= 0 else self.text.find(_END, end)
            at = len(self.text) if following < 0 else following + 1
        return found
