"""What the last restore of a workspace replaced, kept so that it can be undone.

One file per workspace in `state/undo`, 0600, written before anything is replaced. It goes with
the raw history: after 14 days, and with any `forget` or `discard` that concerns its workspace,
but for a `forget` of a time that began after the restore.

    {"version": 1, "root": …, "t_wall_ns": …, "boot_id": …, "t_boot_ns": …, "words": […],
    "files": [{…}, …]}, a line end, then the bytes of every file that was there, one after the other
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.own_files.private_files import (
    make_private_folder,
    read_regular,
    replace_private,
)
from signoff_schemas.errors import DamagedError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

DAYS: Final = 14
_DAY_NS: Final = 24 * 3600 * 10**9
_MAX_BYTES: Final = 1 << 30
_SUFFIX: Final = ".undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedFile:
    """One file before and after a restore; None where no file existed."""

    path: str
    before: bytes | None
    mode_before: int
    sha256_after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedFiles:
    """The backup of all files that one restore replaced."""

    root: str
    t_wall_ns: int
    """Wall-clock time of the replacement: all bytes are older."""
    words: tuple[str, ...]
    """The command line without `signoff`."""
    boot_id: str | None = None
    t_boot_ns: int = 0
    """The same as time since boot; None and 0 in files of older releases."""
    files: tuple[ReplacedFile, ...]


def digest(content: bytes | None) -> str | None:
    """Return the SHA-256 of a file's bytes; None for no file."""
    return None if content is None else hashlib.sha256(content).hexdigest()


def keep_replaced(
    home: Home, clock: Clock, root: Path, words: Sequence[str], files: Sequence[ReplacedFile]
) -> None:
    """Back up what is about to be replaced; the backup of an earlier restore is dropped.

    Raises:
        SignoffError: it cannot be written.
    """
    head = {
        "version": 1,
        "root": str(root),
        "t_wall_ns": clock.wall_ns(),
        "boot_id": clock.boot_id(),
        "t_boot_ns": clock.boot_ns(),
        "words": list(words),
        "files": [
            {
                "path": one.path,
                "size_bytes": None if one.before is None else len(one.before),
                "mode": one.mode_before,
                "sha256_after": one.sha256_after,
            }
            for one in files
        ],
    }
    make_private_folder(_folder(home))
    line = json.dumps(head).encode("ascii")
    replace_private(
        _place(home, str(root)), b"\n".join((line, b"".join(one.before or b"" for one in files)))
    )


def read_replaced(home: Home, root: Path) -> ReplacedFiles | None:
    """Read the backup of the last restore in a workspace; None without one.

    Raises:
        DamagedError: the file cannot be read.
    """
    place = _place(home, str(root))
    return _read(place) if place.exists() else None


def purge_replaced(home: Home, clock: Clock) -> None:
    """Delete backups that are 14 days old."""
    for place in _places(home):
        about = place.stat()
        if abs(clock.wall_ns() - about.st_mtime_ns) >= DAYS * _DAY_NS:
            place.unlink(missing_ok=True)


def replaced_concerned(home: Home, is_meant: Callable[[ReplacedFiles], bool]) -> dict[Path, str]:
    """Return the backups that match a predicate: path of the backup to its workspace.

    Unreadable backups are included, with an empty workspace, since their content is unknown.

    Args:
        home: where they are stored.
        is_meant: the predicate.
    """
    found: dict[Path, str] = {}
    for place in _places(home):
        root = ""
        with suppress(SignoffError):
            kept = _read(place)
            root = kept.root
            if not is_meant(kept):
                continue
        found[place] = root
    return found


def _read(place: Path) -> ReplacedFiles:
    data = read_regular(place, max_bytes=_MAX_BYTES)
    line, _, body = data.partition(b"\n")
    try:
        head = cast("dict[str, object]", json.loads(line))
        files: list[ReplacedFile] = []
        at = 0
        for row in cast("list[dict[str, object]]", head["files"]):
            size = cast("int | None", row["size_bytes"])
            end = at + (size or 0)
            files.append(
                ReplacedFile(
                    path=str(row["path"]),
                    before=None if size is None else body[at:end],
                    mode_before=int(str(row["mode"])),
                    sha256_after=cast("str | None", row["sha256_after"]),
                )
            )
            at = end
        words = tuple(str(word) for word in cast("list[object]", head["words"]))
        boot_id = cast("str | None", head.get("boot_id"))
        kept = ReplacedFiles(
            root=str(head["root"]),
            t_wall_ns=int(str(head["t_wall_ns"])),
            boot_id=boot_id,
            t_boot_ns=0 if boot_id is None else int(str(head["t_boot_ns"])),
            words=words,
            files=tuple(files),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(place) from error
    if at != len(body):
        raise _damaged(place)
    return kept


def _damaged(place: Path) -> DamagedError:
    return DamagedError(f"{place.name} is incomplete: what was replaced cannot be read")


def _folder(home: Home) -> Path:
    return home.state / "undo"


def _place(home: Home, root: str) -> Path:
    name = hashlib.sha256(root.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return _folder(home) / f"{name}{_SUFFIX}"


def _places(home: Home) -> Iterator[Path]:
    if _folder(home).is_dir():
        yield from _folder(home).glob(f"*{_SUFFIX}")
