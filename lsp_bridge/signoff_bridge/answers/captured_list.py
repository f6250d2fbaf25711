"""Answer `signoff/captured`: entries of all workspaces, newest first, one line each."""

from __future__ import annotations

import os
import re
from heapq import merge
from typing import TYPE_CHECKING, Final

from signoff_bridge.protocol.addresses import canonical_path
from signoff_bridge.protocol.encodings import member
from signoff_bridge.recording.captured import ANCHOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from signoff_bridge.recording.captured import Captured, Entry
    from signoff_bridge.recording.recording import Recording

MOST_ITEMS: Final = 200
USUAL_ITEMS: Final = 50
MOST_CHARACTERS: Final = 120
_ID: Final = re.compile(r"([0-9A-Za-z-]{1,64})/([0-9]{1,15})")
_BLANKS: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_NOUNS: Final = {
    "edit": "edit", "view": "look", "select": "cursor move", "focus": "focus change",
    "diagnostics": "change of diagnostics", "assist": "suggestion", "search": "search",
}  # fmt: skip
_VERBS: Final = {
    ANCHOR: "began from the text of", "open": "opened", "close": "closed", "save": "saved",
    "create": "created", "rename": "renamed", "delete": "deleted",
}  # fmt: skip


class Source:
    """One session that is being recorded, with its metadata."""

    __slots__ = ("captured", "root", "session")

    def __init__(self, session: str, root: Path, captured: Captured) -> None:
        self.session = session
        self.root = root
        self.captured = captured


def sources_of(recordings: Iterable[Recording], uri: object) -> list[Source]:
    """Return the sessions being recorded; of one workspace only if a document selects it."""
    path = canonical_path(uri) if isinstance(uri, str) else None
    if uri is not None and path is None:
        return []
    found: list[Source] = []
    for recording in recordings:
        joined, lane, root = recording.joined, recording.lane, recording.workspace.root
        is_meant = path is None or path.is_relative_to(root)
        if joined is not None and lane is not None and is_meant:
            found.append(Source(joined.session.id, root, lane.captured))
    return found


def answer(
    sources: Sequence[Source],
    params: object,
    *,
    wall_offset_ns: int,
    mask: Callable[[], Callable[[str], str]],
) -> dict[str, object]:
    """Return the result of the request.

    Args:
        sources: the sessions to list.
        params: as the companion sent them.
        wall_offset_ns: wall clock minus time since boot.
        mask: loads the values to mask, and returns the masking function.
    """
    asked = member(params, "limit")
    limit = min(max(asked, 1), MOST_ITEMS) if type(asked) is int else USUAL_ITEMS
    before = member(params, "before")
    place = _ID.fullmatch(before) if isinstance(before, str) else None
    if before is not None and place is None:
        return {"items": [], "has_more": False}
    listed = list(_after(_all(sources), place, limit + 1))
    mask_text = mask() if any(entry.words for _, entry in listed) else str
    items = [
        _item(source, entry, wall_offset_ns=wall_offset_ns, mask_text=mask_text)
        for source, entry in listed[:limit]
    ]
    return {"items": items, "has_more": len(listed) > limit}


def _all(sources: Iterable[Source]) -> Iterator[tuple[Source, Entry]]:
    streams = [[(one, entry) for entry in one.captured.newest()] for one in sources]
    return merge(*streams, key=lambda pair: pair[1].from_ns, reverse=True)


def _after(
    pairs: Iterable[tuple[Source, Entry]], place: re.Match[str] | None, most: int
) -> Iterator[tuple[Source, Entry]]:
    """Yield up to `most` entries after the named one, which may have been forgotten meanwhile."""
    is_behind = place is None
    for source, entry in pairs:
        if is_behind and most > 0:
            most -= 1
            yield source, entry
        elif place is not None and source.session == place[1]:
            is_behind = is_behind or entry.number <= int(place[2])
            if entry.number < int(place[2]) and most > 0:
                most -= 1
                yield source, entry


def _item(
    source: Source, entry: Entry, *, wall_offset_ns: int, mask_text: Callable[[str], str]
) -> dict[str, object]:
    path = None if entry.path is None else _relative(entry.path, source.root)
    item: dict[str, object] = {
        "id": f"{source.session}/{entry.number}",
        "session": source.session,
        "root": str(source.root),
        "t_wall_ms": (entry.to_ns + wall_offset_ns) // 1_000_000,
        "kind": entry.kind,
        "count": entry.count,
        "label": _label(entry, path, mask_text),
        "from": str(entry.from_ns),
        "to": str(entry.to_ns),
    }
    return item if path is None else {**item, "path": path}


def _relative(path: Path, root: Path) -> str | None:
    """Return a path relative to the workspace; for a file reached by a link, its name."""
    if path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    real = os.path.realpath(path)
    inside = os.path.relpath(real, root)
    return path.name if inside.startswith("..") else inside


def _label(entry: Entry, path: str | None, mask_text: Callable[[str], str]) -> str:
    if entry.kind in _NOUNS:
        noun = _NOUNS[entry.kind]
        text = noun if entry.count == 1 else f"{entry.count} {_plural(noun)}"
        text = text if path is None else f"{text} in {path}"
    elif entry.kind in _VERBS:
        times = "" if entry.count == 1 else f", {entry.count} times"
        text = f"{_VERBS[entry.kind]} {path or 'a file'}{times}"
    elif entry.words:
        text = f"{entry.kind}: {mask_text(entry.words)}"
    else:
        text = entry.kind
    line = _BLANKS.sub(" ", text).strip()
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}\u2026"


def _plural(noun: str) -> str:
    head, of, rest = noun.partition(" of ")
    ending = "es" if head.endswith(("ch", "sh")) else "s"
    return f"{head}{ending}{of}{rest}"


def range_of(value: Mapping[str, object]) -> tuple[str, int, int] | None:
    """Parse session, start and end of a `signoff.forget` argument; None if it is invalid."""
    session, start, end = (value.get(name) for name in ("session", "from", "to"))
    if not isinstance(session, str):
        return None
    numbers = [_number(part) for part in (start, end)]
    if numbers[0] is None or numbers[1] is None or numbers[0] > numbers[1]:
        return None
    return session, numbers[0], numbers[1]


def _number(value: object) -> int | None:
    is_number = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20
    return int(value) if isinstance(value, str) and is_number else None
