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

    remark: str | None = None
    """What is missing for it to record, in one sentence."""


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

    def changes(self, account: Account, launcher: Path) -> Sequence[Change]:
        """Return what its files must become for it to start `launcher`; writes nothing.

        Raises:
            SignoffError: a file of it cannot be changed safely; says which and why.
        """
        ...
