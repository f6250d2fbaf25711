"""Lines of versions of files that another version replaced, and that no last state shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.texts.texts import named_paths
from signoff_collector.review.base_tree.step import is_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments.moments import BufferLife, Moments

_BLANKS: Final = " \t\r"


@dataclass(frozen=True, slots=True, kw_only=True)
class BetweenText:
    """Lines of one version that stand beside each other, and nowhere else."""

    seq: int
    """The step that brought the version; that closed the buffer, where it was closed."""
    t_ns: int
    text: str
    is_unsaved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    """A text that the disk got other than by a save, or with which a buffer ended."""

    seq: int
    end: float
    """A buffer that is opened from here on goes on with it."""
    text: str
    is_unsaved: bool = False


class Between:
    """Finds each line once: what is told is known from then on.

    The base tree counts as looked at nowhere and is told elsewhere, so its texts are left out.

    Args:
        episode: to look through.
        moments: of the episode.
        told: texts that are told already.
    """

    def __init__(self, episode: Episode, moments: Moments, told: Iterable[str]) -> None:
        self._moments = moments
        self._edit_seqs = episode.edits.seq
        self._tree = next((step.seq for step in episode.steps if is_tree(step)), -1)
        self._times = {step.seq: step.t_ns for step in episode.steps}
        self._times |= dict(
            zip(episode.edits.seq.tolist(), episode.edits.t_ns.tolist(), strict=True)
        )
        self._known = {line for text in told for line in _lines(text)}
        for path in named_paths(episode):
            is_named = any(moments.lives_of(path)) or any(
                change.seq != self._tree for change in moments.disk_changes(path)
            )
            last = moments.file(path, episode.step_count) if is_named else None
            self._known.update(_lines(last) if isinstance(last, str) else ())

    def of(self, path: str) -> Iterator[BetweenText]:
        """Yield the texts of one file, the oldest first.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        lives = list(self._moments.lives_of(path))
        initials: dict[str, int] = {}
        for life in lives:
            initials[life.initial] = max(life.since, initials.get(life.initial, -1))
        for version in sorted(self._versions(path, lives), key=lambda one: one.seq):
            if initials.get(version.text, -1) >= version.end:
                continue
            for text in self._new_runs(version.text):
                yield BetweenText(
                    seq=version.seq,
                    t_ns=self._times.get(version.seq, 0),
                    text=text,
                    is_unsaved=version.is_unsaved,
                )

    def _versions(self, path: str, lives: Iterable[BufferLife]) -> Iterator[_Version]:
        for life in lives:
            count = len(life.edit_numbers)
            touched = int(self._edit_seqs[life.edit_numbers[-1]]) if count else life.since
            last = touched if life.until is None else life.until
            text = self._moments.buffer(
                path, life.buffer, touched if life.until is None else last - 1
            )
            yield _Version(
                seq=last,
                end=float("inf") if life.until is None else last,
                text=text or "",
                is_unsaved=life.until is not None and count > 0 and count not in life.saves,
            )
        for change in self._moments.disk_changes(path):
            if change.text is not None and change.seq != self._tree:
                yield _Version(seq=change.seq, end=change.seq, text=change.text)

    def _new_runs(self, text: str) -> Iterator[str]:
        """Yield the lines that are not known, those beside each other as one text."""
        run: list[str] = []
        for line in _lines(text):
            if line.strip(_BLANKS) and line in self._known:
                yield from _joined(run)
                run = []
            elif run or line.strip(_BLANKS):
                run.append(line)
                self._known.add(line)
        yield from _joined(run)


def _joined(run: list[str]) -> Iterator[str]:
    if run:
        yield "\n".join(run).rstrip(f"{_BLANKS}\n")


def _lines(text: str) -> Iterator[str]:
    """Yield the lines without what an editor hides: a byte order mark, carriage returns."""
    for line in text.removeprefix("\ufeff").split("\n"):
        yield line.removesuffix("\r")
