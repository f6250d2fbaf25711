"""Plays a trace into a session of a workspace, as an editor's bridge writes it, and seals it.

The journal holds what the trace tells: a file was opened, these edits came at these times, and it
lies on disk at the end, where the player put it. Nobody says who made an edit, so nobody does in
the episode either: no edit counts as typed. The header names the player as the editor.

An *imported* episode is refused by reviews and data sets, since nobody here can say whose work it
is (`docs/imports.md`). This is no way round that: what is played is public under CC BY 4.0, it is
signed with a key that was made for the run and that nobody else vouches for, for a folder of this
machine that nothing is ever sent to, and a data set of k=1 is for whoever signed. Whoever takes
one of these episodes elsewhere has an episode without a sign-off that counts.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from experiments.worth.data.traces import Change
from signoff_collector.capture.journal.journal_frames import RecordKind, pack_body
from signoff_collector.capture.sessions.session_listing import list_sessions
from signoff_collector.capture.sessions.sessions import open_session
from signoff_collector.episode.content import encode_text
from signoff_collector.known_values.kept_values import Kept
from signoff_collector.seal.sealing import seal_session
from signoff_collector.text.line_text import LineText
from signoff_collector.text.positions import Encoding, content_length
from signoff_schemas.errors import DamagedError, SessionOverError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.capture.journal.journal_writer import JournalWriter
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.seal.sealing import SealedEpisode

EDITOR: Final = "player of public editing traces"
BOOT_ID: Final = "played"
_START_NS: Final = 10**12
"""Time since boot at which a session begins; any will do."""


class PlayedClock:
    """The clock of a session that is played: it says what the trace says."""

    def __init__(self, wall_ns: int) -> None:
        self._first_ns = wall_ns
        self.now_ns = wall_ns

    def boot_ns(self) -> int:
        """Return nanoseconds since a boot that never was."""
        return _START_NS + self.now_ns - self._first_ns

    def wall_ns(self) -> int:
        """Return the time of the trace."""
        return self.now_ns

    def asleep_ns(self) -> int:
        """Return that nothing was ever suspended."""
        return 0

    def boot_id(self) -> str:
        """Return the id of no boot of this machine."""
        return BOOT_ID


@dataclass(frozen=True, slots=True)
class _Root:
    root: Path


def play_and_seal(
    home: Home, root: Path, path: str, start: str, changes: Sequence[Change]
) -> tuple[SealedEpisode, str]:
    """Return the sealed episode of one part of a trace, and the text that it ends with.

    What an earlier run left of the same workspace when it was killed is removed first.

    Args:
        home: one of the run's own, where keys and sessions lie.
        root: folder of the workspace; made anew.
        path: name of the one file.
        start: its text before the first change.
        changes: at least one.

    Raises:
        DamagedError: an edit does not fit the text.
        SignoffError: the session cannot be written or sealed.
    """
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    root = root.resolve()
    for left in list_sessions(home):
        if left.root == root:
            shutil.rmtree(left.folder)
    clock = PlayedClock(changes[0][0])
    session = open_session(home, _Root(root), clock)
    end = _play(session, clock, root / path, start, changes)
    own = session.try_own()
    if own is None:
        raise SessionOverError(f"another run records {root}")
    with own:
        sealed = seal_session(session, home, clock, environ={}, kept=Kept())
    shutil.rmtree(session.folder)
    return sealed, end


def _play(
    session: Session, clock: PlayedClock, file: Path, start: str, changes: Sequence[Change]
) -> str:
    uri = file.as_uri()
    text = LineText(start)
    if start:
        file.write_bytes(encode_text(start))
    fields = {"editor": EDITOR, "encoding": "utf-32", "closes_documents": True}
    writer = session.join("lsp", clock=clock, header_fields=fields)
    try:
        document = {"uri": uri, "languageId": file.suffix[1:], "version": 0, "text": start}
        _say(writer, clock, "didOpen", {"textDocument": document})
        for version, (clock.now_ns, patches) in enumerate(changes, 1):
            _say(
                writer,
                clock,
                "didChange",
                {
                    "textDocument": {"uri": uri, "version": version},
                    "contentChanges": [_change(text, *patch) for patch in patches],
                },
            )
        end = str(text)
        file.write_bytes(encode_text(end))
        digest = hashlib.sha256(encode_text(end)).hexdigest()
        saved = {
            "t_boot_ns": clock.boot_ns(),
            "uri": uri,
            "disk_sha256": digest,
            "text_sha256": digest,
            "size_bytes": file.stat().st_size,
            "matches": True,
            "text": None,
        }
        writer.append_value(RecordKind.SAVE, saved)
        _say(writer, clock, "didClose", {"textDocument": {"uri": uri}})
    finally:
        writer.close()
    return end


def _say(writer: JournalWriter, clock: PlayedClock, method: str, params: object) -> None:
    raw = json.dumps(params, separators=(",", ":")).encode()
    body = [clock.boot_ns(), f"textDocument/{method}", raw]
    writer.append(RecordKind.LSP, pack_body(body))


def _change(text: LineText, start: int, deleted: int, put: str) -> dict[str, object]:
    """Make an edit in the text; return it as the protocol says it.

    A place inside of CR LF has no position there: such an edit is said as the whole new text.

    Raises:
        DamagedError: it begins or ends beyond the text.
    """
    if start + deleted > len(text):
        raise DamagedError(f"an edit ends at {start + deleted} of {len(text)} characters")
    first = _position(text, start)
    last = _position(text, start + deleted) if deleted else first
    if first is None or last is None:
        whole = str(text)
        text.reset(whole[:start] + put + whole[start + deleted :])
        return {"text": str(text)}
    text.change(*first, *last, put, Encoding.UTF32)
    places = [{"line": line, "character": column} for line, column in (first, last)]
    return {"range": {"start": places[0], "end": places[1]}, "text": put}


def _position(text: LineText, offset: int) -> tuple[int, int] | None:
    """Return line and column; None for a place between CR and LF."""
    line, at = text.place_of(offset)
    is_inside = offset - at <= content_length(text.line_at(line)[1])
    return (line, offset - at) if is_inside else None
