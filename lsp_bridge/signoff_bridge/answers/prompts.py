"""Messages that the bridge sends unasked: announcements, and one look back a day.

Never when an editor quits and never in a commit message. At most one question per day and
workspace, the harmless answer first, with a `Never` button. A person who reviewed nothing for two
weeks is asked at most once a week (docs/daily.md).

Where the companion shows our sentences by itself (VS Code), we are *patient*: nothing is said
before the first change or save, then one message a day, whatever the workspace.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_schemas import lsp_messages
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import fields_of, list_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from signoff_bridge.protocol.work import WorkQueue
    from signoff_collector.capture.opt_in.workspaces import Workspace
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

    class Speaker(Protocol):
        """Shows messages to the person."""

        def show(self, text: str, *, is_warning: bool = False) -> bool:
            """Show one sentence; return whether it could be sent."""
            ...

        def ask(
            self, text: str, choices: Sequence[str], answer: Callable[[str | None], None]
        ) -> None:
            """Ask with buttons."""
            ...

        def notify(self, method: str, params: dict[str, object]) -> None:
            """Send a message to the companion."""
            ...


LATER: Final = "Later"
LOOK: Final = "Look"
NEVER: Final = "Never"
_CHOICES: Final = (LATER, LOOK, NEVER)
_MOST_WAITING: Final = 8
_MAX_BYTES: Final = 1 << 20
_DAY_NS: Final = 24 * 3600 * 10**9
_WEEK_NS: Final = 7 * _DAY_NS
_TIRED_NS: Final = 14 * _DAY_NS
"""After this time without a review, questions come at most once a week."""
_FILE: Final = "prompts.json"
_MACHINE: Final = Path()
"""Stands in the memory for all workspaces of this machine."""
_MOST_SAID: Final = 64


class Prompts:
    """Asks once per workspace and process, when its first document is open; never repeats."""

    def __init__(self, home: Home | None, clock: Clock, work: WorkQueue, speaker: Speaker) -> None:
        self._home = home
        self._clock = clock
        self._work = work
        self._speaker = speaker
        self._met: set[Path] = set()
        self._said: set[tuple[Path, str]] = set()
        self._waiting: list[tuple[Workspace, Session]] = []
        self.has_review = False
        """Whether the companion can open the review itself."""
        self.is_patient = False
        """Whether the companion shows what we have to say, so that we hardly ever speak up."""

    def meet(self, workspace: Workspace) -> None:
        """Handle the first document of a workspace; where we are patient, its first change."""
        is_new = workspace.root not in self._met
        self._met.add(workspace.root)
        if is_new or not self.is_patient:
            self.announce(workspace)
        if is_new:
            self._work.submit(lambda: self._look_back(workspace))

    def look_at(self, ended: Sequence[tuple[Workspace, Session]]) -> None:
        """Note sessions that ended while the editor runs; ask once one of them is sealed."""
        from signoff_collector.capture.sessions.seal_notes import sealed_as

        self._waiting = [*self._waiting, *ended][-_MOST_WAITING:]
        sealed = [entry for entry in self._waiting if sealed_as(entry[1]) is not None]
        self._waiting = [entry for entry in self._waiting if entry not in sealed]
        for workspace, _ in sealed:
            self._work.submit(partial(self._look_back, workspace, is_over=True))

    def see_review(self, root: Path) -> None:
        """Note that the person opened a review of this workspace: no question is due today."""
        self._work.submit(lambda: self._note_review(root))

    def _note_review(self, root: Path) -> None:
        if self._home is None:
            return
        memory, now_ns = PromptMemory(self._home), self._clock.wall_ns()
        if memory.may_ask(root, _day(now_ns)) is not None:
            memory.note_looked(root, _day(now_ns), now_ns)

    def _note_looked(self, root: Path) -> None:
        if self._home is not None:
            now_ns = self._clock.wall_ns()
            PromptMemory(self._home).note_looked(root, _day(now_ns), now_ns)

    def announce(self, workspace: Workspace) -> None:
        """Announce facts about this opt-in that this process has not announced yet."""
        if workspace.root in self._met or not self.is_patient:
            self._work.submit(lambda: self._say_new(workspace))

    def _say_new(self, workspace: Workspace) -> None:
        told = workspace
        if self.is_patient and workspace.asked_in is not None:
            told = replace(workspace, is_confirmed=True)  # who agreed in an editor knows of it
        for sentence in told.announcements(self._clock.wall_ns()):
            about = f"{workspace.root} {workspace.enabled_ns} {sentence}"
            if (workspace.root, sentence) in self._said or not self._may_disturb(about):
                continue
            if self._speaker.show(f"Signoff: {sentence}", is_warning=True):
                self._said.add((workspace.root, sentence))
                self._note_disturbed(about)

    def _may_disturb(self, about: str = "") -> bool:
        if not self.is_patient:
            return True
        if self._home is None:
            return False
        memory = PromptMemory(self._home)
        return memory.may_disturb(_day(self._clock.wall_ns()), about)

    def _note_disturbed(self, about: str = "") -> None:
        if self.is_patient and self._home is not None:
            today = _day(self._clock.wall_ns())
            PromptMemory(self._home).note_disturbed(today, about)

    def _look_back(self, workspace: Workspace, *, is_over: bool = False) -> None:
        home = self._home
        if home is None:
            return
        memory = PromptMemory(home)
        now_ns = self._clock.wall_ns()
        today = _day(now_ns)
        since_ns = memory.may_ask(workspace.root, today, now_ns)
        if since_ns is None:
            return
        before = None if is_over else today
        kept = _sealed_since(home, workspace.root, since_ns, before)
        question = look_back(kept, now_ns)
        if question is None or not self._may_disturb():
            return
        self._note_disturbed()
        memory.note_asked(workspace.root, today, now_ns, max(one.started_ns for one in kept))
        self._speaker.ask(question, _CHOICES, lambda choice: self._answered(workspace, choice))

    def _answered(self, workspace: Workspace, choice: str | None) -> None:
        if choice == LOOK:
            self._work.submit(lambda: self._note_looked(workspace.root))
        if choice == LOOK and self.has_review:
            self._speaker.notify(lsp_messages.REVIEW, {"root": str(workspace.root)})
        elif choice == LOOK:
            self._speaker.show("Signoff: `signoff review` in a terminal shows it; nothing is sent.")
        elif choice == NEVER and self._home is not None:
            home = self._home
            self._work.submit(lambda: PromptMemory(home).note_never(workspace.root))


class PromptMemory:
    """Stores when the person was last asked, in `state/prompts.json`."""

    def __init__(self, home: Home) -> None:
        self._path = home.state / _FILE

    def may_ask(self, root: Path, today: str, now_ns: int | None = None) -> int | None:
        """Return the start (wall clock) of the newest announced session; None if not to ask.

        Args:
            root: the workspace.
            today: the local calendar day.
            now_ns: wall clock; with it, who looked at nothing for two weeks is left alone
                for a week after each question.
        """
        fields = self._fields(root)
        if fields.get("never") is True or fields.get("day") == today:
            return None
        asked_ns, ignored_ns = _time(fields, "asked_ns"), _time(fields, "ignored_since_ns")
        is_tired = now_ns is not None and ignored_ns and now_ns - ignored_ns >= _TIRED_NS
        if is_tired and now_ns is not None and 0 <= now_ns - asked_ns < _WEEK_NS:
            return None
        return _time(fields, "told_ns")

    def note_asked(self, root: Path, today: str, wall_ns: int, told_ns: int) -> None:
        """Remember that the person was asked today, and since when they looked at nothing.

        Args:
            root: the workspace.
            today: the local calendar day.
            wall_ns: now.
            told_ns: when the newest session began that they were told of. The one that goes
                on began before the question too, and is told of another day.
        """
        ignored_ns = _time(self._fields(root), "ignored_since_ns") or wall_ns
        entry = {"asked_ns": wall_ns, "told_ns": told_ns, "ignored_since_ns": ignored_ns}
        self._put(root, {"day": today, **entry})

    def note_looked(self, root: Path, today: str, wall_ns: int) -> None:
        """Record that the person reviewed today."""
        told_ns = _time(self._fields(root), "told_ns")
        self._put(root, {"day": today, "asked_ns": wall_ns, "told_ns": told_ns})

    def may_disturb(self, today: str, sentence: str) -> bool:
        """Say whether nothing was said today on this machine, and this sentence never was."""
        entry = self._fields(_MACHINE)
        return entry.get("day") != today and _short(sentence) not in list_of(entry.get("said"))

    def note_disturbed(self, today: str, sentence: str) -> None:
        """Record that something was said today, and which sentence; of a question, none."""
        said = [one for one in list_of(self._fields(_MACHINE).get("said")) if type(one) is str]
        new = [_short(sentence)] if sentence else []
        self._put(_MACHINE, {"day": today, "said": [*said, *new][-_MOST_SAID:]})

    def note_never(self, root: Path) -> None:
        """Remember not to ask again here."""
        self._put(root, {"never": True})

    def _fields(self, root: Path) -> dict[str, object]:
        entry = self._entries().get(str(root))
        return fields_of(entry)

    def _entries(self) -> dict[str, object]:
        try:
            parsed: object = json.loads(read_regular(self._path, max_bytes=_MAX_BYTES))
        except (SignoffError, ValueError, RecursionError):
            return {}
        return fields_of(parsed)

    def _put(self, root: Path, entry: dict[str, object]) -> None:
        entries = {**self._entries(), str(root): entry}
        try:
            replace_private(self._path, json.dumps(entries).encode())
        except SignoffError:
            return


def _short(sentence: str) -> str:
    return hashlib.sha256(sentence.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def _time(fields: dict[str, object], name: str) -> int:
    value = fields.get(name)
    return value if type(value) is int else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Content of a sealed session, as far as the question mentions it."""

    day: str
    tasks: int
    red_to_green: int
    started_ns: int = 0
    """Wall clock."""


def look_back(kept: Sequence[Kept], now_ns: int) -> str | None:
    """Return the question about sessions to review; None if there are none."""
    if not kept:
        return None
    days = {session.day for session in kept}
    if days == {_day(now_ns)}:
        when = "Today"
    elif days == {_day(now_ns - _DAY_NS)}:
        when = "Yesterday"
    else:
        when = f"Since {min(days)}"
    said = [
        _counted(len(kept), "session"),
        _counted(sum(session.tasks for session in kept), "task"),
        f"{sum(session.red_to_green for session in kept)} red\u2192green",
    ]
    return (
        f"{when}: {', '.join(said)}, kept by Signoff. "
        "Nothing leaves this machine unless you pick a task, look, and sign."
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _sealed_since(home: Home, root: Path, since_ns: int, before: str | None) -> list[Kept]:
    """Return sealed, not yet announced sessions of a workspace, of days before one."""
    from signoff_collector.capture.sessions.seal_notes import sealed_as
    from signoff_collector.capture.sessions.session_listing import list_sessions

    found: list[Kept] = []
    for session in list_sessions(home):
        day = _day(session.started_wall_ns)
        is_new = session.root == root and session.started_wall_ns > since_ns
        sealed = sealed_as(session) if is_new and (before is None or day < before) else None
        if sealed is not None:
            found.append(
                Kept(
                    day=day,
                    tasks=sealed.tasks,
                    red_to_green=sealed.red_to_green,
                    started_ns=session.started_wall_ns,
                )
            )
    return found


def _day(wall_ns: int) -> str:
    """Return the local calendar day of a time."""
    return datetime.fromtimestamp(wall_ns / 10**9, UTC).astimezone().strftime("%Y-%m-%d")
