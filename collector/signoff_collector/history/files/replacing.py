"""Replace files of a workspace one by one, with an undo record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signoff_collector.history.files.restoring import Present, permissions_of, put_back, take_away
from signoff_collector.kept.replaced_files import ReplacedFile, digest, keep_replaced
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A file and its intended content."""

    path: str
    before: Present
    content: bytes | None
    """None deletes the file."""
    mode: str | None = None
    """In git's notation, if known."""

    @property
    def is_needed(self) -> bool:
        """Whether the file differs from it."""
        if self.content != self.before.content:
            return True
        return self.content is not None and self.before.mode != self.permissions

    @property
    def permissions(self) -> int:
        """The permissions the file gets."""
        return permissions_of(self.before, self.mode)

    @property
    def verb(self) -> str:
        """The action, for messages."""
        if self.content is None:
            return "remove"
        return "add" if self.before.content is None else "change"


@dataclass(slots=True)
class Outcome:
    """Result of replacing files."""

    done: list[str] = field(default_factory=list[str])
    failed: list[tuple[str, SignoffError]] = field(default_factory=list[tuple[str, SignoffError]])
    """Path and reason."""


def replace_files(
    home: Home,
    clock: Clock,
    root: Path,
    wanted: Sequence[Replacement],
    *,
    words: Sequence[str],
    progress: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Back up the current files, replace them, and record it.

    A file that changed since the comparison, or cannot be written, is left as it is.

    Args:
        home: where the undo record is kept.
        clock: of this machine.
        root: real path of the workspace.
        wanted: the replacements.
        words: the command line, without `signoff`.
        progress: called with the number of files done.

    Raises:
        SignoffError: the current files cannot be backed up; nothing was replaced.
    """
    from signoff_collector.history.files.own_record import record_restore

    kept = [
        ReplacedFile(
            path=one.path,
            before=one.before.content,
            mode_before=one.before.mode,
            sha256_after=digest(one.content),
        )
        for one in wanted
    ]
    keep_replaced(home, clock, root, words, kept)
    outcome = Outcome()
    for number, one in enumerate(wanted):
        progress(number)
        try:
            if one.content is None:
                take_away(root, one.path, before=one.before)
            else:
                put_back(root, one.path, one.content, before=one.before, mode=one.mode)
        except SignoffError as error:
            outcome.failed.append((one.path, error))
        else:
            outcome.done.append(one.path)
    if outcome.done:
        record_restore(home, clock, root, outcome.done, words)
    return outcome
