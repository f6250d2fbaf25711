"""Build the step of a shared episode that lists the base files (format.md, section 6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.redaction.writing.rewriting import REVIEW_SOURCE, Entry
from signoff_schemas.steps import FilesStep
from signoff_schemas.values import Actor, DiskFile
from signoff_schemas.words import ActorClass, Basis

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.redaction.strings.step_texts import BlobStore
    from signoff_collector.review.base_tree.choosing import Carried


def is_tree(step: object) -> bool:
    """Return whether a step holds the base tree, which nobody in the session did or looked at."""
    return isinstance(step, FilesStep) and step.is_tree is True


def tree_row(episode: Episode) -> dict[str, int] | None:
    """Return the size of the base tree in a shared episode; None if it has none.

    `files`, `size_bytes`, and `withheld`: files of the commit that are left out, or that differed
    without being named.
    """
    step = next(
        (step for step in episode.steps if isinstance(step, FilesStep) and step.is_tree), None
    )
    if step is None:
        return None
    sizes = [len(episode.blobs[item.blob]) for item in step.changed if item.blob is not None]
    return {
        "files": len(sizes),
        "size_bytes": sum(sizes),
        "withheld": step.withheld_count or 0,
    }


def with_tree(entries: list[Entry], along: Carried, blobs: BlobStore) -> list[Entry]:
    """Prepend the base tree step to the entries; return them unchanged if no file is included.

    Args:
        entries: of the keep, by time.
        along: files to include.
        blobs: of the result; contents are added.
    """
    if not entries or not (along.files or along.withheld):
        return entries
    first = entries[0].step
    step = FilesStep(
        seq=first.seq,
        t_ns=first.t_ns,
        source=REVIEW_SOURCE,
        actor=Actor.model_validate({"class": ActorClass.PREEXISTING, "basis": Basis.OBSERVED}),
        is_base=True,
        is_tree=True,
        changed=tuple(
            DiskFile(path=file.path, mode=file.mode, blob=blobs.add(file.content))
            for file in along.files
        ),
        changed_count=len(along.files),
        withheld_count=along.withheld or None,
    )
    return [Entry(step=step), *entries]
