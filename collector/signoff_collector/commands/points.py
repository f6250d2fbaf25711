"""The points of a file worth having, as `restore` lists them."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import NotFoundError, RefusedError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.console import Console
    from signoff_collector.history.differences import Change
    from signoff_collector.history.file_history import FileHistory, Point
    from signoff_collector.history.local_sessions import LocalSession
    from signoff_collector.history.restoring import Present

_WHY_WIDTH: Final = 60
_VIEWS: Final = {"live": ", going on", "raw": "", "masked": ", masked: only the sealed episode"}


def list_points(
    name: str,
    sessions: list[tuple[LocalSession, str]],
    mask: Callable[[str], str],
    console: Console,
    *,
    most: int | None,
) -> int:
    """Print the points of every session that knows the file, newest first.

    Args:
        name: the file as the person wrote it.
        sessions: newest first, each with the file's path in it.
        mask: what every recorded text goes through.
        console: where to.
        most: rows, None for all.

    Raises:
        NotFoundError: no session knows it.
    """
    from signoff_collector.history.differences import Change

    rows = 0
    example = ""
    for session, path in sessions:
        history = history_of(session, path)
        if history is None:
            continue
        now = _to_compare(session, path)
        if rows == 0:
            console.say(mask(f"{name}, {size_words(now)} now. It can be had as it was:"))
        console.say(f"Session {session.id}{_VIEWS[session.view]}")
        for point in history.points():
            if rows == most:
                console.say("… more with --all")
                break
            rows += 1
            _say_point(session, point, Change.between(now, point.content), mask, console)
            if not example and point.content != now:
                example = f"--session {session.id} --at {_at(point)}"
        if rows == most:
            break
    if rows == 0:
        raise nothing_recorded(name)
    if example:
        word = shlex.quote(mask(name))
        console.say(f"Shows the difference, then asks: signoff restore {word} {example}")
    return 0


def _say_point(
    session: LocalSession,
    point: Point,
    change: Change,
    mask: Callable[[str], str],
    console: Console,
) -> None:
    at = _at(point)
    when_ns = session.wall_ns(point.t_ns)
    why = mask(point.why)
    shown = why if len(why) <= _WHY_WIDTH else f"{why[: _WHY_WIDTH - 1]}…"
    console.say(f"  {_local(when_ns)}  {at:<11} {change.words():>12}  {shown}")
    if console.is_json:
        console.row(
            {
                "session": session.id,
                "view": str(session.view),
                "at": at,
                "t": datetime.fromtimestamp(when_ns / 1e9, UTC).isoformat(),
                "why": why,
                "added": change.added,
                "removed": change.removed,
                "size_bytes": len(point.content),
            }
        )


def _at(point: Point) -> str:
    return f"step:{point.seq}" if point.seq >= 0 else "start"


def _to_compare(session: LocalSession, path: str) -> bytes | None:
    """Return the file as it is now; None too where something else lies at its place."""
    try:
        return present_of(session, path).content
    except RefusedError:
        return None


def _local(wall_ns: int) -> str:
    return datetime.fromtimestamp(wall_ns / 1e9, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def history_of(session: LocalSession, path: str) -> FileHistory | None:
    """Return the file's history in one session, None where there is none that can be read."""
    from signoff_collector.history.file_history import FileHistory

    try:
        history = FileHistory(session.episode, path)
    except (SignoffError, OSError):
        return None
    return history if history.is_known else None


def present_of(session: LocalSession, path: str) -> Present:
    """Return what lies at the place of the file now.

    Raises:
        RefusedError: something lies there that is no file.
    """
    from signoff_collector.history.restoring import Present, present

    if not session.root.exists():
        return Present(content=None)
    if session.root.is_file():
        return present(session.root.parent, session.root.name)
    return present(session.root, path)


def nothing_recorded(name: str) -> NotFoundError:
    """Return what to say where no session knows the file, called as the person wrote it.

    Editors give whole paths, and have one line to show it on: the last part is said of those.
    """
    shown = PurePath(name).name if name.startswith("/") else name
    return NotFoundError(
        f"nothing was recorded of {shown}",
        hint="Binary, large, ignored and secret files are not kept; `signoff find` sees the rest.",
    )


def size_words(content: bytes | None) -> str:
    """Return how many lines a file has, or that it is not there."""
    if content is None:
        return "not there"
    lines = content.count(b"\n") + (not content.endswith(b"\n") and content != b"")
    return f"{lines} line{'' if lines == 1 else 's'}"
