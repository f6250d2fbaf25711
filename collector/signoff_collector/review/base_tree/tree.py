"""The base tree: which files of the base commit may be shared, and why others may not.

A plan refers to the files by index into a list and names the list by its digest. Files that may
never be shared are in neither, so that nothing about them reaches the plan or its results: no name,
hash or number (threats 5, 24).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from signoff_schemas.errors import UsageError
from signoff_schemas.plan import WithBase

if TYPE_CHECKING:
    from collections.abc import Iterable

Group = Literal["own", "vendored", "generated", "other_licence"]
Why = Literal[
    "secret",
    "personal",
    "never_recorded",
    "ignored",
    "hidden_by_signoffignore",
    "undecided",
    "nested_repository",
    "unsafe_name",
    "submodule",
    "binary",
    "missing",
    "too_large",
    "too_much",
]
"""Why a file of the base commit is withheld, whatever the plan says."""

_HINT: Final = "Look at the base tree again: `signoff review`."


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseFile:
    """One file of the base commit that may be shared."""

    path: str
    mode: str
    """As git writes it; `120000` is a link, whose content is its target."""
    content: bytes
    group: Group = "own"
    licence: str | None = None
    """Licence that the head of the file names, if any."""
    unknown_word_line: int | None = None
    """Line of the first unknown random-looking word: the person is asked about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedFile:
    """One file of the base commit that is withheld."""

    path: str
    """Bytes that are no UTF-8 are spelled out."""
    why: Why
    line: int | None = None
    """Line of the finding, from 1; its text is never stored."""
    kind: str | None = None
    """Kind of the finding, as in placeholders."""
    size_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class BaseTree:
    """The base commit as it was read for one sealed episode."""

    commit: str
    """Object id; only on this machine unless the plan names the repository."""
    is_public: bool
    """Whether the user declared it public and a remote has the commit (decision 13)."""
    files: tuple[BaseFile, ...] = ()
    """Files that may be shared, by ascending path; a plan refers to them by index."""
    staying: tuple[ExcludedFile, ...] = ()
    scanner_key: str = ""
    """Cache key of the rules and names used for scanning, see `looking.scanner_key`."""

    @cached_property
    def sha256(self) -> str:
        """Digest of the list that a plan refers to: path, mode and content of each file."""
        whole = hashlib.sha256(b"signoff base tree\0")
        for file in self.files:
            content = hashlib.sha256(file.content).hexdigest()
            whole.update(f"{file.path}\0{file.mode}\0{content}\n".encode())
        return whole.hexdigest()

    def wanted(self, leave_out: Iterable[int] = (), take_in: Iterable[int] = ()) -> WithBase:
        """Return the plan entry that includes this tree.

        Raises:
            UsageError: a place lies outside the list.
        """
        chosen = WithBase(
            list_sha256=self.sha256,
            leave_out=tuple(sorted(set(leave_out))),
            take_in=tuple(sorted(set(take_in))),
        )
        self.refuse_other(chosen)
        return chosen

    def refuse_other(self, wanted: WithBase) -> None:
        """Refuse a plan that was made for another list.

        Raises:
            UsageError: its digest is another one, or a place lies outside the list.
        """
        if wanted.list_sha256 != self.sha256:
            raise UsageError("the plan includes a base tree with another list of files", hint=_HINT)
        last = max((*wanted.leave_out, *wanted.take_in), default=-1)
        if last >= len(self.files):
            raise UsageError(
                f"the plan names file {last} of the base tree; {len(self.files)} may be included",
                hint=_HINT,
            )
