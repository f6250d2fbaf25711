"""Computes one hash of all files known to be on disk after a step (format.md, section 7.1).

It depends on the episode alone: whoever holds the file can recompute it, and it reveals
nothing about contents that the file does not hold (threat 5; decision 0011).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.moments.moments import Moments
from signoff_schemas.steps import CheckpointStep, FilesStep

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

PENDING: Final = "withheld"
"""Placeholder of a checkpoint's tree hash until it is computed."""
_GONE: Final = "gone"
_WITHHELD: Final = "withheld"


def tree_sha256(moments: Moments, seq: int) -> str:
    """Return the tree hash after step `seq`.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    return TreeHasher(moments).at(seq)


class TreeHasher:
    """Computes tree hashes of one episode; caches the hash of every content."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self._leaves: dict[tuple[str, int], str] = {}
        self._withheld = _withheld_counts(moments.episode)
        self._changes = moments.changes()
        self._taken = 0
        """Number of changes already applied to the lines."""
        self._lines: dict[str, bytes] = {}
        self._paths: list[str] = []
        """Keys of the lines, sorted."""

    def at(self, seq: int) -> str:
        """Return the tree hash after step `seq`.

        Hashing is O(known files). In calls with ascending `seq` only lines of files changed
        since the call before are made again.
        """
        self._follow(seq)
        whole = hashlib.sha256(b"".join([self._lines[path] for path in self._paths]))
        seqs, sums = self._withheld
        place = bisect_right(seqs, seq)
        if place:
            whole.update(f"\0{sums[place - 1]}\0{_WITHHELD}\n".encode())
        return whole.hexdigest()

    def _follow(self, seq: int) -> None:
        if self._taken and self._changes[self._taken - 1][0] > seq:
            self._taken = 0
            self._lines.clear()
        until = bisect_right(self._changes, seq, key=lambda change: change[0])
        changed = {path for _, path in self._changes[self._taken : until]}
        self._taken = until
        is_new = not changed <= self._lines.keys()
        for path in changed:
            mode = self._moments.mode(path, seq) or ""
            line = f"{path}\0{mode}\0{self._leaf(path, seq)}\n"
            self._lines[path] = line.encode("utf-8", "surrogatepass")
        if is_new or len(self._paths) != len(self._lines):
            self._paths = sorted(self._lines)

    def _leaf(self, path: str, seq: int) -> str:
        key = (path, self._moments.disk_place(path, seq))
        leaf = self._leaves.get(key)
        if leaf is None:
            leaf = self._leaves[key] = self._hash(path, seq)
        return leaf

    def _hash(self, path: str, seq: int) -> str:
        content = self._moments.disk_bytes(path, seq)
        if content is not None:
            return hashlib.sha256(content).hexdigest()
        absent = self._moments.absent(path, seq)
        if absent is None:
            return _GONE
        return _WITHHELD if absent.base_path is None else f"base\0{absent.base_path}"


def with_tree_hashes(episode: Episode) -> Episode:
    """Return the episode with the placeholder tree hashes of its checkpoints computed."""
    wanted = {
        place
        for place, step in enumerate(episode.steps)
        if isinstance(step, CheckpointStep) and step.tree_sha256 is not None
    }
    if not wanted:
        return episode
    hasher = TreeHasher(Moments(episode))
    steps = tuple(
        step.model_copy(update={"tree_sha256": hasher.at(step.seq)}) if place in wanted else step
        for place, step in enumerate(episode.steps)
    )
    return replace(episode, steps=steps)


def _withheld_counts(episode: Episode) -> tuple[list[int], list[int]]:
    """Return the steps that withheld files with their names, and the running totals."""
    seqs: list[int] = []
    sums: list[int] = []
    for step in episode.steps:
        if isinstance(step, FilesStep) and step.withheld_count:
            seqs.append(step.seq)
            sums.append((sums[-1] if sums else 0) + step.withheld_count)
    return seqs, sums
