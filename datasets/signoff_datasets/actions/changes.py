"""Changes of files: finding the one that leads from a content to another, and doing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.episode.content import encode_text
from signoff_collector.levels.writing.bursts import replacement
from signoff_datasets.actions.action import DEFAULT_MODE, LINK_MODE, Change, FileState
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST: Final = 1 << 20
"""Characters: a larger file is written as a whole, since finding what stands once costs its length
for each line that it is widened by."""


def changes_between(
    path: str, before: FileState | None, after: FileState | None
) -> Iterator[Change]:
    """Yield what leads from one state of a file to another; None is no file.

    An unknown mode on either side asks for no change of it.
    """
    if after is None:
        if before is not None:
            yield Change(name="delete", path=path)
        return
    is_link = LINK_MODE in {after.mode, before.mode if before else None}
    if before is None or (is_link and before != after):
        yield Change(name="create", path=path, content=after.content, mode=after.mode)
        return
    if before.content != after.content:
        replaced = _replacement(path, before.content, after.content)
        yield replaced or Change(name="create", path=path, content=after.content, mode=before.mode)
    yield from mode_change(path, before, after)


def mode_change(path: str, before: FileState | None, after: FileState) -> Iterator[Change]:
    """Yield the change of a mode that is known to be another."""
    if before is None or after.mode is None:
        return
    if after.mode != (before.mode or DEFAULT_MODE):
        yield Change(name="set_mode", path=path, mode=after.mode)


def _replacement(path: str, before: bytes, after: bytes) -> Change | None:
    """Return a replacement of text; None where the file is no text, empty, or very large."""
    old, new = as_text(before), as_text(after)
    if not old or new is None or len(old) + len(new) > _LONGEST:
        return None
    found = replacement(old, new)
    if found is None or not found.old:
        return None
    return Change(name="str_replace", path=path, old=found.old, new=found.new)


def as_text(content: bytes) -> str | None:
    """Return the content of a text file; None where it is not UTF-8 or has a NUL in it."""
    if b"\0" in content:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def is_text(text: str) -> bool:
    """Say whether a text can be written as UTF-8: it has no half of a surrogate pair."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def carry_out(files: dict[str, FileState], change: Change) -> None:
    """Do one change.

    Raises:
        DamagedError: it does not fit: there is no such file, or the old text does not stand there
            exactly once.
    """
    path = change.path
    before = files.get(path)
    if change.name == "create":
        mode = change.mode or (before.mode if before and before.mode != LINK_MODE else None)
        files[path] = FileState(content=change.content, mode=mode)
        return
    if before is None:
        raise DamagedError(f"there is no file {path!r} to {change.name.replace('_', ' ')}")
    match change.name:
        case "delete":
            del files[path]
        case "rename":
            files[change.new] = files.pop(path)
        case "set_mode":
            files[path] = FileState(content=before.content, mode=change.mode)
        case _:
            files[path] = FileState(content=_replaced(before.content, change), mode=before.mode)


def _replaced(content: bytes, change: Change) -> bytes:
    old = encode_text(change.old)
    place = content.find(old) if old else -1
    if place < 0 or content.find(old, place + 1) >= 0:
        raise DamagedError(f"the text to replace in {change.path!r} does not stand there once")
    return content[:place] + encode_text(change.new) + content[place + len(old) :]
