"""The points of a file worth having, as `restore` lists them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import NotFoundError, RefusedError, SignoffError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from signoff_collector.history.files.differences import Change
    from signoff_collector.history.files.file_history import FileHistory, Point
    from signoff_collector.history.files.restoring import Present
    from signoff_collector.history.local_sessions import LocalSession
    from signoff_collector.screen.console import Console

_WHY_WIDTH: Final = 60
_VIEWS: Final = {
    "live": ", still recording",
    "raw": "",
    "masked": ", masked: only the sealed episode is left",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row of a list, to be named by its number."""

    session: LocalSession
    path: str
    seq: int
    is_disk: bool = False
    """What lay on disk under an unsaved buffer."""


def list_points(
    name: str,
    sessions: list[tuple[LocalSession, str]],
    mask: Callable[[str], str],
    console: Console,
    *,
    most: int | None,
    is_quiet: bool = False,
) -> list[Listed]:
    """Print the points of every session that knows the file, newest first, and return them.

    Args:
        name: the file as the person wrote it.
        sessions: newest first, each with the file's path in it.
        mask: what every recorded text goes through.
        console: where to.
        most: rows, None for all.
        is_quiet: print nothing: the person knows the number.

    Raises:
        NotFoundError: no session knows it.
    """
    from signoff_collector.history.files.differences import Change

    listed: list[Listed] = []
    for session, path in console.each("Reading sessions", sessions):
        history = history_of(session, path)
        if history is None or len(listed) == most:
            continue
        now = _to_compare(session, path)
        if not listed and not is_quiet:
            console.say(mask(f"{name}, {size_words(now)} now. It can be restored as it was:"))
        if not is_quiet:
            say_session(session, console)
        for point in history.points():
            if len(listed) == most:
                console.say("… more with --all")
                break
            row = Listed(session=session, path=path, seq=point.seq, is_disk=point.is_disk)
            listed.append(row)
            if not is_quiet:
                change = Change.between(now, point.content)
                _say_point(len(listed), session, point, change, mask=mask, console=console)
    if not listed:
        raise nothing_recorded(name, sessions)
    return listed


def say_session(session: LocalSession, console: Console) -> None:
    """Print the line above a session's rows."""
    console.say(f"Session {session.id}{_VIEWS[session.view]}", style="bold")


def choose_number(
    listed: Sequence[Listed],
    number: int | None,
    console: Console,
    *,
    example: str,
    may_ask: bool = True,
    shown: str = "the difference",
) -> Listed | None:
    """Return the row that a number names: the one given, else the one a person answers.

    None where nobody wants one, or nobody can be asked.

    Raises:
        UsageError: there is no such number.
    """
    if number is None:
        if not may_ask or not console.may_offer:
            console.say(f"Shows {shown}, then asks: {example}")
            return None
        answer = console.ask(f"Number to restore (shows {shown} first); Enter ends:")
        if answer.lower() in {"", "q"}:
            return None
        if not answer.isdecimal():
            raise UsageError(f"{answer!r} is not a number of the list")
        number = int(answer)
    if not 1 <= number <= len(listed):
        raise UsageError(f"there is no number {number}; the list has {len(listed)}")
    return listed[number - 1]


def _say_point(
    number: int,
    session: LocalSession,
    point: Point,
    change: Change,
    *,
    mask: Callable[[str], str],
    console: Console,
) -> None:
    at = at_words(point.seq)
    when_ns = session.wall_ns(point.t_ns)
    why = mask(point.why)
    console.say_row(
        (f"{number:>3}", "bold"),
        (f"  {local_time(when_ns)}  {at:<11} ", "dim"),
        *change_parts(change, width=12),
        (f"  {shortened(why)}", ""),
    )
    if console.is_json:
        console.row(
            {
                "n": number,
                "session": session.id,
                "view": str(session.view),
                "at": at,
                "t": datetime.fromtimestamp(when_ns / 1e9, UTC).isoformat(),
                "disk": point.is_disk,
                "why": why,
                "added": change.added,
                "removed": change.removed,
                "size_bytes": len(point.content),
            }
        )


def change_parts(change: Change, *, width: int = 0) -> list[tuple[str, str]]:
    """Return lines added and removed, with their colours, right in their column."""
    added, _, removed = change.words().partition(" \N{MINUS SIGN}")
    if not removed:
        return [(f"{added:>{width}}", "dim")]
    padding = " " * max(0, width - len(change.words()))
    return [(f"{padding}{added} ", "green"), (f"\N{MINUS SIGN}{removed}", "red")]


def at_words(seq: int) -> str:
    """Return a step as `--at` takes it."""
    return f"step:{seq}" if seq >= 0 else "start"


def shortened(text: str) -> str:
    """Return a reason no longer than its column."""
    from signoff_collector.screen.line_wrapping import cut_at_word

    return cut_at_word(text, _WHY_WIDTH)


def _to_compare(session: LocalSession, path: str) -> bytes | None:
    """Return the file as it is now; None too where something else lies at its place."""
    try:
        return present_of(session, path).content
    except RefusedError:
        return None


def local_time(wall_ns: int) -> str:
    """Return a time of the wall clock, to the second."""
    return datetime.fromtimestamp(wall_ns / 1e9, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def history_of(session: LocalSession, path: str) -> FileHistory | None:
    """Return the file's history in one session, None where there is none that can be read."""
    from signoff_collector.history.files.file_history import FileHistory
    from signoff_collector.history.files.session_base import BaseTexts

    try:
        history = FileHistory(session.episode, path, BaseTexts(session))
    except (SignoffError, OSError):
        return None
    return history if history.is_known else None


def present_of(session: LocalSession, path: str) -> Present:
    """Return what lies at the place of the file now.

    Raises:
        RefusedError: something lies there that is no file.
    """
    from signoff_collector.history.files.restoring import Present, present

    if not session.root.exists():
        return Present(content=None)
    if session.root.is_file():
        return present(session.root.parent, session.root.name)
    return present(session.root, path)


def nothing_recorded(name: str, sessions: Sequence[tuple[LocalSession, str]] = ()) -> NotFoundError:
    """Return what to say where no session knows the file, called as the person wrote it.

    Editors give whole paths, and have one line to show it on: the last part is said of those.
    """
    from signoff_collector.history.why_unknown import why_unknown

    shown = PurePath(name).name if name.startswith("/") else name
    return NotFoundError(f"nothing was recorded of {shown}", hint=why_unknown(name, sessions))


def size_words(content: bytes | None) -> str:
    """Return how many lines a file has, or that it is not there."""
    if content is None:
        return "not there"
    lines = content.count(b"\n") + (not content.endswith(b"\n") and content != b"")
    return f"{lines} line{'' if lines == 1 else 's'}"
