"""What a format is: a name, and a function from one episode to the files of its export."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.imported import imported_of
from signoff_collector.levels.tasks import proposed_tasks
from signoff_datasets.actions.trace import task_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from signoff_collector.episode.content import Episode
    from signoff_collector.system.extras import Extra
    from signoff_collector.trees.whole_tree import Base

EXPORT_FILE: Final = "export.json"
"""In every export that is a folder: what it was made of, and the sign that it is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What an export is made of."""

    episode: Episode
    """Masked: what an export holds is what the episode shows."""
    sha256: str
    """Of the episode's file."""
    size_bytes: int = 0
    """Of the episode's file."""
    task: int | None = None
    """Number of a task, from 0; None for the whole episode."""
    base: Base | None = None
    """The commit that the session began at, where a repository was named."""
    repository: Path | None = None
    """The repository that was named."""
    revision: str | None = None
    """Of that commit, where the episode does not name it."""
    python: Path | None = None
    """With which tests may be run, shut in; None runs nothing."""
    statement_sha256: str | None = None
    """Of the statement by which it was signed; None for an unsigned one."""
    licence: str | None = None
    """SPDX, of the contribution, as that statement says."""

    def span(self) -> tuple[int, int]:
        """Return the first and the last step that are exported.

        Raises:
            UsageError: there is no such task.
        """
        if self.task is None:
            return 0, max(self.episode.step_count - 1, 0)
        chosen = task_of(proposed_tasks(self.episode), self.task)
        return chosen.from_seq, chosen.to_seq

    def provenance(self, version: int, first: int, last: int) -> dict[str, object]:
        """Return what every record says of where it comes from.

        Args:
            version: of the format's module.
            first: `seq` of the first step that the record is made of.
            last: of the last one.
        """
        header = self.episode.header
        imported = imported_of(header)
        commit = header.base.commit
        found: dict[str, object] = {
            "episode_sha256": self.sha256,
            "seq": [first, last],
            "export_version": version,
            "imported": None if imported is None else {"format": imported.format},
            "statement_sha256": self.statement_sha256,
            # Masking before a review may have hidden it: a placeholder names no commit.
            "base_commit": None if commit in header.masks else commit,
            "repository": header.base.repository,
            "licence": self.licence,
            "repository_licence": header.base.spdx,
        }
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of an export."""

    content: bytes
    records: int
    name: str = ""
    """Path below the folder that the export is; empty where it is one file."""
    notes: tuple[str, ...] = ()
    """What was left out and why: sentences for a person, without text of the episode."""


def export_file(told: Mapping[str, object]) -> File:
    """Return the file that says what a folder was made of; `told` holds the provenance."""
    text = json.dumps(told, ensure_ascii=True, indent=1)
    return File(name=EXPORT_FILE, content=text.encode("ascii") + b"\n", records=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One form that trainers read."""

    name: str
    ending: str
    """Of the file; empty for a folder."""
    version: int
    """Of what it writes: `export_version` of its records."""
    write: Callable[[Source], Iterator[File]]
    """Raises errors of the tree alone, before it has yielded a file that cannot stand."""
    extra: Extra | None = None
    """What has to be installed for it."""
