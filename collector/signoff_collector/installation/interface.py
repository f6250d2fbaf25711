"""What `setup` must know of an editor; one module of `targets` per editor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.installation.account import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An editor on this machine."""

    program: Path | None
    """By absolute path; None when only its configuration is there."""

    detail: str | None = None
    """What more is seen of it, in a few words."""

    remark: str | None = None
    """What is missing for it to record, in one sentence."""

    is_too_old: bool = False
    """Whether nothing can be recorded in it; `remark` says what to do."""

    is_used: bool = True
    """Whether setting it up helps this account; if not, it is set up only when it is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one file would become."""

    path: Path
    """As the editor names it; may be a link, which stays one."""

    before: bytes | None
    """None where there is no file yet."""

    after: bytes

    @property
    def is_needed(self) -> bool:
        """Whether anything would be written."""
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionInstall:
    """What one editor's own list of extensions would become; the editor itself does it."""

    program: Path
    """The editor's command-line program."""

    title: str
    extension: str
    """As editors name it: publisher and name."""

    before: str | None
    """The version that its list was seen to name."""

    version: str
    package: bytes
    """The `.vsix` file."""

    is_needed: bool


class Target(Protocol):
    """One editor."""

    name: str
    """As in `signoff setup NAME`."""

    title: str
    """As its makers write it."""

    precision: str
    """What is recorded in it, and how finely."""

    next_step: str
    """What the person does in it before anything can be recorded, in the imperative."""

    def find(self, account: Account) -> Found | None:
        """Look for it; None when there is no sign of it."""
        ...

    def changes(self, account: Account, launcher: Path) -> Sequence[Change | ExtensionInstall]:
        """Return what must become of it for it to start `launcher`; writes nothing.

        Raises:
            SignoffError: a file of it cannot be changed safely; says which and why.
        """
        ...
