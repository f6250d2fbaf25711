"""Collects the edits of a session while sealing, in flat arrays: about 35 bytes per edit.

Columns that seldom change (file, buffer, source, task, and the steps between edits) are
kept as their points of change, and expanded at the end.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final, cast

from signoff_schemas.words import ACTOR_CLASSES, BASES, TIME_KINDS, ActorClass, Basis, TimeKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from signoff_collector.episode.content import EditTable
    from signoff_collector.seal.building.authorship import Authorship

_CONTEXT: Final = ("file", "buffer", "source", "task")
_MAX_VERSION: Final = (1 << 31) - 1
_NO_TASK: Final = -1
_ROWS: Final = 4096
_FIELDS: Final = 6


Context = tuple[int, int, str, int | None]
"""File, buffer, source and task of an edit."""
Row = tuple[int, int, int, str, int, int]
"""t_ms, start, deleted, text, version, and 1 for the first edit of a transaction, else 0."""


class EditLog:
    """Append-only log of edits in session order; `table` gives the `EditTable`."""

    __slots__ = (
        "_begins",
        "_breaks",
        "_by_number",
        "_contexts",
        "_deleted",
        "_full",
        "_held",
        "_inserted",
        "_late",
        "_numbers",
        "_rows",
        "_start",
        "_steps",
        "_steps_at",
        "_t_ms",
        "_texts",
        "_version",
        "_who",
        "authors",
        "count",
        "now",
    )

    def __init__(self) -> None:
        self.count = 0
        """Number of edits."""
        self._rows: list[int | str] = []  # the latest edits, field after field, not yet in arrays
        self._full = _ROWS  # the count at which `_rows` is flushed to the arrays
        self._t_ms = array("q")
        self._start = array("I")
        self._deleted = array("I")
        self._texts: list[str] = []  # inserted text, joined per block of _ROWS edits
        self._inserted = array("I")
        self._version = array("i")
        self._begins = bytearray()
        self._who = array("H")  # index into authors
        self._late: dict[int, int] = {}  # index in `_rows` to author
        self._numbers: dict[int, int] = {}  # cache: id() of an author to its number
        self._held: list[Authorship] = []  # keeps these authors alive, so that id() stays unique
        self.authors: dict[Authorship | None, int] = {None: 0}
        self._by_number: list[Authorship | None] = [None]
        self._breaks: list[int] = []
        self._contexts: list[tuple[int, ...]] = []
        self.now: Context | None = None
        """Context of the latest edits."""
        self._steps_at: list[int] = []
        self._steps = 0

    def __len__(self) -> int:
        return self.count

    def context(self, context: Context, source: int) -> None:
        """Set the file, buffer, source and task of the following edits."""
        self.now = context
        file, buffer, _, task = context
        self._breaks.append(self.count)
        self._contexts.append((file, buffer, source, _NO_TASK if task is None else task))

    def add(self, row: Row) -> None:
        """Append one edit."""
        self._rows += row  # flat, since the garbage collector would scan long-lived tuples
        self.count += 1
        if self.count >= self._full:
            self._settle()

    def _settle(self) -> None:
        """Flush the latest edits to the arrays."""
        if not self._rows:
            return
        texts = cast("list[str]", self._rows[3::_FIELDS])
        t_ms, start, deleted, version, begins = (
            cast("list[int]", self._rows[place::_FIELDS]) for place in (0, 1, 2, 4, 5)
        )
        self._t_ms.fromlist(t_ms)
        self._start.fromlist(start)
        self._deleted.fromlist(deleted)
        self._texts.append("".join(texts))
        self._inserted.fromlist(list(map(len, texts)))
        if min(version) < -_MAX_VERSION or max(version) > _MAX_VERSION:
            version = [one if -_MAX_VERSION <= one <= _MAX_VERSION else -1 for one in version]
        self._version.fromlist(version)
        self._begins.extend(begins)
        who = array("H", bytes(2 * len(texts)))
        for place, number in self._late.items():
            who[place] = number
        self._late.clear()
        self._who.extend(who)
        self._rows.clear()
        self._full = self.count + _ROWS

    def number_step(self) -> int:
        """Assign the next `seq` to a step that is not an edit."""
        seq = self._steps + self.count
        self._steps += 1
        self._steps_at.append(self.count)
        return seq

    def text(self, index: int) -> str:
        """Return the inserted text of an edit."""
        taken = len(self._inserted)
        if index >= taken:
            return cast("str", self._rows[(index - taken) * _FIELDS + 3])
        block = index // _ROWS
        at = sum(self._inserted[block * _ROWS : index])
        return self._texts[block][at : at + self._inserted[index]]

    def attribute(self, index: int, author: Authorship) -> None:
        """Set the author of an edit that is already in the log."""
        number = self._numbers.get(id(author))
        if number is None:
            number = self.authors.setdefault(author, len(self.authors))
            if number >= 1 << 16:
                del self.authors[author]
                return
            if len(self._numbers) < _ROWS:
                self._numbers[id(author)] = number
                self._held.append(author)
        taken = len(self._who)
        if index < taken:
            self._who[index] = number
        else:
            self._late[index - taken] = number

    def author(self, index: int) -> Authorship | None:
        """Return the author of an edit as known so far."""
        taken = len(self._who)
        number = self._who[index] if index < taken else self._late.get(index - taken, 0)
        if len(self._by_number) <= number:
            self._by_number = list(self.authors)
        return self._by_number[number]

    def t_ms(self, index: int) -> int:
        """Return the time of an edit."""
        taken = len(self._t_ms)
        if index < taken:
            return self._t_ms[index]
        return cast("int", self._rows[(index - taken) * _FIELDS])

    def table(self) -> EditTable:
        """Return the edits as a table; the log may not be used afterwards."""
        import numpy as np

        from signoff_collector.episode.content import NONE, EditTable

        self._settle()
        count = self.count
        spread = np.diff(np.append(np.array(self._breaks, np.int64), count))
        contexts = np.array(self._contexts, np.int64).reshape(len(self._contexts), len(_CONTEXT))
        columns: dict[str, NDArray[np.int64]] = {
            name: _repeat(contexts[:, place], spread) for place, name in enumerate(_CONTEXT)
        }
        columns["seq"] = self._numbers_of_edits()
        columns["t_ns"] = np.frombuffer(self._t_ms, np.int64) * 1_000_000
        self._t_ms = array("q")  # each array is freed once converted, to limit peak memory
        columns["start"] = np.array(self._start, np.int64)
        self._start = array("I")
        columns["deleted"] = np.array(self._deleted, np.int64)
        self._deleted = array("I")
        columns["version"] = np.array(self._version, np.int64)
        self._version = array("i")
        columns["inserted"] = np.array(self._inserted, np.int64)
        self._inserted = array("I")
        columns["txn"] = np.cumsum(np.frombuffer(self._begins, np.uint8), dtype=np.int64)
        for name, value in (
            ("cursor", NONE), ("batch_ns", 0), ("t_kind", TIME_KINDS.index(TimeKind.RECEIVED)),
        ):  # fmt: skip
            columns[name] = np.broadcast_to(np.int64(value), count)
        evidence_sets = self._spread_authors(columns)
        text = "".join(self._texts)
        self._texts = []
        return EditTable.from_columns(columns, text, evidence_sets=evidence_sets)

    def _numbers_of_edits(self) -> NDArray[np.int64]:
        """Return the `seq` of every edit: the number of edits and steps before it."""
        import numpy as np

        numbers = np.ones(self.count, np.int64)
        numbers[:1] = 0
        places = np.array(self._steps_at, np.int64)
        np.add.at(numbers, places[places < self.count], 1)
        return np.cumsum(numbers, out=numbers)

    def _spread_authors(self, columns: dict[str, NDArray[np.int64]]) -> tuple[tuple[str, ...], ...]:
        import numpy as np

        sets: dict[tuple[str, ...], int] = {(): 0}
        rows: list[tuple[int, int, int]] = []
        for author in self.authors:
            if author is None:
                rows.append((ACTOR_CLASSES.index(ActorClass.UNKNOWN), BASES.index(Basis.NONE), 0))
            else:
                evidence = sets.setdefault(author.evidence, len(sets))
                rows.append((ACTOR_CLASSES.index(author.cls), BASES.index(author.basis), evidence))
        table, who = np.array(rows, np.int64), np.frombuffer(self._who, np.uint16)
        is_constant = len(who) > 0 and bool((who == who[0]).all())
        for place, name in enumerate(("actor", "basis", "evidence")):
            values = table[:, place]
            columns[name] = (
                np.broadcast_to(values[who[0]], len(who)) if is_constant else values[who]
            )
        return tuple(sets)


def _repeat(values: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Repeat each value by its length; a constant column is a view of one value."""
    import numpy as np

    if len(values) and bool((values == values[0]).all()):
        return np.broadcast_to(values[0], int(lengths.sum()))
    return np.repeat(values, lengths)
