"""Renumber the steps of a rewritten episode and build it.

`seq` has no gaps. Versions and transactions of edits that show nothing are skipped, so that their
count does not reveal the length of a masked value (threat 6).
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signoff_collector.episode.content import NONE, EditRows, Episode
from signoff_schemas.steps import AnyStep, DiagnosticsStep, OpenStep, StepBase

if TYPE_CHECKING:
    from signoff_collector.redaction.writing.rewriting import Entry
    from signoff_schemas.header import EpisodeHeader


@dataclass(slots=True)
class _Versions:
    """Document versions of one buffer since it was opened."""

    present: int = NONE
    """The version whose edits are being read."""
    shown: list[int] = field(default_factory=list[int])
    """Versions with a visible edit, sorted; may include the present one."""
    hidden: list[int] = field(default_factory=list[int])
    """Earlier versions without a visible edit, sorted."""

    def see(self, version: int, *, is_shown: bool) -> None:
        if version != self.present:
            if self.present != NONE and self._is_hidden:
                insort(self.hidden, self.present)
            self.present = version
        if is_shown and self._is_hidden:
            insort(self.shown, version)

    def of(self, version: int, *, dense: bool) -> int:
        """Return the new number of a version.

        A version without a visible edit gets the number of the last one with a visible edit. So
        what was reported in between does not reveal how many there were.
        """
        if dense:
            return bisect_right(self.shown, version)
        is_hidden = NONE != self.present <= version and self._is_hidden
        return max(0, version - bisect_right(self.hidden, version) - is_hidden)

    @property
    def _is_hidden(self) -> bool:
        place = bisect_right(self.shown, self.present)
        return place == 0 or self.shown[place - 1] != self.present


class _Numbers:
    def __init__(self, files: Sequence[str], *, dense: bool) -> None:
        self._places = {path: place for place, path in enumerate(files)}
        self._dense = dense
        self._versions: dict[tuple[int, int], _Versions] = {}
        self._txns: dict[int, int] = {}
        self.rows = EditRows()
        self.steps: list[AnyStep] = []

    def add(self, entry: Entry, *, renumber_txns: bool) -> None:
        seq = len(self.rows) + len(self.steps)
        if isinstance(entry.step, StepBase):
            self.steps.append(self._step(entry.step, seq))
            return
        edit = entry.step
        versions = self._versions.setdefault((edit.file, edit.buffer), _Versions())
        versions.see(edit.version, is_shown=entry.is_shown)
        if not entry.is_shown:
            return
        txn = edit.txn
        if renumber_txns:
            txn = self._txns.setdefault(txn, len(self._txns))
        version = versions.of(edit.version, dense=self._dense)
        self.rows.append(edit._replace(seq=seq, txn=txn, version=version))

    def _step(self, step: AnyStep, seq: int) -> AnyStep:
        changed: dict[str, object] = {"seq": seq}
        place = self._places.get(step.path or "")
        if place is not None:
            key = (place, step.buffer or 0)
            if isinstance(step, OpenStep):
                self._versions[key] = _Versions()
            elif isinstance(step, DiagnosticsStep) and step.version is not None:
                versions = self._versions.get(key, _Versions())
                changed["version"] = versions.of(step.version, dense=self._dense)
        return step.model_copy(update=changed)


def build_episode(
    header: EpisodeHeader,
    files: tuple[str, ...],
    entries: Sequence[Entry],
    blobs: tuple[bytes, ...],
    evidence_sets: tuple[tuple[str, ...], ...],
    *,
    dense: bool = False,
) -> Episode:
    """Build the episode from rewritten entries, numbered from 0.

    Args:
        header: its counts and duration are set from the entries.
        files: shown paths, indexed by the entries.
        entries: sorted by time; invisible ones are skipped.
        blobs: contents by ordinal.
        evidence_sets: indexed by the edits' evidence numbers.
        dense: also number versions and transactions from 0, so that in a shared part they do
            not reveal what was before it.
    """
    renumber = dense or any(not entry.is_shown for entry in entries)
    numbers = _Numbers(files, dense=dense)
    for entry in entries:
        numbers.add(entry, renumber_txns=renumber)
    last = entries[-1].step.t_ns if entries else 0
    total = len(numbers.rows) + len(numbers.steps)
    duration = max(header.duration_ns, last) if not dense else last
    counts = {"edits": len(numbers.rows), "steps": total, "duration_ns": duration}
    return Episode(
        header=header.model_copy(update=counts),
        files=files,
        steps=tuple(numbers.steps),
        edits=numbers.rows.table(evidence_sets),
        blobs=blobs,
    )
