"""The text of one document as lines in chunks, edited by position in O(line).

A flat string costs O(document) per change, a list of lines 2 µs. Chunks keep the search for the
offset of a distant line short, and a cached position makes typing on one line independent of the
document's size.
"""

from __future__ import annotations

from typing import Final

from signoff_collector.text.positions import (
    Encoding,
    column_in,
    join_pairs,
    split_lines,
    splits_a_pair,
)

_CHUNK_LINES: Final = 128


Splice = tuple[int, int, str]
"""One replacement: start and deleted length in code points of the document, and the text.

A plain tuple: one is made for every edit.
"""


class LineText:
    """A document's text that can be edited by LSP range or by offset."""

    __slots__ = ("_base", "_chunks", "_first", "_here", "_lines", "_offset", "_row", "_sizes")

    def __init__(self, text: str) -> None:
        self.reset(text)

    def reset(self, text: str) -> None:
        """Replace the whole text."""
        lines = split_lines(text)
        self._chunks: list[list[str]] = [
            lines[at : at + _CHUNK_LINES] for at in range(0, len(lines), _CHUNK_LINES)
        ]
        self._sizes = [sum(map(len, chunk)) for chunk in self._chunks]
        self._lines = len(lines)
        self._rewind()

    def _rewind(self) -> None:
        self._here = 0  # chunk of the remembered place
        self._first = 0  # line number of that chunk's first line
        self._base = 0  # offset of that chunk's first line
        self._row = 0  # remembered line, counted within the chunk
        self._offset = 0  # its offset, counted within the chunk

    def __str__(self) -> str:
        return "".join(["".join(chunk) for chunk in self._chunks])

    def __len__(self) -> int:
        return sum(self._sizes)

    @property
    def line_count(self) -> int:
        """Number of lines; a text ending in a line ending has an empty last one."""
        return self._lines

    def line_at(self, number: int) -> tuple[int, str]:
        """Return a line's offset, and the line with its ending."""
        at = self._seek(number)
        return at, self._chunks[self._here][self._row]

    def change(  # noqa: PLR0917  once per edit: keywords cost
        self,
        start_line: int,
        start_column: int,
        end_line: int,
        end_column: int,
        text: str,
        encoding: Encoding,
    ) -> Splice:
        """Apply one LSP content change and return it in code points.

        Positions outside are clamped as LSP 3.17 says; a reversed range is swapped.
        """
        if end_line < start_line or (end_line == start_line and end_column < start_column):
            start_line, start_column, end_line, end_column = (
                end_line,
                end_column,
                start_line,
                start_column,
            )
        if end_line >= self._lines:
            end_line, end_column = self._lines - 1, 1 << 60
            if start_line > end_line:
                start_line, start_column = end_line, end_column
        row = start_line - self._first
        if row == self._row:
            line_at = self._base + self._offset
        else:
            line_at = self._seek(start_line)
            row = self._row
        chunk = self._chunks[self._here]
        line = chunk[row]
        if start_line == end_line and line.isascii() and text.isascii():
            limit = len(line)
            if end_column >= limit - 1 and limit and line[-1] in "\r\n":
                limit -= 2 if line[-2:] == "\r\n" else 1
            low = start_column if start_column < limit else limit  # noqa: FURB136  min() costs a call
            high = end_column if end_column < limit else limit  # noqa: FURB136
            if "\n" not in text and "\r" not in text:
                chunk[row] = line[:low] + text + line[high:]
                self._sizes[self._here] += len(text) - high + low
                return line_at + low, high - low, text
            return self._replace_lines(line_at, start_line, start_line, line, low, high, text)
        return self._change_slowly(
            line_at, start_line, start_column, end_line, end_column, text, encoding
        )

    def _change_slowly(  # noqa: PLR0917  as `change`
        self,
        line_at: int,
        start_line: int,
        start_column: int,
        end_line: int,
        end_column: int,
        text: str,
        encoding: Encoding,
    ) -> Splice:
        region = "".join(self._range_of_lines(start_line, end_line))
        first = self._line(start_line)
        last = self._line(end_line)
        low = column_in(first, start_column, encoding)
        high_in_last = column_in(last, end_column, encoding)
        if encoding is Encoding.UTF16:
            # Clients that compare in UTF-16 units may replace one half of a pair.
            if splits_a_pair(first, start_column):
                text = _halves(first[low])[0] + text
            if splits_a_pair(last, end_column):
                text += _halves(last[high_in_last])[1]
                high_in_last += 1
        high = len(region) - len(last) + high_in_last
        high = max(high, low)
        if low and _is_high(region[low - 1]):
            low -= 1
            text = region[low] + text
        if high < len(region) and _is_low(region[high]):
            text += region[high]
            high += 1
        return self._replace_lines(
            line_at, start_line, end_line, region, low, high, join_pairs(text)
        )

    def _replace_lines(  # noqa: PLR0917  as `change`
        self,
        line_at: int,
        first_line: int,
        last_line: int,
        region: str,
        low: int,
        high: int,
        text: str,
    ) -> Splice:
        """Replace `region[low:high]`, where region is the text of the lines first to last."""
        splice = (line_at + low, high - low, text)
        joined = region[:low] + text + region[high:]
        if first_line and joined[:1] == "\n":
            before = self._line(first_line - 1)
            if before[-1] == "\r":  # the two become one ending
                first_line -= 1
                joined = before + joined
        lines = split_lines(joined)
        if last_line < self._lines - 1:
            lines.pop()  # the region ended with a line ending, so this is empty
        self._put_lines(first_line, last_line, lines)
        return splice

    def _put_lines(self, first_line: int, last_line: int, lines: list[str]) -> None:
        self._seek(first_line)
        here, row = self._here, self._row
        left = last_line - first_line + 1
        self._lines += len(lines) - left
        taken = 0
        while left:
            chunk = self._chunks[here + taken]
            count = min(left, len(chunk) - row)
            if not taken and count == left:
                chunk[row : row + count] = lines
                lines = []
            else:
                del chunk[row : row + count]
            left -= count
            row = 0
            taken += 1
        if lines:
            self._chunks[here][self._row :] = lines
        touched = [chunk for chunk in self._chunks[here : here + taken] if chunk]
        touched = [part for chunk in touched for part in _parts(chunk)]
        self._chunks[here : here + taken] = touched
        self._sizes[here : here + taken] = [sum(map(len, chunk)) for chunk in touched]
        if here >= len(self._chunks) or self._row >= len(self._chunks[here]):
            self._rewind()

    def replace(self, start: int, deleted: int, text: str) -> None:
        """Replace code points by offset; both ends must lie inside the text."""
        first_line, at = self.place_of(start)
        last_line, _ = self.place_of(start + deleted)
        region = "".join(self._range_of_lines(first_line, last_line))
        low = start - at
        self._replace_lines(at, first_line, last_line, region, low, low + deleted, text)

    def place_of(self, offset: int) -> tuple[int, int]:
        """Return the line that contains an offset, and that line's offset."""
        base = line = 0
        for place, size in enumerate(self._sizes):
            chunk = self._chunks[place]
            if offset < base + size or place == len(self._sizes) - 1:
                for text in chunk:
                    if offset < base + len(text) or line == self._lines - 1:
                        return line, base
                    base += len(text)
                    line += 1
            base += size
            line += len(chunk)
        return self._lines - 1, base

    def _line(self, number: int) -> str:
        self._seek(number)
        return self._chunks[self._here][self._row]

    def _range_of_lines(self, first: int, last: int) -> list[str]:
        self._seek(first)
        here, row = self._here, self._row
        left = last - first + 1
        lines: list[str] = []
        while left > 0:
            part = self._chunks[here][row : row + left]
            lines += part
            left -= len(part)
            here += 1
            row = 0
        return lines

    def _seek(self, number: int) -> int:
        """Remember the position of a line and return its offset in the document."""
        row = number - self._first
        chunk = self._chunks[self._here]
        if row == self._row:
            return self._base + self._offset
        if not 0 <= row < len(chunk):
            self._seek_chunk(number)
            row = number - self._first
            chunk = self._chunks[self._here]
        if row > self._row:
            self._offset += sum(map(len, chunk[self._row : row]))
        elif row < self._row:
            self._offset -= sum(map(len, chunk[row : self._row]))
        self._row = row
        return self._base + self._offset

    def _seek_chunk(self, number: int) -> None:
        here, first, base = self._here, self._first, self._base
        chunks, sizes = self._chunks, self._sizes
        while number < first:
            here -= 1
            first -= len(chunks[here])
            base -= sizes[here]
        while number >= first + len(chunks[here]):
            first += len(chunks[here])
            base += sizes[here]
            here += 1
        self._here, self._first, self._base = here, first, base
        self._row = self._offset = 0


def _parts(chunk: list[str]) -> list[list[str]]:
    """Split a chunk that has grown to more than twice the target size."""
    if len(chunk) <= 2 * _CHUNK_LINES:
        return [chunk]
    return [chunk[at : at + _CHUNK_LINES] for at in range(0, len(chunk), _CHUNK_LINES)]


def _halves(character: str) -> tuple[str, str]:
    high, low = divmod(ord(character) - 0x10000, 0x400)
    return chr(0xD800 + high), chr(0xDC00 + low)


def _is_high(character: str) -> bool:
    return "\ud800" <= character <= "\udbff"


def _is_low(character: str) -> bool:
    return "\udc00" <= character <= "\udfff"
