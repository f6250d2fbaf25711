"""Renumber everything in a shared episode from the beginning (threat 13).

An ordinal reveals how many came before it: tasks, states, environments, files, kinds of evidence.
Each is numbered by first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from signoff_collector.episode.content import NONE
from signoff_collector.redaction.writing.rewriting import Entry
from signoff_schemas.steps import (
    AgentStep,
    AnyStep,
    CheckpointStep,
    FilesStep,
    StepBase,
    TestsStep,
    UnknownStep,
)
from signoff_schemas.values import DiskFile

_STATES: Final = ("state", "state_before", "state_after")
_WITHHELD: Final = "withheld"
_RUNS: Final = frozenset({"command", "tests"})


@dataclass(slots=True)
class _Numbering:
    """Maps from old numbers to new ones, assigned in order of first use."""

    new: dict[int, int] = field(default_factory=dict)

    def of(self, old: int) -> int:
        return self.new.setdefault(old, len(self.new))


class _Renumberer:
    def __init__(
        self, files: Sequence[str], cut_paths: frozenset[str], *, names_repository: bool
    ) -> None:
        self.tasks = _Numbering()
        self.states = _Numbering()
        self.envs = _Numbering()
        self.files = _Numbering()
        self.evidence = _Numbering()
        self.calls = _Numbering()
        self._places = {path: place for place, path in enumerate(files)}
        self._cut_paths = cut_paths
        self._has_cut_files = bool(cut_paths)
        self._names_repository = names_repository

    def entry(self, entry: Entry) -> Entry:
        step = entry.step
        if isinstance(step, StepBase):
            return replace(entry, step=self._step(step))
        task = step.task if step.task == NONE else self.tasks.of(step.task)
        row = step._replace(
            file=self.files.of(step.file), task=task, evidence=self.evidence.of(step.evidence)
        )
        return replace(entry, step=row)

    def _step(self, step: AnyStep) -> AnyStep:
        changed: dict[str, object] = {}
        if step.path in self._places:
            self.files.of(self._places[step.path])
        if step.task is not None:
            changed["task"] = self.tasks.of(step.task)
        if step.env is not None:
            changed["env"] = self.envs.of(step.env)
        for name in _STATES:
            old: object = vars(step).get(name)
            if isinstance(old, int):
                changed[name] = self.states.of(old)
        if isinstance(step, CheckpointStep) and step.tree_sha256 is not None:
            changed["tree_sha256"] = _WITHHELD
        if step.actor.evidence and not isinstance(step, UnknownStep):
            evidence = self.words(step.actor.evidence)
            changed["actor"] = step.actor.model_copy(update={"evidence": evidence})
        if isinstance(step, FilesStep) and not self._names_repository:
            changed["changed"] = tuple(map(_without_hash, step.changed))
        if isinstance(step, AgentStep):
            changed["paths"] = self._without_cut(step.paths)
            if step.call is not None:
                changed["call"] = self.calls.of(step.call)
        if isinstance(step, TestsStep):
            changed["unsaved_paths"] = self._without_cut(step.unsaved_paths)
            if self._has_cut_files:
                changed["runnable"] = False
        return step.model_copy(update=changed) if changed else step

    def words(self, evidence: tuple[str, ...]) -> tuple[str, ...]:
        """Return evidence with a new call number, without names of other programs that ran."""
        return tuple(dict.fromkeys(map(self._word, evidence)))

    def _word(self, evidence: str) -> str:
        kind, _, name = evidence.partition(" ")
        if kind == "agent" and name.isdecimal():
            return f"agent {self.calls.of(int(name))}"
        return kind if kind in _RUNS else evidence  # its own step may be cut

    def _without_cut(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(path for path in paths if path not in self._cut_paths)


def _without_hash(item: DiskFile) -> DiskFile:
    """Return the item without the hash of a content that is not in the episode."""
    if not item.without_content:
        return item
    return item.model_copy(update={"sha256": _WITHHELD, "size_bytes": None})


def renumber(
    entries: Sequence[Entry],
    files: Sequence[str],
    evidence_sets: tuple[tuple[str, ...], ...],
    cut_paths: frozenset[str],
    *,
    names_repository: bool = False,
) -> tuple[list[Entry], tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the entries with new numbers, and the file and evidence tables they refer to.

    Hashes of contents that the episode does not contain are kept only if it names the public
    repository that has them. Otherwise a guess at the content could be confirmed by its hash
    (threat 5).
    """
    numbers = _Renumberer(files, cut_paths, names_repository=names_repository)
    shown = [entry for entry in entries if entry.is_shown]
    hidden_free = [numbers.entry(entry) for entry in shown]
    new_files = tuple(files[old] for old in numbers.files.new)
    sets = tuple(numbers.words(evidence_sets[old]) for old in numbers.evidence.new) or ((),)
    return hidden_free, new_files, sets
