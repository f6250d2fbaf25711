"""Line index over a text of any size, without splitting it into lines."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

_CHUNK: Final = 1 << 16
_END: Final = "\n"


class LineIndex:
    """Offsets of the lines of one text. Building it counts line breaks, at about 1 GB/s.

    A text that ends with a line break has an empty last line, as editors show it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._breaks_before: list[int] = [0]
        """For each chunk, and the end: the number of line breaks before it."""
        for begin in range(0, len(text), _CHUNK):
            self._breaks_before.append(
                self._breaks_before[-1] + text.count(_END, begin, begin + _CHUNK)
            )

    @property
    def count(self) -> int:
        """Number of lines; an empty text has one."""
        return self._breaks_before[-1] + 1

    def start(self, line: int) -> int:
        """Return the offset at which a line starts; beyond the last line, the end of the text."""
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
        """Return the offset of the line's break, or of the end of the text."""
        found = self.text.find(_END, self.start(line))
        return found if found >= 0 else len(self.text)

    def pieces(self, first: int, last: int, left: int, most: int) -> list[tuple[int, str, bool]]:
        """Return the visible part of the lines from `first` up to, not including, `last`.

        Args:
            first: number of the first line.
            last: number of the first line that is not wanted.
            left: number of characters skipped at the start of each line.
            most: maximal number of characters per line.

        Returns:
            For each line: offset of the part, its characters, whether the line continues.
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
