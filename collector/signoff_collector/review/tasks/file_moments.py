"""State of a file at any moment of an episode, and diffs between two moments."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.moments.moments import Moments
from signoff_collector.redaction.texts.texts import named_paths
from signoff_collector.replay.describing import clock_text
from signoff_collector.review.tasks.contents import FileSummary, OutputSummary, files_of, outputs_of
from signoff_collector.review.tasks.deleted_texts import DeletedText, deleted_texts
from signoff_schemas.steps import AnyStep, RenameStep, SeenStep, StepBase, seen_on_disk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signoff_collector.episode.content import Episode

START: Final = -1
_PAUSE_NS: Final = 3 * 10**9
"""An editing pause of this length makes a moment to look at."""
_CONTEXT: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A moment at which a file can be viewed."""

    seq: int
    """Last applied step; START for the initial state."""
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """One file at one moment."""

    text: str
    buffer: int | None
    """Buffer that holds the text; None for the text on disk."""
    is_there: bool = True


Marks = set[bytes]
"""What was shown in a review, as digests of the content: what stays the same stays looked at."""


class Looked:
    """An episode being viewed, with a record of which parts were shown.

    Args:
        episode: what is viewed.
        marks: of the review; what has the same content in other bytes counts there too.
    """

    def __init__(self, episode: Episode, marks: Marks | None = None) -> None:
        self.episode = episode
        self._marks: Marks = set() if marks is None else marks

    @cached_property
    def files(self) -> list[FileSummary]:
        """Every file with text in the episode."""
        return files_of(self.episode)

    @cached_property
    def outputs(self) -> list[OutputSummary]:
        """Every longer text that is not in a file."""
        return outputs_of(self.episode)

    @cached_property
    def _moments(self) -> Moments:
        return Moments(self.episode)

    @cached_property
    def deleted(self) -> dict[int, tuple[DeletedText, ...]]:
        """Text that no last state shows, by file."""
        numbers = {path: file for file, path in enumerate(named_paths(self.episode))}
        found: dict[int, list[DeletedText]] = {}
        for one in deleted_texts(self.episode):
            found.setdefault(numbers[one.path], []).append(one)
        return {file: tuple(texts) for file, texts in sorted(found.items())}

    @cached_property
    def _file_marks(self) -> dict[int, set[bytes]]:
        return {one.file: {_mark("file", one.path, one.first, one.last)} for one in self.files}

    @cached_property
    def _output_marks(self) -> dict[int, set[bytes]]:
        """By step, which may have several texts."""
        found: dict[int, set[bytes]] = {}
        for one in self.outputs:
            found.setdefault(one.seq, set()).add(_mark("output", one.title, one.text))
        return found

    @cached_property
    def _deleted_marks(self) -> dict[int, set[bytes]]:
        return {
            file: {_mark(one.why, one.path, one.text) for one in texts}
            for file, texts in self.deleted.items()
        }

    def see(
        self,
        *,
        files: Iterable[int] = (),
        outputs: Iterable[int] = (),
        deleted: Iterable[int] = (),
    ) -> None:
        """Record files, steps with outputs, and files' deleted texts as shown.

        Numbers of none are ignored. A file is its first and last state: what was there in
        between and was taken away or replaced is not in them, but among its deleted texts.
        """
        for numbers, marks in (
            (files, self._file_marks),
            (outputs, self._output_marks),
            (deleted, self._deleted_marks),
        ):
            for number in numbers:
                self._marks |= marks.get(number, set())

    @property
    def seen_files(self) -> set[int]:
        """Files that were shown with just this content."""
        return self._seen(self._file_marks)

    @property
    def seen_outputs(self) -> set[int]:
        """Steps of whose outputs each was shown with just this content."""
        return self._seen(self._output_marks)

    @property
    def seen_deleted(self) -> set[int]:
        """Files of whose deleted texts each was shown."""
        return self._seen(self._deleted_marks)

    def _seen(self, marks: dict[int, set[bytes]]) -> set[int]:
        return {number for number, own in marks.items() if own <= self._marks}

    @property
    def unseen_files(self) -> list[int]:
        """The other files, in order."""
        return sorted(self._file_marks.keys() - self.seen_files)

    @property
    def unseen_outputs(self) -> list[int]:
        """The other steps with outputs, in order."""
        return sorted(self._output_marks.keys() - self.seen_outputs)

    @property
    def unseen_deleted(self) -> list[int]:
        """The other files with deleted texts, in order."""
        return sorted(self._deleted_marks.keys() - self.seen_deleted)

    def count_deleted(self, files: Iterable[int]) -> int:
        """Return how many deleted texts these files have."""
        return sum(len(self.deleted[file]) for file in files)

    @property
    def unseen(self) -> str:
        """Description of the parts that were not shown; empty if all were."""
        messages = {one.seq for one in self.outputs if one.is_message}
        unseen = set(self.unseen_outputs)
        counts = (
            (len(self.unseen_files), "file"),
            (len(unseen - messages), "output"),
            (len(unseen & messages), "message"),
            (self.count_deleted(self.unseen_deleted), "deleted text"),
        )
        return " and ".join(_several(count, what) for count, what in counts if count)

    def stops(self, path: str) -> tuple[Stop, ...]:
        """Return the moments of one file: start, saves and similar steps, pauses in typing."""
        found = {START: "the start"}
        last: tuple[int, int] | None = None
        for step in self.episode.ordered():
            if isinstance(step, StepBase):
                if _is_about(step, path):
                    found[step.seq] = f"{clock_text(step.t_ns)} {step.kind}"
            elif self.episode.files[step.file] == path:
                if last is not None and step.t_ns - last[1] >= _PAUSE_NS:
                    found.setdefault(last[0], f"{clock_text(last[1])} a pause")
                last = (step.seq, step.t_ns)
        if last is not None:
            found.setdefault(last[0], f"{clock_text(last[1])} the last edit")
        return tuple(Stop(seq=seq, words=found[seq]) for seq in sorted(found))

    def state(self, path: str, seq: int) -> FileState:
        """Return one file at a moment: its buffer if one is open, else the disk content."""
        buffer = self._moments.shown_buffer(path, seq)
        if buffer is not None:
            text = self._moments.buffer(path, buffer, seq)
            return FileState(text=text or "", buffer=buffer)
        content = self._moments.disk(path, seq)
        if content is None:
            return FileState(text="", buffer=None, is_there=False)
        if isinstance(content, bytes):
            said = f"({len(content)} bytes that are not text)"
            return FileState(text=said, buffer=None, is_there=False)
        return FileState(text=content, buffer=None)

    def difference(self, path: str, first: int, last: int) -> str:
        """Return the unified diff of a file between two moments."""
        before, after = self.state(path, first).text, self.state(path, last).text
        lines = difference_lines(before.split("\n"), after.split("\n"))
        return "\n".join(lines) or "(no difference between these two moments)"


def _mark(*content: str) -> bytes:
    digest = hashlib.sha256()
    for one in content:
        data = one.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.digest()


def difference_lines(first: Sequence[str], last: Sequence[str]) -> list[str]:
    """Return a unified diff without its header; common head and tail are skipped quickly."""
    low, high = 0, min(len(first), len(last))
    while low < high and first[low] == last[low]:
        low += 1
    tail = 0
    while tail < high - low and first[-1 - tail] == last[-1 - tail]:
        tail += 1
    begin, end = max(0, low - _CONTEXT), max(0, tail - _CONTEXT)
    parts = (first[begin : len(first) - end], last[begin : len(last) - end])
    found = list(difflib.unified_diff(*parts, lineterm="", n=_CONTEXT))[2:]
    return [_moved(line, begin) if line.startswith("@@ -") else line for line in found]


def _moved(line: str, by: int) -> str:
    """Return a hunk header with shifted line numbers."""
    _, old, new, *rest = line.split(" ")
    return " ".join(["@@", _shifted(old, by), _shifted(new, by), *rest])


def _shifted(place: str, by: int) -> str:
    start, comma, count = place[1:].partition(",")
    return f"{place[0]}{int(start) + by}{comma}{count}"


def _is_about(step: AnyStep, path: str) -> bool:
    if step.path == path or (isinstance(step, RenameStep) and step.old_path == path):
        return not isinstance(step, SeenStep)
    return any(item.path == path for item in seen_on_disk(step))


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
