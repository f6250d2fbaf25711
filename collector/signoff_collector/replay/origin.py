"""Which project a recording is of, and when it was made: what every screen of it says.

The page says the same (`editor_extensions/review_page/src/origin.ts`); both are held together by
`test/fixtures/origins.json` there. Only the owner's own screens know the folder's name; a page that
can be passed on says what the episode holds, and its times are no finer than the episode's.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.owners import Owners

if TYPE_CHECKING:
    from signoff_collector.own_files.home import Home
    from signoff_schemas.header import EpisodeHeader

_NS: Final = 1_000_000_000
_YEAR_10000_NS: Final = 253_402_300_800 * _NS


def project_of(home: Home, sha256: str) -> str | None:
    """Return the name of the folder that a sealed episode was recorded in; None: not here."""
    kept = Owners(home).recorded(sha256)
    return None if kept is None else kept.root.name


def origin_words(header: EpisodeHeader, project: str | None) -> str:
    """Return project, date and time of day on one line; recorded text, not escaped.

    Args:
        header: of the episode.
        project: name of the recorded folder, which a sealed episode does not hold; None for what
            the header says.
    """
    named = header.base.repository or header.workspace
    return f"{project or named.rstrip('/').rpartition('/')[2]} · {_when(header)}"


def _when(header: EpisodeHeader) -> str:
    start_ns = header.started_wall_ns
    if start_ns is None or not 0 <= start_ns <= _YEAR_10000_NS - header.duration_ns:
        date = header.captured_on
        return "no date in it" if date is None else f"{date}, no time of day in it"
    start, end = (
        datetime.fromtimestamp(ns // _NS).astimezone()
        for ns in (start_ns, start_ns + header.duration_ns)
    )
    if start.date() == end.date():
        return f"{start:%Y-%m-%d %H:%M}-{end:%H:%M}"
    return f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
