"""The counts of a session, kept from one look to the next in `tally.json` of its folder.

A look then reads only what was written since: `status` of 60,000 edits costs no more than of
none. It holds counts, times and names of documents, nothing of their text; `forget` takes it
away, and it goes with the journals.
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
    """Return, by file name, what each segment holds and how many bytes of it cannot be read.

    Keeps the result for the next look where asked to, unless another process looks right now.
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
    """Forget what was counted; a look that is under way is waited for.

    Raises:
        SignoffError: it cannot be done.
    """
    if (session.folder / FILE_NAME).exists() or (session.folder / _LOCK_NAME).exists():
        with locked(session.folder / _LOCK_NAME):
            (session.folder / FILE_NAME).unlink(missing_ok=True)


def _looked(
    session: Session, kept: Mapping[str, SegmentTally]
) -> tuple[dict[str, tuple[SegmentTally, int]], bool]:
    """Count every segment on; say also whether anything was new."""
    found: dict[str, tuple[SegmentTally, int]] = {}
    is_new = False
    for path in session.journals:
        if "-" not in path.name:
            continue  # what sealing gathered
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
    """Return what was counted before; what cannot be read is counted anew."""
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
    """Make a tally of what `asdict` gave.

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
