"""Compares the replay of an episode with the file hashes that were recorded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from signoff_collector.episode.content import encode_text
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.episode.moments.tree_hash import TreeHasher
from signoff_schemas.steps import (
    CheckpointStep,
    CloseStep,
    DiskStep,
    FileStep,
    GapStep,
    OpenStep,
    ResyncStep,
    SaveStep,
    SeenStep,
    ToldStep,
    UnknownStep,
    seen_on_disk,
)
from signoff_schemas.words import GapReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode
    from signoff_schemas.steps import AnyStep

BLIND_REASONS: Final = frozenset(
    {
        GapReason.PAUSED,
        GapReason.PRIVATE,
        GapReason.CRASHED,
        GapReason.DROPPED,
        GapReason.TOO_LARGE,
        GapReason.FORGOTTEN,
        GapReason.WITHHELD,
    }
)
"""Gaps in which text may have changed without being recorded."""
HEX_DIGITS: Final = 64
WHOLE_TREE: Final = "."
"""Path of a mismatch of a whole tree's hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One step at which the replay differs from the recorded hash."""

    seq: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What a replay of the whole episode found."""

    checkpoints: int
    """Hashes that could be compared."""
    mismatches: tuple[Mismatch, ...]
    resyncs: int
    """Resync steps: places where sealing already found that the recording had missed something."""
    blind_spans: int

    @property
    def matched(self) -> int:
        """Comparisons that agreed."""
        return self.checkpoints - len(self.mismatches)

    def row(self) -> dict[str, object]:
        """Return the published form."""
        return {
            "checkpoints": self.checkpoints,
            "matched": self.matched,
            "resyncs": self.resyncs,
            "blind_spans": self.blind_spans,
            "mismatches": [{"seq": m.seq, "path": m.path} for m in self.mismatches],
        }


def check_replay(episode: Episode) -> CheckReport:
    """Replay an episode and compare every hash in it that can be compared.

    Cost: one hash per save, test run and commit, over the text of the file.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    moments = Moments(episode)
    trees = TreeHasher(moments)
    compared, wrong = 0, list[Mismatch]()
    for step in episode.steps:
        for path, expected, found in _comparisons(moments, step):
            compared += 1
            if found is None or hashlib.sha256(found).hexdigest() != expected:
                wrong.append(Mismatch(seq=step.seq, path=path))
        if isinstance(step, CheckpointStep) and _is_hash(step.tree_sha256):
            compared += 1
            if trees.at(step.seq) != step.tree_sha256:
                wrong.append(Mismatch(seq=step.seq, path=WHOLE_TREE))
    _touch_every_buffer(episode, moments)
    return CheckReport(
        checkpoints=compared,
        mismatches=tuple(wrong),
        resyncs=sum(
            isinstance(step, ResyncStep) and step.reason != "cut" for step in episode.steps
        ),
        blind_spans=sum(
            isinstance(step, GapStep) and step.reason in BLIND_REASONS for step in episode.steps
        ),
    )


def _comparisons(moments: Moments, step: AnyStep) -> Iterator[tuple[str, str, bytes | None]]:
    """Yield path, expected hash and replayed bytes for what one step claims."""
    match step:
        case OpenStep(path=str(path)):
            if step.text_sha256 is not None:
                yield path, step.text_sha256, _buffer(moments, step, path)
        case SaveStep(path=str(path)):
            if step.disk_sha256 is not None and _is_hash(step.disk_sha256):
                yield path, step.disk_sha256, moments.disk_bytes(path, step.seq)
            elif step.text_sha256 is not None:
                yield path, step.text_sha256, _buffer(moments, step, path)
        case ResyncStep(path=str(path)):
            if step.text_sha256 is not None and step.target == "buffer":
                yield path, step.text_sha256, _buffer(moments, step, path)
            elif step.disk_sha256 is not None and _is_hash(step.disk_sha256):
                yield path, step.disk_sha256, moments.disk_bytes(path, step.seq)
        case DiskStep():
            yield from _compared_with_disk(moments, step)
        case FileStep() | SeenStep() | ToldStep() | UnknownStep():
            pass  # nothing that replaying gives
        case _:
            assert_never(step)


def _compared_with_disk(moments: Moments, step: AnyStep) -> Iterator[tuple[str, str, bytes | None]]:
    for item in seen_on_disk(step):
        if item.sha256 is not None and _is_hash(item.sha256):
            known = moments.disk_bytes(item.path, step.seq)
            is_elsewhere = known is None and moments.absent(item.path, step.seq) is not None
            is_told = known is not None or isinstance(step, CheckpointStep)
            if not is_elsewhere and is_told:
                yield item.path, item.sha256, known


def _buffer(moments: Moments, step: AnyStep, path: str) -> bytes | None:
    content = moments.buffer(path, step.buffer or 0, step.seq)
    return encode_text(content) if isinstance(content, str) else content


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and len(value) == HEX_DIGITS


def _touch_every_buffer(episode: Episode, moments: Moments) -> None:
    """Replay every buffer to its end, so that an edit out of range raises."""
    for step in episode.steps:
        if isinstance(step, CloseStep) and step.path is not None:
            moments.buffer(step.path, step.buffer or 0, step.seq - 1)
    for path, buffer in moments.buffers(episode.step_count):
        moments.buffer(path, buffer, episode.step_count)
