"""Classify steps that change files on disk, and describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from signoff_schemas.steps import (
    CheckpointStep,
    CommandStep,
    DeleteStep,
    DiskStep,
    FilesStep,
    FileStep,
    RenameStep,
    ResyncStep,
    SeenStep,
    TestsStep,
    ToldStep,
    UnknownStep,
    seen_on_disk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_schemas.steps import AnyStep


REPLACING_OPERATIONS: Final = frozenset(
    {
        "checkout", "merge", "rebase", "reset", "revert", "cherry-pick", "stash", "pull",
        "restore",
    }
)  # fmt: skip
"""Git operations that replace contents of files."""


def changed_paths(step: AnyStep) -> Iterator[str]:
    """Return the files that a step changed on disk."""
    return (item.path for item in seen_on_disk(step))


def named(step: AnyStep) -> str:  # noqa: PLR0911  # one case per kind
    """Return the description of a step for "before …"."""
    match step:
        case CommandStep():
            return _command(step.line or " ".join(step.argv))
        case DeleteStep():
            return "it was deleted"
        case RenameStep():
            return "it was renamed"
        case ResyncStep():
            return "a change that was not recorded"
        case FilesStep() | CheckpointStep():
            return "a change on disk"
        case TestsStep():
            return "a test run"
        case FileStep() | DiskStep() | SeenStep() | ToldStep() | UnknownStep():
            return f"a {step.kind} step"
        case _:
            assert_never(step)


def _command(words: str) -> str:
    if words.startswith("signoff restore "):
        return "a restore"
    return f"`{words}`" if words else "a command"
