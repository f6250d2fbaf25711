"""Cache the counts of a session between calls, in `tally.json` of its folder.

A call then reads only what was written since: `status` of 60,000 edits costs no more than of none.
The file holds counts, times and names of documents, none of their text. `forget` removes it, and it
is deleted with the journals.
"""

from __future__ import annotations

import json
from contextlib import nullcontext, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.frame_reader import Mark
from signoff_collector.capture.journal.journal_follower import Followed, JournalFollower
from signoff_collector.capture.tallies.tally import DocumentTally, SegmentTally, count
from signoff_collector.own_files.private_files import (
    locked,
    read_regular,
    replace_private,
    try_lock,
)
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import fields_of, is_fields

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from signoff_collector.capture.sessions.session_folder import Session

FILE_NAME: Final = "tally.json"
_LOCK_NAME: Final = "tally.lock"
_VERSION: Final = 3
_MAX_BYTES: Final = 8 << 20


def tallies(session: Session, *, is_kept: bool) -> Mapping[Path, Followed[SegmentTally]]:
    """Return the counts of each segment.

    Stores the result for the next call if requested, unless another process is counting right now.
    """
    lock = None
    with suppress(SignoffError):
        lock = None if not is_kept else try_lock(session.folder / _LOCK_NAME)
    with lock or nullcontext():
        kept = _kept(session)
        follower = JournalFollower(SegmentTally, count, kept)
        found = follower.look(session.journals)
        if lock is not None and _marks(found) != _marks(kept):
            with suppress(SignoffError):
                _keep(session, found)
    return found


def drop_tallies(session: Session) -> None:
    """Delete the cache; waits for a process that is counting right now.

    Raises:
        SignoffError: it cannot be done.
    """
    if (session.folder / FILE_NAME).exists() or (session.folder / _LOCK_NAME).exists():
        with locked(session.folder / _LOCK_NAME):
            (session.folder / FILE_NAME).unlink(missing_ok=True)


def _marks(found: Mapping[Path, Followed[SegmentTally]]) -> dict[Path, Mark]:
    return {path: one.mark for path, one in found.items()}


def _keep(session: Session, found: Mapping[Path, Followed[SegmentTally]]) -> None:
    segments = {path.name: asdict(one) for path, one in found.items()}
    body = {"version": _VERSION, "segments": segments}
    replace_private(session.folder / FILE_NAME, json.dumps(body).encode("ascii"))


def _kept(session: Session) -> dict[Path, Followed[SegmentTally]]:
    """Read the cached counts; what cannot be read is counted again."""
    try:
        parsed: object = json.loads(read_regular(session.folder / FILE_NAME, max_bytes=_MAX_BYTES))
    except (SignoffError, ValueError, RecursionError):
        return {}
    body = fields_of(parsed)
    segments = body.get("segments")
    if body.get("version") != _VERSION or not is_fields(segments):
        return {}
    try:
        return {
            session.folder / name: followed_from(fields_of(fields))
            for name, fields in segments.items()
        }
    except (TypeError, ValueError, AttributeError):
        return {}


def followed_from(fields: dict[str, object]) -> Followed[SegmentTally]:
    """Decode what `asdict` returned.

    Raises:
        TypeError: a field is unknown.
    """
    state = SegmentTally(**fields_of(fields.get("state")))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    state.documents = {
        uri: DocumentTally(**fields_of(one))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        for uri, one in state.documents.items()
    }
    mark = Mark(**fields_of(fields.get("mark")))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return Followed(mark=mark, state=state)


def has_edits(session: Session) -> bool:
    """Whether any document was edited in this session yet."""
    return any("edit" in one.state.by_kind for one in tallies(session, is_kept=True).values())
