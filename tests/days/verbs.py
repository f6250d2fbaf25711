"""What `find`, `restore`, `checkout`, `today` and the player say, by their own functions."""

from __future__ import annotations

import argparse
import io
from typing import TYPE_CHECKING

from signoff_collector.commands import restore as restore_verb
from signoff_collector.history.files.file_history import FileHistory, Point
from signoff_collector.history.local_sessions import local_sessions
from signoff_collector.screen.console import Console
from signoff_schemas.errors import NotFoundError, SignoffError

if TYPE_CHECKING:
    from tests.days.day import Day


def points_of(day: Day, path: str) -> list[Point]:
    """Return the points of a path in the session that goes on."""
    for session in local_sessions(day.home, day.clock):
        try:
            return FileHistory(session.episode, path).points()
        except NotFoundError:
            return []
    return []


def restore(day: Day, path: str, seq: int) -> bool:
    """Run `signoff restore PATH --at step:S`; say whether it wrote anything."""
    parser = argparse.ArgumentParser()
    restore_verb.add_arguments(parser)
    words = [str(day.root / path), "--at", f"step:{seq}", "--yes", "--overwrite"]
    before = (day.root / path).read_bytes() if (day.root / path).is_file() else None
    try:
        restore_verb.run(
            parser.parse_args(words), Console(is_json=False, out=io.StringIO(), err=io.StringIO())
        )
    except SignoffError as error:
        day.log.append(f"            (restore: {error})")
        return False
    after = (day.root / path).read_bytes() if (day.root / path).is_file() else None
    return before != after
