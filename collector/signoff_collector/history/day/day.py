"""Collect what was done in a time span, from the records, for the person alone.

There are no scores or rankings: every line names a moment that can be opened.
"""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.runs.own_lines import is_looking_back
from signoff_collector.capture.test_results.pytest_results import told_since_ns
from signoff_collector.episode.verdicts import RedTests, Run
from signoff_collector.history.day.unsaved import Unsaved, UnsavedTexts
from signoff_collector.history.local_sessions import local_sessions
from signoff_collector.history.moment_of_session import Moment
from signoff_collector.history.search.finding import opened
from signoff_collector.text.command_lines import program_of
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import is_items
from signoff_schemas.words import ACTOR_CLASSES, is_restored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from signoff_collector.history.local_sessions import LocalSession
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

_INTERRUPTED: Final = 130
"""Exit code of a process that the person interrupted (SIGINT)."""
_BREAK_NS: Final = 5 * 60 * 10**9
"""A longer pause between steps does not count as active time."""


@dataclass(slots=True, kw_only=True)
class Task:
    """A task that was stated."""

    text: str
    begun: Moment
    until_ns: int
    """Start of the next task, or the last step of the session."""
    outcome: str | None


@dataclass(slots=True, kw_only=True)
class FileWork:
    """Edits of one file in editors."""

    path: str
    edits: int = 0
    added: int = 0
    """Characters inserted."""
    removed: int = 0
    last: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """Tests that failed first and passed later."""

    names: tuple[str, ...]
    red: Moment
    """The first observed failure."""
    green: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One list item: a commit, a failed command, a note, an unfinished task."""

    text: str
    at: Moment


@dataclass(slots=True, kw_only=True)
class WorkspaceDay:
    """Everything in one workspace."""

    root: Path
    began_ns: int = 0
    ended_ns: int = 0
    active_ns: int = 0
    """Sum of the pauses between steps that are shorter than five minutes."""
    tasks: list[Task] = field(default_factory=list[Task])
    notes: list[Said] = field(default_factory=list[Said])
    files: dict[str, FileWork] = field(default_factory=dict[str, FileWork])
    turned: list[Turned] = field(default_factory=list[Turned])
    test_runs: int = 0
    mute_runs: list[int] = field(default_factory=list[int])
    """Start of each pytest run without reported results, in wall-clock ns."""
    commits: list[Said] = field(default_factory=list[Said])
    commands: Counter[str] = field(default_factory=Counter[str])
    authors: Counter[str] = field(default_factory=Counter[str])
    """Characters inserted, by class of author."""
    restored: int = 0
    """Characters that `signoff restore` put back into editors: nobody wrote them anew."""
    agents: Counter[str] = field(default_factory=Counter[str])
    """Number of tool calls, by agent."""
    tests: RedTests[Moment] = field(default_factory=RedTests[Moment])
    """State of the tests over the runs so far."""
    failing: dict[str, Moment] = field(default_factory=dict[str, Moment])
    """Commands whose last run failed, except interrupted ones and runs with failed tests."""
    unsaved: list[Unsaved] = field(default_factory=list[Unsaved])

    @property
    def red(self) -> dict[str, Moment]:
        """Tests whose last run failed, with the first failure."""
        return self.tests.since

    @property
    def is_empty(self) -> bool:
        """Whether nothing was recorded."""
        return self.ended_ns == 0


@dataclass(slots=True, kw_only=True)
class Day:
    """A span of time over all workspaces."""

    since_ns: int
    until_ns: int
    workspaces: list[WorkspaceDay]
    unreadable: list[str]
    """Sessions that could not be read, and why."""
    pytest_told_ns: int | None = None
    """Latest start of the opt-in to results of plain pytest, in wall-clock ns; None if off."""


def collect_day(
    home: Home,
    clock: Clock,
    *,
    since_ns: int,
    until_ns: int,
    below: Path | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Day:
    """Collect a span of wall-clock time.

    Args:
        home: where sessions are.
        clock: of this machine.
        since_ns: start of the span, inclusive.
        until_ns: end of the span, exclusive.
        below: only workspaces around or below this folder.
        progress: called with the number of sessions read, and their total.
    """
    found: dict[Path, WorkspaceDay] = {}
    unsaved: dict[Path, UnsavedTexts] = {}
    unreadable: list[str] = []
    sessions = list(reversed(local_sessions(home, clock, below=below)))
    for number, session in enumerate(sessions):
        progress(number, len(sessions))
        if session.started_wall_ns >= until_ns or session.is_over_before(since_ns):
            continue
        try:
            day = found.setdefault(session.root, WorkspaceDay(root=session.root))
            texts = unsaved.setdefault(session.root, UnsavedTexts(session.root))
            _Gathering(session, day, texts, since_ns, until_ns).run()
        except (SignoffError, OSError) as error:
            unreadable.append(f"{session.id}: {error}")
    days = [day for day in found.values() if not day.is_empty]
    days.sort(key=lambda day: day.began_ns)
    return Day(
        since_ns=since_ns,
        until_ns=until_ns,
        workspaces=days,
        unreadable=unreadable,
        pytest_told_ns=told_since_ns(home),
    )


class _Gathering:
    """Accumulates one session into the day of a workspace."""

    def __init__(
        self,
        session: LocalSession,
        day: WorkspaceDay,
        unsaved: UnsavedTexts,
        since_ns: int,
        until_ns: int,
    ) -> None:
        self._session = session
        self._day = day
        self._unsaved = unsaved
        self._low = since_ns - session.started_wall_ns
        self._high = until_ns - session.started_wall_ns
        self._times: list[int] = []
        self._judged_runs: set[object] = set()
        """Runs with listed failures or without results; their commands are not listed again."""

    def run(self) -> None:
        searchable = opened(self._session)
        for seq, t_ns, fields in searchable.steps():
            if self._low <= t_ns < self._high:
                self._times.append(t_ns)
                self._take(fields, self._moment(seq, t_ns))
        self._take_edits()
        self._take_times()
        self._unsaved.follow(self._session, self._moment, self._low, self._high)
        self._day.unsaved = self._unsaved.left()
        if self._day.is_empty and self._day.unsaved:  # a snapshot after a pause
            self._day.began_ns = self._day.ended_ns = self._day.unsaved[-1].at.wall_ns

    def _moment(self, seq: int, t_ns: int) -> Moment:
        return Moment(session=self._session.id, seq=seq, wall_ns=self._session.wall_ns(t_ns))

    def _take(self, fields: Mapping[str, object], at: Moment) -> None:
        day = self._day
        kind = fields["kind"]
        if kind == "task":
            outcome = fields.get("outcome")
            day.tasks.append(
                Task(
                    text=str(fields.get("text", "")),
                    begun=at,
                    until_ns=at.wall_ns,
                    outcome=outcome if isinstance(outcome, str) else None,
                )
            )
        elif kind == "note":
            day.notes.append(Said(text=str(fields.get("text", "")), at=at))
        elif kind == "git" and fields.get("operation") in {"commit", "amend"}:
            message = str(fields.get("message") or fields.get("operation"))
            day.commits.append(Said(text=message.partition("\n")[0], at=at))
        elif kind == "command":
            self._take_command(fields, at)
        elif kind == "tests":
            self._take_tests(fields, at)
        elif kind == "agent" and fields.get("event") == "tool_call":
            day.agents[str(fields.get("tool", "agent"))] += 1

    def _take_command(self, fields: Mapping[str, object], at: Moment) -> None:
        argv = fields.get("argv")
        words = shlex.join(map(str, argv)) if is_items(argv) else ""
        line = str(fields.get("line") or words)
        if not line or is_looking_back(line):
            return
        program = program_of(line)
        if program:
            self._day.commands[program] += 1
        code = fields.get("exit_code")
        self._day.failing.pop(line, None)  # keep the latest failure last
        runs = fields.get("run_ids")
        is_told = isinstance(runs, list) and not self._judged_runs.isdisjoint(runs)
        if isinstance(code, int) and code not in (0, _INTERRUPTED) and not is_told:
            self._day.failing[line] = at

    def _take_tests(self, fields: Mapping[str, object], at: Moment) -> None:
        day = self._day
        day.test_runs += 1
        run = Run.of_fields(fields)
        if run.is_green is None or not all(is_green for _, is_green in run.told()):
            self._judged_runs.add(fields.get("run_id"))
        if run.framework == "pytest" and not run.cases and run.exit_code in (None, 0, 1):
            day.mute_runs.append(at.wall_ns)
        turned = day.tests.take(run, at)
        if turned:
            red = min(turned.values(), key=lambda one: one.wall_ns)
            day.turned.append(Turned(names=tuple(sorted(turned)), red=red, green=at))

    def _take_edits(self) -> None:
        import numpy as np

        edits = self._session.episode.edits
        mine = np.flatnonzero((edits.t_ns >= self._low) & (edits.t_ns < self._high))
        if not len(mine):
            return
        chosen = edits.select(mine)
        self._times.extend(chosen.t_ns.tolist())
        back = [place for place, said in enumerate(edits.evidence_sets) if is_restored(said)]
        is_new = ~np.isin(chosen.evidence, back)
        self._day.restored += int(chosen.inserted[~is_new].sum())
        for place in np.unique(chosen.actor).tolist():
            put = int(chosen.inserted[(chosen.actor == place) & is_new].sum())
            if put:
                self._day.authors[str(ACTOR_CLASSES[place])] += put
        for number in np.unique(chosen.file).tolist():
            own = chosen.file == number
            last = int(np.flatnonzero(own)[-1])
            at = self._moment(int(chosen.seq[last]), int(chosen.t_ns[last]))
            path = self._session.episode.files[number]
            work = self._day.files.setdefault(path, FileWork(path=path, last=at))
            work.edits += int(own.sum())
            work.added += int(chosen.inserted[own].sum())
            work.removed += int(chosen.deleted[own].sum())
            work.last = at

    def _take_times(self) -> None:
        if not self._times:
            return
        import numpy as np

        day = self._day
        times = np.sort(np.array(self._times, np.int64))
        waits = np.diff(times)
        day.active_ns += int(waits[waits < _BREAK_NS].sum())
        first, last = self._session.wall_ns(int(times[0])), self._session.wall_ns(int(times[-1]))
        day.began_ns = min(day.began_ns or first, first)
        day.ended_ns = max(day.ended_ns, last)
        own = [task for task in day.tasks if task.begun.session == self._session.id]
        for task, end_ns in zip(own, [*(one.begun.wall_ns for one in own[1:]), last], strict=False):
            task.until_ns = end_ns
