"""The plug point of objects: write-once bytes by key, in the layout of docs/sign_off.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What became of an object that was to be erased."""

    was_there: bool
    kept_versions: bool = False
    """Whether old versions stay that this store does not let us erase."""


class Objects(Protocol):
    """A folder or a bucket; safe to use from any thread. Close it when done.

    Keys are relative paths of plain names (`[A-Za-z0-9._-]`). Every method raises `NetworkError`
    when the store is away, `DiskFullError` when it is full, and `RefusedError` when it lies.
    """

    def probe(self) -> None:
        """Prove that objects are created and never overwritten; leaves nothing behind.

        Raises:
            RefusedError: a second write under one name was accepted.
        """
        ...

    def create(self, key: str, content: bytes) -> bool:
        """Put a small object whole or not at all, durably; False when one is there, untouched."""
        ...

    def create_from(self, key: str, path: Path) -> bool:
        """Put a file of any size, streamed; False when one is there already, untouched."""
        ...

    def read(self, key: str, *, max_bytes: int) -> bytes | None:
        """Return an object, or None when there is none.

        Raises:
            RefusedError: it is larger.
        """
        ...

    def copy_to(self, key: str, path: Path) -> bool:
        """Write an object into a new file, streamed; False when there is no such object."""
        ...

    def pieces(self, key: str) -> Iterator[bytes] | None:
        """Return an object in pieces of at most 1 MiB, or None when there is none."""
        ...

    def size(self, key: str) -> int | None:
        """Return the bytes of an object, or None when there is none."""
        ...

    def names(self, folder: str, *, with_hidden: bool = False) -> Iterator[str]:
        """Yield the names of the objects directly in a folder, sorted; not unfinished ones.

        Args:
            folder: a key.
            with_hidden: also those of which a bucket has old versions alone.
        """
        ...

    def folders(self, folder: str) -> Iterator[str]:
        """Yield the names of the folders directly in a folder, sorted."""
        ...

    def remove(self, key: str) -> Removed:
        """Erase an object, with its old versions where the store lets us."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...
