"""Write a task repository: what was verified as tasks, what was not as candidates beside them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.moments.moments import Moments
from signoff_collector.own_files.scratch import scratch_folder
from signoff_datasets.exports.swebench.base_clone import BaseClone, objects_of
from signoff_datasets.exports.swebench.candidates import Task, candidate, stated_tasks
from signoff_datasets.exports.swebench.instance import SPLIT, Instance
from signoff_datasets.exports.swebench.refusals import Refusal
from signoff_datasets.exports.swebench.verifying import RUNS, verified
from signoff_schemas.errors import NotFoundError, SignoffError, UsageError

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_datasets.exports.swebench.shutting_in import Cell

DATASET: Final = "signoff"
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the rest of the tree comes from."""

    repository: Path
    base: str | None = None
    """Commit that the first task began with; None: as the episode names it."""


@dataclass(slots=True, kw_only=True)
class Made:
    """What became of the tasks of some episodes."""

    verified: list[Instance] = field(default_factory=list[Instance])
    unverified: list[Instance] = field(default_factory=list[Instance])
    refused: list[Refusal] = field(default_factory=list[Refusal])

    def left_out(self) -> dict[str, int]:
        """Return how many were refused, by reason."""
        reasons = sorted(one.reason for one in self.refused)
        return {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}


def make_instances(
    episode: Episode,
    sha256: str,
    source: Source,
    *,
    cell: Cell | None = None,
    runs: int = RUNS,
    told: Told = lambda _: None,
) -> Made:
    """Return the instances of an episode's stated tasks.

    Args:
        episode: one's own, or a shared one.
        sha256: of its file.
        source: the repository; only objects are read from it.
        cell: where tests are run; None runs nothing, and verifies nothing.
        runs: how often, before and after.
        told: is told of each run.

    Raises:
        NotFoundError: there is no repository.
        DamagedError: an edit does not fit its text.
        SignoffError: git fails, or a file cannot be written.
    """
    objects_of(source.repository)
    made = Made()
    making = _Making(episode=episode, sha256=sha256, cell=cell, runs=runs, told=told)
    for place, task in enumerate(stated_tasks(episode)):
        if isinstance(task, Refusal):
            made.refused.append(task)
            continue
        revision = (source.base if place == 0 else None) or task.base_commit
        one = making.instance(task, source.repository, revision)
        if isinstance(one, Refusal):
            made.refused.append(one)
        else:
            (made.unverified if one.lists is None else made.verified).append(one)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    episode: Episode
    sha256: str
    cell: Cell | None
    runs: int
    told: Told

    def instance(self, task: Task, repository: Path, revision: str | None) -> Instance | Refusal:
        """Return the instance of a task, verified where there is a cell."""
        with scratch_folder("signoff-", what="a clone") as folder:
            try:
                clone = BaseClone.take(repository, revision or "", Path(folder, "clone"))
            except (UsageError, NotFoundError) as error:
                return Refusal(reason="base_unknown", said=f"task {task.number}: {error}")
            one = candidate(self.episode, Moments(self.episode), task, clone)
            if isinstance(one, Refusal):
                return one
            header = self.episode.header
            found = Instance(candidate=one, header=header, sha256=self.sha256)
            if self.cell is None:
                return found
            lists = verified(one, clone, self.cell, runs=self.runs, told=self.told)
            return lists if isinstance(lists, Refusal) else replace(found, lists=lists)


def write_task_repository(made: Made, folder: Path) -> None:
    """Write it into a new or empty folder; with a fault nothing is left there.

    Raises:
        UsageError: the folder is not empty.
        SignoffError: a file cannot be written.
    """
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty", hint="Name a new or empty folder.")
    try:
        with tempfile.TemporaryDirectory(prefix=".signoff-", dir=folder.parent) as beside:
            whole = Path(beside, "whole")
            for path, text in repository_files(made).items():
                place = whole / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(text.encode("utf-8"))
            os.replace(whole, folder)  # noqa: PTH105  onto a folder that may be there, empty
    except OSError as error:
        raise SignoffError(f"cannot write to {folder}: {error.strerror or error}") from error


def repository_files(made: Made) -> dict[str, str]:
    """Return the files of a task repository by path."""
    settings = {"datasets": [DATASET], "splits": [SPLIT]}
    found = {"sweb.yaml": json.dumps(settings, indent=2) + "\n"}
    for kind, instances in (("tasks", made.verified), ("candidates", made.unverified)):
        for one in instances:
            for name, text in one.files(DATASET).items():
                found[f"{kind}/{one.instance_id}/{name}"] = text
    rows = [json.dumps(one.row(), ensure_ascii=True) + "\n" for one in made.verified]
    if rows:
        found["instances.jsonl"] = "".join(rows)
    refused = [{"reason": one.reason, "said": one.said} for one in made.refused]
    found["refused.json"] = json.dumps(refused, indent=2) + "\n"
    return found
