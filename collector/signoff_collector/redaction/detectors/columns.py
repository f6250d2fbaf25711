"""Detect secrets by the header of their column, in tables and in SQL statements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final

from signoff_collector.redaction.detectors.assigned import Found
from signoff_collector.redaction.detectors.naming import (
    Grade,
    grade_of,
    is_code,
    is_plain_key,
    kind_of,
)
from signoff_collector.redaction.randomness.literals import (
    is_literal,
    is_made_up,
    is_number,
    is_password,
    is_phrase,
    is_scrambled,
    is_token_value,
)
from signoff_collector.redaction.randomness.randomness import random_bits

MOST_ROWS: Final = 500
"""How many rows below a table's header are scanned."""
_STATEMENT: Final = re.compile(r"\((?P<names>[^()\n]{3,400})\)\s*VALUES\s*(?=\()", re.IGNORECASE)
_TUPLE: Final = re.compile(
    r"[\s,]*\((?P<cells>(?:'(?:[^'\\\n]|''|\\.)*+(?:'|$)|[^()'\n])*+)(?:\)|$)", re.MULTILINE
)
"""Quantifiers are possessive: a run of quotes could otherwise be matched in many ways, slowly."""
_CELL: Final = re.compile(
    r"[ \t]*(?:'(?P<text>(?:[^'\\\n]|''|\\.)*+)(?:'|$)|\"[^\"\n]*\"|[^,'\"\n]*)[ \t]*(?:,|\)|$)"
)
_ROW: Final = re.compile(r"[ \t\"'`]*(?P<cell>[^,;|\t\n]*)\t*(?:[,;|\t]|$)")
_RULE: Final = re.compile(r"[ \t|:+-]{3,}$")
_HEAD: Final = re.compile(r"[ \t]*\|?[\w .\"'-]{1,40}(?:[,;|\t][\w .\"'-]{0,40})+\|?[ \t]*$")
_OPEN_STATEMENT: Final = re.compile(r"(?i)\([^()\n]{3,400}\)\s*VALUES\s*$")
_SEPARATORS: Final = "|;\t,"
_EDGES: Final = " \t|"
_BEHIND_CELL: Final = " \"'`"
_UUID: Final = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_head(line: str) -> bool:
    """Return whether a line may be the header of a table."""
    return _HEAD.fullmatch(line) is not None


def is_rule(line: str) -> bool:
    """Return whether a line is the separator between a table's header and its rows."""
    return _RULE.fullmatch(line) is not None


def opens_rows(line: str) -> bool:
    """Return whether a line names columns, so that the lines below may be their rows."""
    return is_head(line) or opens_statement(line)


def opens_statement(line: str) -> bool:
    """Return whether a line ends with the column list of an SQL statement and `VALUES`."""
    return _OPEN_STATEMENT.search(line) is not None


def rows_below(head: str, below: Sequence[str]) -> int:
    """Count the rows of a header among the lines below, up to `MOST_ROWS`."""
    belongs: Iterator[bool] = iter(())
    if opens_statement(head):
        belongs = (line.lstrip().startswith("(") for line in below[:MOST_ROWS])
    elif is_head(head):
        sign = _separator(head)
        wanted = head.strip(_EDGES).count(sign)
        belongs = (
            is_rule(line) or line.strip(_EDGES).count(sign) == wanted for line in below[:MOST_ROWS]
        )
    return sum(1 for _ in takewhile(bool, belongs))


_ARGUMENT: Final = re.compile(
    r"[A-Za-z_]\w*=(?:[A-Za-z_][A-Za-z_.]*|[-\d.]+|[\[({\"'].*)?$|@[A-Za-z_][\w.]*$"
)
"""The next argument of a call, or a decorator: `prompt=True`, `@app.command`."""


class Tables:
    """Assigns each row to one header, so that no row is scanned for several.

    Every row of a list may look like the header of those below it, so each would be scanned up to
    `MOST_ROWS` times.
    """

    def __init__(self) -> None:
        self._ends: dict[object, int] = {}

    def rows(self, lines: Sequence[str], number: int, names: object = None) -> int:
        """Return how many rows to scan for a header; 0 if an earlier header covers them.

        Args:
            lines: the lines of the text.
            number: index of the header; callers ask in ascending order.
            names: key of the columns that are searched; each key has its own assignment.
        """
        count = rows_below(lines[number], lines[number + 1 : number + 1 + MOST_ROWS])
        end, before = number + 1 + count, self._ends.get(names, 0)
        if number < before and (end <= before or count == MOST_ROWS):
            return 0
        self._ends[names] = end
        return count


def find_in_table(
    head: str, named: Sequence[re.Match[str]], below: Sequence[str]
) -> Iterator[Found]:
    """Yield the secret cells below telling names of a header; offsets count from the first row.

    Lines of code also look like rows with commas. So with commas only the first row may hold a
    wordy password; later ones must look more random.
    """
    names = named_columns(head, named)
    offset, is_sure = 0, True
    for row in below:
        for name, cell in zip(names, () if is_rule(row) else _ROW.finditer(row), strict=False):
            value = cell["cell"].rstrip(_BEHIND_CELL)
            if name is None or is_argument(value):
                continue
            if is_named(value, name, is_quoted=is_sure):
                start = offset + cell.start("cell")
                yield Found(start, start + len(value), kind_of(name))
        is_sure = is_sure and (is_rule(row) or not row.strip() or _separator(head) != ",")
        offset += len(row) + 1


def is_argument(value: str) -> bool:
    """Return whether a value below a name is the next argument of a call, or a decorator."""
    return _ARGUMENT.match(value) is not None


def named_columns(head: str, named: Sequence[re.Match[str]]) -> tuple[str | None, ...]:
    """Return for each column of a header the first of these names in it, or None."""
    spans = [match.span() for match in _ROW.finditer(head)]
    return tuple(
        next((one[0] for one in named if start <= one.start() < max(end, start + 1)), None)
        for start, end in spans
    )


def _separator(head: str) -> str:
    return next((one for one in _SEPARATORS if one in head.strip(_EDGES)), ",")


def find_in_statements(text: str) -> Iterator[Found]:
    """Yield the values of SQL statements in columns with a telling name, of all rows."""
    for statement in _STATEMENT.finditer(text):
        names = [name.strip(" \t\"'`[]") for name in statement["names"].split(",")]
        if all(grade_of(name) is Grade.NONE for name in names):
            continue
        row = _TUPLE.match(text, statement.end())
        while row is not None:
            yield from _in_tuple(names, row)
            row = _TUPLE.match(text, row.end())


def _in_tuple(names: Sequence[str], row: re.Match[str]) -> Iterator[Found]:
    cells = _CELL.finditer(row["cells"])
    offset = row.start("cells")
    for name, cell in zip(names, cells, strict=False):
        value = cell["text"]
        if value and grade_of(name) is not Grade.NONE and is_named(value, name, is_quoted=True):
            yield Found(offset + cell.start("text"), offset + cell.end("text"), kind_of(name))


def is_named(value: str, name: str, *, is_quoted: bool) -> bool:
    """Return whether a value that belongs to a telling name is a secret."""
    is_strong = grade_of(name) is Grade.PASSWORD
    if any(char.isspace() for char in value.strip()):
        return is_strong and is_phrase(value)
    if not is_literal(value) or (is_plain_key(name) and _UUID.fullmatch(value)):
        return False
    if is_number(value):
        return is_strong or is_code(name)
    if is_made_up(value) or is_token_value(value, bare=not is_quoted):
        return not (is_plain_key(name) and not is_scrambled(value) and random_bits(value) < 0)
    return is_strong and is_password(value, bare=not is_quoted)
