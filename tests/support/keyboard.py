"""A person at a plain LSP client: key after key, each with the evidence a companion gives."""

from __future__ import annotations

from pathlib import Path

from tests.support.bridge import Client, at


def units(text: str) -> int:
    """Return the length of a text in UTF-16 units, as LSP counts by default."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Keyboard:
    """One open file in an editor; LSP keeps the order, so nothing has to be waited for."""

    def __init__(self, client: Client, path: Path) -> None:
        self._client = client
        self.path = path
        self._lines = path.read_bytes().decode().split("\n") if path.exists() else [""]
        self._version = 1
        self.uri = client.open(path, self.text, self._version)

    @property
    def text(self) -> str:
        """What stands in the editor."""
        return "\n".join(self._lines)

    def row(self, containing: str) -> int:
        """Return the first line that holds a text."""
        return next(row for row, line in enumerate(self._lines) if containing in line)

    def type_line_below(self, row: int, text: str) -> None:
        """Open a line under one and type into it."""
        end = units(self._lines[row])
        self.change(row, end, end, "\n")
        self._lines.insert(row + 1, "")
        self.type_at(row + 1, 0, text)

    def type_at(self, row: int, column: int, text: str) -> None:
        """Type into a line; `column` in characters."""
        for place, char in enumerate(text):
            line = self._lines[row]
            before = line[: column + place]
            self.change(row, units(before), units(before), char)
            self._lines[row] = before + char + line[column + place :]

    def backspace(self, row: int, column: int, count: int) -> None:
        """Take out characters before a column, one by one."""
        for place in range(column, column - count, -1):
            line = self._lines[row]
            self.change(row, units(line[: place - 1]), units(line[:place]), "")
            self._lines[row] = line[: place - 1] + line[place:]

    def change(self, row: int, start: int, end: int, text: str, reason: str = "key") -> None:
        """Send one change within a line, and what caused it."""
        self._version += 1
        self._client.change(self.uri, self._version, at(row, start, row, end, text))
        said = {"uri": self.uri, "version": self._version, "reason": reason, "changes": 1}
        self._client.notify("signoff/evidence", {**said, "detail": "insert"})

    def save(self) -> None:
        """Write the file, then tell the server."""
        self.path.write_bytes(self.text.encode())
        self._client.save(self.uri)

    def close(self) -> None:
        """Close the file."""
        self._client.close(self.uri)
