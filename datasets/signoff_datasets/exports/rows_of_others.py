"""Next edits and SWE-bench instances as formats: rows that other modules make, as files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signoff_datasets.exports import next_edit
from signoff_datasets.exports.chat import json_lines
from signoff_datasets.exports.interface import File, Format, export_file
from signoff_datasets.exports.swebench import instance
from signoff_schemas.errors import UsageError
from signoff_schemas.untyped import items_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_datasets.exports.interface import Source


def _next_edits(source: Source) -> Iterator[File]:
    """Yield the lines of next edits; of one task those whose target lies in it."""
    first, last = source.span()
    made = next_edit.next_edits(source.episode, source.sha256)
    found = ((one.row, _span(one.row)) for one in made.records)
    rows = (
        row | source.provenance(next_edit.EXPORT_VERSION, *span)
        for row, span in found
        if first <= span[0] <= last
    )
    told = ", ".join(f"{count} {reason}" for reason, count in made.left_out.items())
    notes = (f"of the whole episode no target are {told} (docs/next_edit.md)",) if told else ()
    for file in json_lines(rows):
        yield replace(file, notes=notes)


def _span(row: dict[str, object]) -> tuple[int, int]:
    """Return the first and last step of a row."""
    first, last = items_of(row["seq"])
    return int(str(first)), int(str(last))


def _swebench(source: Source) -> Iterator[File]:
    """Yield the files of a task repository.

    Raises:
        UsageError: no repository was named, or one task was.
    """
    from signoff_datasets.exports.swebench.shutting_in import Cell
    from signoff_datasets.exports.swebench.task_repository import Source as Tree
    from signoff_datasets.exports.swebench.task_repository import make_instances, repository_files

    if source.repository is None:
        raise UsageError(
            "--format swebench needs the repository of the work",
            hint="Name it: --repo DIR. docs/swebench.md says what else an instance needs.",
        )
    if source.task is not None:
        raise UsageError("--format swebench takes all stated tasks; leave --task out")
    made = make_instances(
        source.episode,
        source.sha256,
        Tree(repository=source.repository, base=source.revision),
        cell=None if source.python is None else Cell.of(source.python),
    )
    count = len(made.verified) + len(made.unverified)
    notes = [f"left out, {one.reason}: {one.said}" for one in made.refused]
    if made.unverified:
        notes.append("these are candidates without lists of tests; `--run PYTHON` runs the tests")
    for name, text in repository_files(made).items():
        records = count if name == "sweb.yaml" else 0
        said = tuple(notes) if name == "sweb.yaml" else ()
        yield File(name=name, content=text.encode("utf-8"), records=records, notes=said)
    yield export_file(source.provenance(instance.EXPORT_VERSION, *source.span()))


NEXT_EDIT: Final = Format(
    name="next-edit", ending=".jsonl", version=next_edit.EXPORT_VERSION, write=_next_edits
)
SWEBENCH: Final = Format(
    name="swebench", ending="", version=instance.EXPORT_VERSION, write=_swebench
)
