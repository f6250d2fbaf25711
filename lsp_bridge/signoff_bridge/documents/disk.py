"""Compare the text of an editor with the file on disk.

Editors hide three things from their language servers: the byte order mark, the encoding, and
whether the last line has an ending (Neovim always shows one). A file matches its buffer if it
differs in nothing else.
"""

from __future__ import annotations

import codecs
import os
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from signoff_collector.system.files.opening import READING_LINKED

MAX_DISK_BYTES: Final = 16 << 20
"""A larger file is not read: its text is too large to be recorded anyway."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Stamp(NamedTuple):
    """Metadata of a file; a difference means that it was written or replaced."""

    modified_ns: int
    size_bytes: int
    inode: int
    device: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFile:
    """Content of the file at one path."""

    sha256: str
    size_bytes: int
    text: str
    encoding: str
    bom: bool
    stamp: Stamp
    """The stamp after the last byte was read."""

    def matches(self, buffer: str) -> bool:
        """Return whether an editor that shows `buffer` has this file."""
        return self.text == buffer or self.lacks_final_newline_of(buffer)

    def lacks_final_newline_of(self, buffer: str) -> bool:
        """Return whether the file is `buffer` without its last line ending."""
        for ending in ("\r\n", "\n"):
            if buffer.endswith(ending):
                return self.text == buffer[: -len(ending)]
        return False


def stamp_of(path: Path) -> Stamp | None:
    """Return the stamp of a file, None when there is none. Costs one `stat`."""
    try:
        return _stamp(path.stat())
    except (OSError, ValueError):
        return None


def read_disk(path: Path) -> DiskFile | None:
    """Read a regular file of bounded size; None if there is none or it is unreadable.

    Follows symbolic links, since editors save through them; never blocks on a pipe.
    """
    found = _read(path)
    if found is None:
        return None
    content, stamp = found
    text, encoding, bom = _decode(content)
    return DiskFile(
        sha256=sha256(content).hexdigest(),
        size_bytes=len(content),
        text=text,
        encoding=encoding,
        bom=bom,
        stamp=stamp,
    )


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp(found.st_mtime_ns, found.st_size, found.st_ino, found.st_dev)


def _read(path: Path) -> tuple[bytes, Stamp] | None:
    try:
        descriptor = os.open(path, READING_LINKED)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_DISK_BYTES:
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(MAX_DISK_BYTES + 1)
        stamp = _stamp(os.fstat(descriptor))
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return (content, stamp) if len(content) <= MAX_DISK_BYTES else None


def _decode(content: bytes) -> tuple[str, str, bool]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace"), encoding, True
    try:
        return content.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1", False
