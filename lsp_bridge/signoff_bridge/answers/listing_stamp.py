"""Tell that what `signoff list` prints has changed, whichever program changed it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from signoff_collector.capture.sessions.seal_notes import note_stamps
from signoff_collector.workspaces.work_trees import file_stamp

if TYPE_CHECKING:
    from signoff_collector.own_files.home import Home


def listing_stamp(home: Home) -> str:
    """Return an opaque text that is another one once something was sealed, signed or sent.

    Costs two `stat` calls per session; nothing is read.
    """
    try:
        sessions = sorted(home.sessions.iterdir())
    except OSError:
        sessions = []
    stamps = [(folder.name, *note_stamps(folder)) for folder in sessions]
    places = [file_stamp(home.episodes), file_stamp(home.outbox)]
    return f"{zlib.crc32(repr((places, stamps)).encode()):08x}"
