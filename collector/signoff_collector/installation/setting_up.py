"""Plan what `setup` and `uninstall` would do, before anybody is asked."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.installation.applying import without_ours
from signoff_collector.installation.config_files.config_files import digest, look
from signoff_collector.installation.interface import Change
from signoff_collector.installation.targets import TARGETS
from signoff_collector.installation.targets.pytest_results import NAME as PYTEST
from signoff_collector.installation.undo.own_parts import holds_ours, part_of_ours
from signoff_collector.installation.undo.undo_record import Entry
from signoff_schemas.errors import SignoffError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.installation.account import Account
    from signoff_collector.installation.interface import ExtensionInstall, Found, Target


_PROGRAM_PATH: Final = re.compile(
    r"""["'](/[^"'\n]*/(?:bin/signoff|bin/python|neovim|hook_start\.py))["']"""
)
"""What lines of ours name of an installation, in quotes of any language."""
_PROGRAMS: Final = ("/bin/signoff", "/bin/python")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The planned changes for one editor."""

    target: Target
    found: Found | None
    """None: it was named, and there is no sign of it."""

    changes: tuple[Change | ExtensionInstall, ...]
    """Only those that are needed."""

    refusal: SignoffError | None
    """Why nothing can be done to it."""

    @property
    def is_not_worth_it(self) -> bool:
        """Whether it is set up only by name: it would not help, and nothing of ours is there."""
        return (
            self.found is not None
            and not self.found.is_used
            and bool(self.changes or self.refusal)
            and not any(
                isinstance(one, Change)
                and holds_ours((one.before or b"").decode("utf-8", "surrogateescape"))
                for one in self.changes
            )
        )


def chosen_targets(names: Sequence[str]) -> tuple[Target, ...]:
    """Return the editors of these names, all of them for none.

    Raises:
        UsageError: there is no such name.
    """
    known = {target.name: target for target in TARGETS}
    for name in names:
        if name not in known:
            raise UsageError(
                f"there is no editor {name!r} to set up",
                hint=f"Choose among {', '.join((*known, PYTEST))}.",
            )
    return tuple(target for target in TARGETS if not names or target.name in names)


def propose(targets: Sequence[Target], account: Account, launcher: Path) -> tuple[Proposal, ...]:
    """Look at every editor; a refusal of one is part of its proposal."""
    return tuple(_propose(target, account, launcher) for target in targets)


def _propose(target: Target, account: Account, launcher: Path) -> Proposal:
    found = target.find(account)
    changes: tuple[Change | ExtensionInstall, ...] = ()
    refusal: SignoffError | None = None
    if found is not None:
        try:
            planned = target.changes(account, launcher)
            changes = tuple(change for change in planned if change.is_needed)
        except SignoffError as error:
            refusal = error
    return Proposal(target=target, found=found, changes=changes, refusal=refusal)


def is_set_up(target: Target, account: Account, launcher: Path) -> bool:
    """Say whether an editor's files are as `setup` leaves them.

    Raises:
        SignoffError: they cannot be read.
    """
    return not any(change.is_needed for change in target.changes(account, launcher))


class Standing(StrEnum):
    """Which Signoff the settings of an editor, shell or agent start."""

    NONE = "none"
    THIS = "this"
    OLDER = "older"
    """This one, by lines of an older release or ones that somebody changed."""
    OTHER = "other"
    """Another installation, which is there."""
    GONE = "gone"
    """One that is not there any more: they start nothing."""


def set_up_state(target: Target, account: Account, launcher: Path) -> tuple[Standing, str | None]:
    """Say which Signoff a target starts, and the path that its lines name where that matters.

    Raises:
        SignoffError: its files cannot be read.
    """
    needed = [change for change in target.changes(account, launcher) if change.is_needed]
    if not needed:
        return Standing.THIS, None
    named: list[str] = []
    for change in needed:
        if not isinstance(change, Change):
            return (Standing.NONE if change.before is None else Standing.OLDER), None
        text = (change.before or b"").decode("utf-8", "surrogateescape")
        if not holds_ours(text):
            return Standing.NONE, None
        named += _PROGRAM_PATH.findall(part_of_ours(text))
    gone = next((path for path in named if not Path(path).exists()), None)
    if gone is not None:
        return Standing.GONE, gone
    starts = next((path for path in named if path.endswith(_PROGRAMS)), None)
    if starts is None or Path(starts).with_name("signoff") == launcher:
        return Standing.OLDER, None
    return Standing.OTHER, str(Path(starts).with_name("signoff"))


def lines_without_record(account: Account, launcher: Path, known: Sequence[Entry]) -> list[Entry]:
    """Find lines of ours without an undo record, as after the home was deleted by hand."""
    paths = {entry.path for entry in known}
    found: list[Entry] = []
    for target in TARGETS:
        with contextlib.suppress(SignoffError):
            for change in target.changes(account, launcher):
                if not isinstance(change, Change):
                    continue  # an extension is no line in a file: only its record tells whose it is
                now = look(change.path)
                if now.path in paths or now.content is None:
                    continue
                if not holds_ours(now.content.decode("utf-8", "replace")):
                    continue
                found.append(
                    Entry(
                        target=target.name,
                        path=now.path,
                        before=without_ours(now.content),
                        mode=now.mode,
                        mtime_ns=now.mtime_ns,
                        after_sha256=digest(now.content),
                        made_folders=(),
                    )
                )
    return found
