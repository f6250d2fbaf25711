"""Cache the counts of a session between calls, in `tally.json` of its folder.

A call then reads only what was written since: `status` of 60,000 edits costs no more than of none.
The file holds counts, times and names of documents, none of their text. `forget` removes it, and it
is deleted with the journals.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.capture.journal.frame_reader import Mark
from signoff_collector.capture.sessions.tally import DocumentTally, SegmentTally, counted_on
from signoff_collector.system.private_files import locked, read_regular, replace_private, try_lock
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import fields_of, is_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.capture.sessions.session_folder import Session

FILE_NAME: Final = "tally.json"
_LOCK_NAME: Final = "tally.lock"
_VERSION: Final = 2
_MAX_BYTES: Final = 8 << 20


def tallies(session: Session, *, is_kept: bool) -> dict[str, tuple[SegmentTally, int]]:
    """Return, by file name, the counts of each segment and the number of its unreadable bytes.

    Stores the result for the next call if requested, unless another process is counting right now.
    """
    lock = None
    with suppress(SignoffError):
        lock = None if not is_kept else try_lock(session.folder / _LOCK_NAME)
    if lock is None:
        return _looked(session, _kept(session))[0]
    with lock:
        kept = _kept(session)
        found, is_new = _looked(session, kept)
        if is_new or found.keys() != kept.keys():
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


def _looked(
    session: Session, kept: Mapping[str, SegmentTally]
) -> tuple[dict[str, tuple[SegmentTally, int]], bool]:
    """Update the counts of every segment; return also whether anything was new."""
    found: dict[str, tuple[SegmentTally, int]] = {}
    is_new = False
    for path in session.journals:
        if "-" not in path.name:
            continue  # `gathered.journal`, written by sealing
        tally = kept.get(path.name, SegmentTally())
        mark = tally.mark
        tally, left_bytes = counted_on(path, tally)
        is_new |= tally.mark != mark
        found[path.name] = (tally, left_bytes)
    return found, is_new


def _keep(session: Session, found: Mapping[str, tuple[SegmentTally, int]]) -> None:
    segments = {name: asdict(tally) for name, (tally, _) in found.items()}
    body = {"version": _VERSION, "segments": segments}
    replace_private(session.folder / FILE_NAME, json.dumps(body).encode("ascii"))


def _kept(session: Session) -> dict[str, SegmentTally]:
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
        return {name: _tally(fields) for name, fields in segments.items()}
    except (TypeError, ValueError, AttributeError):
        return {}


def _tally(value: object) -> SegmentTally:
    """Decode a tally from what `asdict` returned.

    Raises:
        TypeError: it is not one.
    """
    if not is_fields(value):
        raise TypeError("not a tally")
    fields = dict(value)
    documents = cast("dict[str, dict[str, object]]", fields.pop("documents"))
    mark = cast("dict[str, int]", fields.pop("mark"))
    made = SegmentTally(**fields)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    made.mark = Mark(**mark)
    made.documents = {
        uri: DocumentTally(**one)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        for uri, one in documents.items()
    }
    return made
