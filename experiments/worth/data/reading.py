"""Reads the tables of a data set, and nothing else, into sessions of edits.

The texts of files are built again from `steps` (what a file was opened with, or set to) and
`edits`; each edit is one burst as one replacement. Every burst is counted: as an example, or by
the reason why it is none.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import pyarrow.dataset as pds

from experiments.worth.data.traces import is_code
from experiments.worth.examples import AROUND, LONGEST, SHORTEST, Action, Edit, Session
from signoff_collector.redaction.detectors.detectors import PLACEHOLDER
from signoff_collector.text.differences import one_change
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from experiments.worth.data.recording import Recorded

_TEST: Final = re.compile(r"(^|[/_.-])tests?([/_.-]|$)")
_STEPS: Final = (
    *("episode", "step", "seq_first", "seq_last", "kind", "author", "pause_ms", "burst", "path"),
    *("content", "failed", "exit_code", "details"),
)
_EDITS: Final = ("episode", "seq", "path", "buffer", "start", "deleted", "text", "burst")

Row = dict[str, object]
Key = tuple[str, int]
"""Path and buffer: names one text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """All sessions of some data sets, and what became of their bursts."""

    sessions: tuple[Session, ...]
    counts: Mapping[str, Mapping[str, int]]
    """By session: `bursts`, `examples`, and the reasons: `no change`, `short`, `long`, `masked`,
    `text unknown`. All but `bursts` add up to it."""
    checked: int
    """How many texts, at saves, had the hash that the data set tells."""
    texts: Mapping[str, Mapping[str, str]]
    """By session and path: the text at the end, where it is known."""


def read_data_set(dataset: Path, recorded: Sequence[Recorded] = (), *, source: str = "own") -> Read:
    """Return the sessions of a data set by name; the parts of one trace are one session.

    Args:
        dataset: folder with the tables, as a data set has them, or the export of one episode.
        recorded: which episode is of which trace or made day; others get their own names.
        source: what these others are.

    Raises:
        DamagedError: the rows do not lead to a text whose hash the data set tells.
    """
    known = {one.sha256: one for one in recorded}
    steps = _rows(dataset, "steps", _STEPS, ("episode", "step"))
    edits = _rows(dataset, "edits", _EDITS, ("episode", "seq"))
    made: dict[str, list[tuple[int, str, _Reading]]] = {}
    for sha256, rows in steps.items():
        one = known.get(sha256)
        reading = _Reading()
        reading.run(rows, edits.get(sha256, []))
        name = sha256[:12] if one is None else one.name
        made.setdefault(name, []).append((0 if one is None else one.part, sha256, reading))
    sessions: list[Session] = []
    counts: dict[str, Mapping[str, int]] = {}
    texts: dict[str, Mapping[str, str]] = {}
    for name, parts in sorted(made.items()):
        parts.sort(key=lambda part: part[:2])
        first = known.get(parts[0][1])
        readings = [reading for _, _, reading in parts]
        found = tuple(edit for one in readings for edit in one.edits)
        paths = [path for path, _ in Counter(edit.path for edit in found).most_common()]
        sessions.append(
            Session(
                name=name,
                source=source if first is None else first.source,
                is_code=is_code(paths) if first is None else first.is_code,
                edits=found,
                actions=tuple(action for one in readings for action in one.actions),
            )
        )
        counts[name] = sum((one.counts for one in readings), Counter[str]())
        texts[name] = readings[-1].ends
    checked = sum(one.checked for parts in made.values() for _, _, one in parts)
    return Read(sessions=tuple(sessions), counts=counts, checked=checked, texts=texts)


def _rows(
    dataset: Path, table: str, columns: Iterable[str], order: Sequence[str]
) -> dict[str, list[Row]]:
    """Return the rows of a table by episode, in order."""
    files = sorted(
        map(str, [*dataset.glob(f"{table}.parquet"), *dataset.glob(f"{table}/*.parquet")])
    )
    found = pds.dataset(files).to_table(columns=list(columns))
    rows: list[Row] = found.sort_by([(name, "ascending") for name in order]).to_pylist()
    return {str(name): list(of) for name, of in groupby(rows, lambda row: row["episode"])}


@dataclass(slots=True)
class _Reading:
    """One episode on the way."""

    edits: list[Edit] = field(default_factory=list[Edit])
    actions: list[Action] = field(default_factory=list[Action])
    counts: Counter[str] = field(default_factory=Counter[str])
    ends: dict[str, str] = field(default_factory=dict[str, str])
    checked: int = 0
    _buffers: dict[Key, str | None] = field(default_factory=dict[Key, "str | None"])
    """Text of each open buffer; None where the rows do not tell it."""
    _disk: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    _views: list[str] = field(default_factory=list[str])

    def run(self, steps: Sequence[Row], edits: Sequence[Row]) -> None:
        bursts = {number: list(of) for number, of in groupby(edits, lambda row: row["burst"])}
        for row in steps:
            kind, path = str(row["kind"]), row["path"]
            is_test = isinstance(path, str) and _TEST.search(path) is not None
            if kind == "edit":
                self._edit(row, bursts[row["burst"]])
                self.actions.append(Action("edit test" if is_test else "edit code", None))
            elif kind == "tests":
                self.actions.append(Action("test run", _is_red(row)))
            else:
                self._step(kind, row)
                self.actions.append(Action(kind, None))
        for (path, _), text in self._buffers.items():
            if text is not None:
                self.ends[path] = text

    def _edit(self, row: Row, edits: Sequence[Row]) -> None:
        """Make the edits of a burst; keep it as one replacement."""
        key = _key(edits[0])
        text = self._buffers.get(key)
        self.counts["bursts"] += 1
        if text is None:
            self.counts["text unknown"] += 1
            return
        place, removed, inserted, now = _replacement(text, edits)
        self._buffers[key] = now
        if removed == inserted:
            self.counts["no change"] += 1
        else:
            pause, author = row["pause_ms"], row["author"]
            behind = place + len(removed)
            made = Edit(
                path=key[0],
                before=text[max(0, place - AROUND) : place],
                removed=removed,
                inserted=inserted,
                behind=text[behind : behind + AROUND],
                line=text.count("\n", 0, place),
                lines=text.count("\n") + 1,
                pause_ms=pause if isinstance(pause, int) else None,
                author=str(author),
                views=tuple(self._views),
                why_no_example=_why_not(inserted),
            )
            self.edits.append(made)
            self.counts[made.why_no_example or "examples"] += 1
            self._views.clear()

    def _step(self, kind: str, row: Row) -> None:
        path, content = row["path"], row["content"]
        details = json.loads(str(row["details"] or "{}"))
        if not isinstance(path, str):
            for one in [*details.get("changed", ()), *details.get("disk", ())]:
                self._disk[str(one["path"])] = None
            return
        key = (path, int(details.get("buffer") or 0))
        text = content if isinstance(content, str) else None
        match kind:
            case "view" | "focus" if self._views[-1:] != [path]:
                self._views.append(path)
            case "open":
                self._buffers[key] = self._disk.get(path, "") if text is None else text
                if details.get("reason", "open") == "open":
                    self._disk.setdefault(path, self._buffers[key])
            case "save":
                self._check(key, details)
                self._disk[path] = self._buffers.get(key)
            case "close":
                ended = self._buffers.pop(key, None)
                if ended is not None:
                    self.ends[path] = ended
            case "resync" if details.get("target") == "buffer":
                self._buffers[key] = text
            case _:
                self._on_disk(kind, path, text, details)

    def _on_disk(
        self, kind: str, path: str, text: str | None, details: Mapping[str, object]
    ) -> None:
        if kind == "create":
            self._disk[path] = text or ""
        elif kind == "delete":
            self._disk[path] = ""
        elif kind == "rename":
            self._disk[path] = self._disk.pop(str(details.get("old_path")), None)
        elif kind == "resync":
            self._disk[path] = text

    def _check(self, key: Key, details: Mapping[str, object]) -> None:
        text, told = self._buffers.get(key), details.get("text_sha256")
        if text is None or "\ufffd" in text or not isinstance(told, str) or len(told) != 64:
            return
        if hashlib.sha256(text.encode()).hexdigest() != told:
            raise DamagedError(f"the rows lead to another text of {key[0]} than was saved")
        self.checked += 1


def _key(edit: Row) -> Key:
    buffer = edit["buffer"]
    return str(edit["path"]), buffer if isinstance(buffer, int) else 0


def _is_red(row: Row) -> bool:
    failed, code = row["failed"], row["exit_code"]
    return bool(failed) or code == 1


def _why_not(inserted: str) -> Literal["short", "long", "masked"] | None:
    if len(inserted) < SHORTEST:
        return "short"
    if len(inserted) > LONGEST:
        return "long"
    return "masked" if PLACEHOLDER.search(inserted) else None


def _replacement(text: str, edits: Iterable[Row]) -> tuple[int, str, str, str]:
    """Return the edits of one burst as one replacement, and the text behind it.

    It is where they began and ended, less what is the same at both ends: place, removed, inserted.

    Raises:
        DamagedError: an edit does not fit the text.
    """
    made: list[tuple[int, int, str]] = []
    low = tail = length = len(text)
    for edit in edits:
        start, deleted, put = edit["start"], edit["deleted"], edit["text"]
        if not (isinstance(start, int) and isinstance(deleted, int) and isinstance(put, str)):
            raise DamagedError("a row of edits lacks its place or its text")
        if start + deleted > length:
            raise DamagedError(f"an edit ends at {start + deleted} of {length} characters")
        low, tail = min(low, start), min(tail, length - start - deleted)
        length += len(put) - deleted
        made.append((start, deleted, put))
    removed = inserted = text[low : len(text) - tail]
    for start, deleted, put in made:
        inserted = inserted[: start - low] + put + inserted[start - low + deleted :]
    now = text[:low] + inserted + text[len(text) - tail :]
    same, deleted, put = one_change(removed, inserted) or (0, 0, "")
    return low + same, removed[same : same + deleted], put, now


def is_but_for_masks(text: str, original: str) -> bool:
    """Say whether a text is another one in which nothing but values were masked."""
    first, *rest = PLACEHOLDER.split(text)
    if not rest:
        return text == original
    if not original.startswith(first) or not original.endswith(rest[-1]):
        return False
    at, end = len(first), len(original) - len(rest[-1])
    for piece in rest[:-1]:
        at = original.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return at <= end


def masked_share(masked: Session, unmasked: Session) -> tuple[int, int]:
    """Return how many characters of examples stand as masks or went with one, and of how many.

    Of the same trace with and without masking. An example counts with the characters that no mask
    stands for; one that became longer than an example may be is gone with all of its own.
    """
    told = sum(len(edit.inserted) for edit in unmasked.edits if edit.why_no_example is None)
    left = sum(
        len(PLACEHOLDER.sub("", edit.inserted))
        for edit in masked.edits
        if edit.why_no_example in {None, "masked"}
    )
    return max(0, told - left), told
