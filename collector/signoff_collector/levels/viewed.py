"""What was read: the lines of a file that were in view before anything changed it.

An episode of one's own holds the whole text of an opened file, a shared one the lines that a kept
`view` showed (threat 18). Both give the same here: what was in view.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from signoff_schemas.steps import ViewStep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments.moments import Moments
    from signoff_schemas.values import LineSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Lines of a file that came into view together, for the first time."""

    seq: int
    """Of the `view` that showed them."""
    line: int
    """Number of the first of them, from 0 on."""
    text: str
    """Whole lines, without the break behind the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """A file of which something was read as it stood."""

    path: str
    first: int
    last: int
    """`seq` of its first and its last `view` before it changed."""
    parts: tuple[Part, ...]
    """In the order in which they were seen, each line once."""
    lines: int
    """Of the whole file."""
    is_changed: bool
    """Whether it changed later in the episode; else it was only read."""


def viewed(episode: Episode, moments: Moments) -> tuple[Viewed, ...]:
    """Return the files that were read, in the order of their first `view`.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    edited = _first_edits(episode)
    found: dict[str, _Reading] = {}
    for step in episode.steps:
        if not isinstance(step, ViewStep) or step.path is None or not step.visible:
            continue
        if step.seq > edited.get(step.path, step.seq):
            continue
        text = _text_at(step, step.path, moments)
        reading = found.get(step.path)
        if text is None or (reading is not None and reading.is_changed):
            continue
        if reading is None:
            reading = found[step.path] = _Reading(step.seq, text, text.split("\n"))
        reading.take(step, text)
    return tuple(
        Viewed(
            path=path,
            first=one.first,
            last=one.last,
            parts=tuple(one.parts),
            lines=len(one.rows),
            is_changed=one.is_changed
            or path in edited
            or moments.file(path, episode.step_count) != one.text,
        )
        for path, one in found.items()
        if one.parts
    )


@dataclass(slots=True)
class _Reading:
    first: int
    text: str
    rows: list[str]
    last: int = 0
    parts: list[Part] = field(default_factory=list[Part])
    seen: set[int] = field(default_factory=set[int])
    is_changed: bool = False

    def take(self, step: ViewStep, text: str) -> None:
        """Add the lines that a step shows for the first time."""
        if text != self.text:
            self.is_changed = True
            return
        self.last = step.seq
        for first, last in self._unseen(step.visible):
            rows = "\n".join(self.rows[first : last + 1])
            self.parts.append(Part(seq=step.seq, line=first, text=rows))

    def _unseen(self, spans: Iterable[LineSpan]) -> Iterator[tuple[int, int]]:
        wanted = {
            line for span in spans for line in range(span.first, min(span.last + 1, len(self.rows)))
        }
        fresh = sorted(wanted - self.seen)
        self.seen |= wanted
        for _, run in groupby(enumerate(fresh), key=lambda pair: pair[1] - pair[0]):
            lines = [line for _, line in run]
            yield lines[0], lines[-1]


def _text_at(step: ViewStep, path: str, moments: Moments) -> str | None:
    text: str | bytes | None = None
    if step.buffer is not None:
        text = moments.buffer(path, step.buffer, step.seq)
    if text is None:
        text = moments.file(path, step.seq)
    return text if isinstance(text, str) else None


def _first_edits(episode: Episode) -> dict[str, int]:
    found: dict[str, int] = {}
    for seq, file in zip(episode.edits.seq.tolist(), episode.edits.file.tolist(), strict=True):
        found.setdefault(episode.files[file], seq)
    return found
