"""Steps that change files on disk: which ones, and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_schemas.steps import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_schemas.steps import StepBase


REPLACING_OPERATIONS: Final = frozenset(
    {
        "checkout", "merge", "rebase", "reset", "revert", "cherry-pick", "stash", "pull",
        "restore",
    }
)  # fmt: skip
"""Operations of git that put other contents into files."""


def changed_paths(step: StepBase) -> Iterator[str]:
    """Yield the files that a step says were changed."""
    for name in ("disk", "changed"):
        for item in vars(step).get(name) or ():  # unknown kinds keep theirs elsewhere
            yield item.path


def named(step: StepBase) -> str:
    """Return what a step is called in "before …"."""
    kind = kind_of(step)
    if kind == "command":
        words = getattr(step, "line", None) or " ".join(getattr(step, "argv", ()))
        if words.startswith("signoff restore "):
            return "a restore"
        return f"`{words}`" if words else "a command"
    return {
        "delete": "it was deleted",
        "rename": "it was renamed",
        "resync": "a change nobody saw",
        "files": "a change on disk",
        "tests": "a test run",
    }.get(kind, f"a {kind} step")
