"""Labels to and from files of Label Studio."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import RefusedError, UsageError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from signoff_collector.labels.opening import Opened
    from signoff_collector.screen.console import Console

CONFIGURATION: Final = "config.xml"
TASKS: Final = "tasks.json"


def export_tasks(opened: Opened, arguments: argparse.Namespace, console: Console) -> None:
    """Write a new folder with the configuration of a project, and the episode as its task.

    Raises:
        UsageError: no folder was named.
        RefusedError: something lies there already.
    """
    from signoff_collector.labels.label_studio.writing import configuration, tasks, tasks_bytes
    from signoff_collector.own_files.private_files import create_private, make_private_folder

    folder: Path | None = arguments.output
    if folder is None:
        raise UsageError("--export needs -o, the folder to write")
    if folder.exists() or folder.is_symlink():
        raise RefusedError(f"{folder} is there already", hint="Name a new folder.")
    made = tasks(opened.file.found, opened.units.all, opened.proposals)
    make_private_folder(folder)
    create_private(folder / CONFIGURATION, configuration(opened.file.schema).encode())
    create_private(folder / TASKS, tasks_bytes(made))
    count = len(opened.file.marks.labels)
    console.say(f"{folder}: {CONFIGURATION} and {TASKS} with {count} labels; nothing was sent")
    if console.is_json:
        console.row({"output": str(folder.resolve()), "labels": count})


def import_tasks(opened: Opened, arguments: argparse.Namespace, console: Console) -> None:
    """Take the labels of one annotation as one's own; proposals that were only copied stay such."""
    from signoff_collector.labels.label_studio.reading import MAX_BYTES, labels_of, read_tasks
    from signoff_collector.own_files.private_files import read_regular
    from signoff_collector.system.clock import SystemClock

    now = datetime.fromtimestamp(SystemClock().wall_ns() // 1_000_000_000, UTC)
    taken = labels_of(
        read_tasks(read_regular(arguments.taken, max_bytes=MAX_BYTES)),
        opened.file.found,
        opened.units.all,
        number=arguments.annotation,
        day=now.date().isoformat(),
    )
    before = set(opened.file.marks.labels)
    opened.file.add(*taken.labels)
    new = len(set(opened.file.marks.labels) - before)
    console.say(f"{len(taken.labels)} labels read, {new} of them new or changed")
    if taken.copied:
        console.note(
            f"note: {taken.copied} proposed labels were copied by Label Studio and not changed by"
            " anybody; `signoff label --accept` or the key y makes them yours"
        )
    if console.is_json:
        console.row({"labels": len(taken.labels), "new": new, "copied": taken.copied})
