"""State of one recorded workspace: its session, its journal, its pause."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from signoff_bridge.recording.lane import Lane, Writer, close_quietly
from signoff_bridge.recording.unseen import Unseen
from signoff_collector import __version__
from signoff_collector.capture.journal.control import SHARED, ControlReader
from signoff_collector.capture.journal.journal_frames import RecordKind, pack_body
from signoff_collector.capture.opt_in.policy import Policy
from signoff_collector.capture.sessions.session_life import is_over, join_workspace
from signoff_collector.capture.tallies.step_counts import count_steps
from signoff_collector.own_files.private_files import replace_private
from signoff_collector.system.files.file_systems import free_space
from signoff_collector.workspaces.enabled_list import FOREVER_NS
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from signoff_bridge.recording.documents import Document
    from signoff_collector.capture.journal.control import ControlLine
    from signoff_collector.capture.opt_in.workspaces import Workspace
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

RETRY_NS: Final = 30 * 10**9
"""Delay before recording is retried after a failure."""
COMPLAIN_NS: Final = 600 * 10**9
"""Minimal interval between reports of a recurring failure."""
ROOM_BYTES: Final = 1 << 20
"""Below this free space the disk counts as full; above it recording is retried at once."""
WRITER: Final = "lsp"


class State(StrEnum):
    """Status of one workspace, as shown to a person."""

    RECORDING = "recording"
    PAUSED = "paused"
    STOPPED = "stopped"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A session that this bridge writes to."""

    session: Session
    control: ControlReader
    presence: Path
    """File that tells `status` which release of the bridge is running."""
    body: Mapping[str, object]
    """Content of that file."""
    steps: Mapping[str, int]
    """How many steps of each kind all writers told before this bridge joined."""


class Recording:
    """The state of one workspace. Everything but `policy` changes under the recorder's lock."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.policy = Policy.for_workspace(workspace)
        self.lane: Lane | None = None
        """None while no session is open."""
        self.joined: Joined | None = None
        self.is_paused = False
        self.pause_reason = "paused"
        """Why, while it is: paused, private, shared."""
        self.paused_until_ns: int | None = None
        """Wall clock; None: until it is resumed."""
        self.is_shared = False
        """Whether the editor is shared with somebody."""
        self.has_shared = False
        """Whether this bridge asked for a pause because of that."""
        self.is_ended = False
        """No longer an enabled workspace: disabled, expired or moved."""
        self.trouble = ""
        """Why nothing is recorded although it should be."""
        self.trouble_since_ns = 0
        self.retry_at_ns = 0
        self.complained_at_ns: int | None = None
        self.was_full = False
        """Whether the disk had no room at the last failure."""
        self.last_event_ns = 0
        self.left: list[Document] = []
        """Documents whose close is not journalled yet, such as those closed in a pause."""
        self.unseen = Unseen()
        """Activity in documents that are not recorded."""
        self.refused: dict[str, int] = {}
        """Excluded documents, by reason; changed on the work thread."""
        self.last_steps: Counter[str] = Counter()
        """Step counts of the last session, while none goes on."""
        self.records_before = 0
        """Record counts of ended sessions."""

    @property
    def state(self) -> State:
        """What a person should read."""
        if self.is_ended:
            return State.OFF
        if self.trouble:
            return State.STOPPED
        return State.PAUSED if self.is_paused else State.RECORDING

    @property
    def standing(self) -> tuple[object, ...]:
        """State that is reported to a companion when it changes."""
        return self.state, self.pause_reason, self.paused_until_ns, self.joined is None

    @property
    def records(self) -> int:
        """How many records this bridge has written for the workspace."""
        return self.records_before + (self.lane.records if self.lane is not None else 0)

    @property
    def steps(self) -> Counter[str]:
        """How many steps of each kind the session has: those when we joined, and ours since.

        Of the last session while none goes on.
        """
        if self.lane is None:
            return self.last_steps
        known = Counter[str]() if self.joined is None else Counter(self.joined.steps)
        return known + self.lane.steps

    def close_counts(self) -> None:
        """Keep the counts of a session that is over."""
        self.records_before, self.last_steps = self.records, self.steps

    def is_live(self, now_ns: int) -> bool:
        """Return whether events are to be recorded now."""
        return not self.is_paused and not self.is_ended and now_ns >= self.retry_at_ns

    def tell_unseen(self) -> None:
        """Write gaps for activity in unrecorded documents, if there was any."""
        if self.unseen.is_waiting and self.lane is not None:
            for payload in self.unseen.take():
                self.lane.append(int(RecordKind.STEP), payload)

    def tell_left(self, now_ns: int, reason: str = "closed") -> None:
        """Write that documents were closed while nothing could be told, or as the editor ended."""
        left, self.left = self.left, []
        if self.lane is None:
            return
        for document in left:
            params = {"textDocument": {"uri": document.uri}, "signoff": {"reason": reason}}
            body = [now_ns, "textDocument/didClose", json.dumps(params).encode("ascii")]
            self.lane.append(int(RecordKind.LSP), pack_body(body), document)

    def tell_dropped(self, now_ns: int, ignored: int) -> None:
        """Write a gap for records lost since the last call: abandoned in the lane, or invalid."""
        lane = self.lane
        count = 0 if lane is None else lane.take_given_up() + ignored
        if lane is not None and count:
            lane.append(int(RecordKind.STEP), dropped_gap(now_ns, count=count))

    def is_over(self, clock: Clock) -> bool:
        """Say whether the session it writes into has ended. Costs a few `stat`."""
        return self.joined is not None and is_over(self.joined.session, clock)

    def note_refusal(self, reason: str) -> None:
        """Count a document that is not kept, where `setup` sees it. On the work thread."""
        self.refused[str(reason)] = self.refused.get(str(reason), 0) + 1
        if (joined := self.joined) is not None:
            show_presence(joined, self.refused)

    def poll(self, clock: Clock) -> list[ControlLine]:
        """Return new control lines and update `is_paused`."""
        lines: list[ControlLine] = []
        if self.joined is not None:
            lines = self.joined.control.poll(is_forced=True)
        self._learn_pause(clock)
        return lines

    def _learn_pause(self, clock: Clock) -> None:
        """Look at the opt-in, at the session's requests and at the editor: any of them pauses."""
        now_ns, until_ns = clock.wall_ns(), self.workspace.paused_until_ns or 0
        asked = None if self.joined is None else self.joined.control.state
        is_asked = asked is not None and asked.is_paused(clock.boot_ns())
        self.is_paused = now_ns < until_ns or is_asked or self.is_shared
        self.pause_reason, self.paused_until_ns = "paused", None
        if asked is not None and is_asked:
            self.pause_reason = asked.pause_reason
        if now_ns < until_ns < FOREVER_NS:
            self.paused_until_ns = until_ns
        elif now_ns >= until_ns and self.is_shared:
            self.pause_reason = SHARED

    def describe(self) -> dict[str, object]:
        """Return the row of `signoff/status`."""
        row: dict[str, object] = {
            "root": str(self.workspace.root),
            "state": str(self.state),
            "session": self.joined.session.id if self.joined is not None else None,
            "records": self.records,
            "steps": dict(sorted(self.steps.items())),
        }
        if self.trouble:
            row["trouble"] = self.trouble
        if self.state is State.PAUSED:
            row["pause"] = self.pause_reason
            if self.paused_until_ns is not None:
                row["paused_until_ms"] = self.paused_until_ns // 1_000_000
        return row


def dropped_gap(t_boot_ns: int, **fields: int) -> bytes:
    """Return the body of a gap that tells, afterwards, of records that were lost."""
    body: dict[str, object] = {
        "t_boot_ns": t_boot_ns,
        "t_kind": "seen_late",
        "kind": "gap",
        "reason": "dropped",
        "basis": "observed",
    }
    return pack_body({**body, **fields})


def join(
    home: Home, workspace: Workspace, clock: Clock, header_fields: Mapping[str, object]
) -> tuple[Joined, Writer]:
    """Open the workspace's session and a journal in it; records wait for it in the lane.

    Raises:
        SignoffError: no room, or the home cannot be used.
    """
    session, writer = join_workspace(home, workspace, WRITER, clock, header_fields=header_fields)
    presence = session.folder / f"bridge-{writer.writer_id}.json"
    body = {
        **header_fields,
        "version": __version__,
        "writer_id": writer.writer_id,
        "pid": os.getpid(),
    }
    joined = Joined(
        session=session,
        control=ControlReader(session.control, clock),
        presence=presence,
        body=body,
        steps=count_steps(session).by_kind,
    )
    return joined, writer


def show_presence(joined: Joined, refused: Mapping[str, int]) -> None:
    """Write which bridge is at work, and how many documents it does not keep for which reason.

    No path: `setup` and `doctor` need only the reason. A disk without room for it will be noticed
    by the journal.
    """
    try:
        replace_private(joined.presence, json.dumps({**joined.body, "refused": refused}).encode())
    except SignoffError:
        return


def leave(lane: Lane | None, joined: Joined | None) -> None:
    """Write what waits, close the journal, take the presence file away. For the work thread."""
    if lane is not None:
        lane.close()
    if joined is not None:
        joined.presence.unlink(missing_ok=True)


def has_room(home: Home) -> bool:
    """Say whether there is room to record on the home's disk. Costs one system call."""
    try:
        free_bytes, _ = free_space(home.root)
    except OSError:
        return True  # not known: the attempt will tell
    return free_bytes >= ROOM_BYTES


def closing(writer: Writer | None) -> Callable[[], None]:
    """Return the job that closes a journal which cannot be written any more."""

    def job() -> None:
        if writer is not None:
            close_quietly(writer)

    return job
