"""Cache the raw history of a finished session in the form of an unmasked episode.

Reading it is faster than assembling the journals again. It is protected, purged and forgotten like
the journals and never outlives them: it is not stored if they changed meanwhile, and is rebuilt if
it is older than they are. It cannot be shared (`episode.masked`).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import replace_private
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signoff_collector.capture.sessions.sessions import Session

OWN_NAME: Final = "own.episode"


def own_bytes(session: Session) -> bytes:
    """Return a finished session as an unmasked episode of the newest format.

    Raises:
        NotFoundError: it is empty.
        SignoffError: its journals cannot be read.
    """
    from signoff_collector.episode.file.reader import EpisodeFile, read_bytes
    from signoff_collector.episode.file.upgrade import upgraded
    from signoff_collector.seal.pseudonyms import OwnNames

    path = session.folder / OWN_NAME
    if _is_newest(path, session):
        with suppress(SignoffError):
            data = upgraded(read_bytes(path))
            file = EpisodeFile(data)
            own_name = OwnNames().workspace(str(session.root))
            if not file.faults and file.header.workspace == own_name:
                return data  # else an older release made it
    from signoff_collector.episode.file.writer import write_episode
    from signoff_collector.seal.live import recorded

    made: list[bytes] = []

    def make() -> bytes:
        made.append(write_episode(recorded(session)))
        return made[0]

    with suppress(SignoffError, OSError):
        keep_while_unchanged(path, session, make)
    return made[0] if made else make()


def keep_while_unchanged(path: Path, session: Session, make: Callable[[], bytes]) -> None:
    """Store a file derived from raw history beside it, unless the history changes meanwhile.

    `forget` first writes its request, then deletes derived files, then rewrites journals. So a file
    derived from the older state is deleted either by `forget` or here.

    Raises:
        SignoffError: it cannot be made or written.
        OSError: the session is gone.
    """
    before = _raw_state(session)
    data = make()
    if not before or _raw_state(session) != before:
        return
    replace_private(path, data)
    if _raw_state(session) != before:
        path.unlink(missing_ok=True)


def _raw_state(session: Session) -> tuple[tuple[str, int, int, int], ...]:
    """Return a fingerprint that changes when raw history is written, rewritten or deleted."""
    found: list[tuple[str, int, int, int]] = []
    if not session.journals:
        return ()
    gathered = session.folder.glob("gathered.journal")  # what sealing found out belongs to it
    for path in (session.control, *gathered, *session.journals, *session.spools):
        about = path.stat()
        found.append((path.name, about.st_ino, about.st_size, about.st_mtime_ns))
    return tuple(found)


def _is_newest(path: Path, session: Session) -> bool:
    try:
        made_ns = path.stat().st_mtime_ns
        return all(made_ns >= row[3] for row in _raw_state(session))
    except OSError:
        return False
