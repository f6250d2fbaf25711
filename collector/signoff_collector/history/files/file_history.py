"""List the states of one file that may be worth restoring.

These are the states right before text was lost or replaced: a delete, a git operation, a command, a
change from outside, an agent, a large deletion by hand. Also the last save of each hour, tests that
turned green, and the end of the session.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode.moments.moments import Moments
from signoff_collector.episode.verdicts import RedTests, Run
from signoff_collector.history.files.causes import Causes
from signoff_collector.history.files.changing_steps import changed_paths
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import (
    AgentStep,
    AnyStep,
    CheckpointStep,
    CloseStep,
    DeleteStep,
    FilesStep,
    GitStep,
    OpenStep,
    RenameStep,
    ResyncStep,
    SaveStep,
    TestsStep,
)
from signoff_schemas.words import ActorClass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments.moments import DiskChange
    from signoff_collector.history.files.session_base import BaseTexts

LARGE_DELETION: Final = 200
"""Characters removed by one edit that count as a large deletion."""
_OTHERS: Final = {
    ActorClass.ASSISTANT: "the agent's edits",
    ActorClass.COMMAND: "an editor command",
    ActorClass.EXTERNAL: "a change from outside",
    ActorClass.FORMATTER: "the formatter",
    ActorClass.GIT: "git",
}
_NEAR_NS: Final = 5 * 10**9
_ACTORS: Final = tuple(ActorClass)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A candidate for the list of restorable states."""

    seq: int
    why: str
    is_disk: bool = False
    """Whether it is the disk content, even if a buffer was open."""

    def order(self) -> tuple[int, bool]:
        """Sort key: newest first; at the same step, deletions of the file first."""
        return -self.seq, not self.why.startswith("before ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One restorable state of a file."""

    seq: int
    """The last applied step."""
    t_ns: int
    """Since the session's start."""
    why: str
    content: bytes
    is_disk: bool = False
    """Whether a buffer hid it: it can be restored only as disk content (`--disk`)."""


class FileHistory:
    """All states of one file in one session."""

    def __init__(self, episode: Episode, path: str, base: BaseTexts | None = None) -> None:
        """Replay the session once.

        Args:
            episode: the session.
            path: of the file.
            base: content before the first step that has it; None if there is no base commit.

        Raises:
            DamagedError: its edits do not fit its texts.
        """
        self._episode = episode
        self._moments = Moments(episode)
        self._base = base
        self.path = path
        self._causes = Causes(episode.steps)
        self._times = episode.times()
        edits = episode.edits
        number = episode.files.index(path) if path in episode.files else -1
        self._own = np.flatnonzero(edits.file == number)

    @property
    def is_known(self) -> bool:
        """Whether any content of the file is known."""
        return bool(len(self._own)) or self.at(self.last) is not None or bool(self.points())

    @property
    def last(self) -> int:
        """The last step of the session."""
        return self._episode.step_count - 1

    def t_ns(self, seq: int) -> int:
        """Return the time of a step since the session's start; 0 before the first."""
        return int(self._times[seq]) if 0 <= seq < len(self._times) else 0

    def at(self, seq: int) -> bytes | None:
        """Return the file after a step: its open buffer as saving would write it, else the disk.

        None if there is no file, or its content is not known.
        """
        held = self._moments.file_bytes(self.path, seq)
        return self._of_base(seq)[1] if held is None else held

    def on_disk(self, seq: int) -> bytes | None:
        """Return the disk content after a step; None if there is no file or it is not known."""
        held = self._moments.disk_bytes(self.path, seq)
        return self._of_base(seq)[1] if held is None else held

    def mode(self, seq: int) -> str | None:
        """Return the file mode in git's notation, if known."""
        return self._moments.mode(self.path, seq) or self._of_base(seq)[0]

    def _of_base(self, seq: int) -> tuple[str | None, bytes | None]:
        """Return mode and content after a step if only the base commit has them."""
        found = None if self._base is None else self._base.at(self._moments, self.path, seq)
        return found or (None, None)

    def points(self) -> list[Point]:
        """Return the restorable states, newest first; of equal neighbours only the newest."""
        found: list[Point] = []
        for wanted in sorted(self._wanted(), key=_Wanted.order):
            try:
                point = self._point(wanted)
            except DamagedError:
                continue
            if point is None:
                continue
            content = point.content
            if not (found and found[-1].content == content):
                found.append(point)
            elif self._is_gone_after(point.seq, content) and (
                self.on_disk(found[-1].seq) != content
            ):
                # An editor kept the text open longer: report what removed it from disk.
                found[-1] = replace(found[-1], why=point.why)
        return found

    def _point(self, wanted: _Wanted) -> Point | None:
        seq, shown = wanted.seq, self.at(wanted.seq)
        content = self.on_disk(seq) if wanted.is_disk else shown
        if content is None:
            return None
        is_disk = content != shown
        t_ns = self.t_ns(seq)
        return Point(seq=seq, t_ns=t_ns, why=wanted.why, content=content, is_disk=is_disk)

    def _is_gone_after(self, seq: int, content: bytes) -> bool:
        return self.on_disk(seq) == content and self.on_disk(seq + 1) != content

    def _wanted(self) -> Iterator[_Wanted]:
        yield _Wanted(seq=self.last, why="as it was last recorded")
        for moments in (
            self._before_edits(), self._before_steps(), self._before_ends(), self._greens()
        ):  # fmt: skip
            yield from (_Wanted(seq=seq, why=why) for seq, why in moments)
        for moments in (self._before_changes(), self._saves()):
            yield from (_Wanted(seq=seq, why=why, is_disk=True) for seq, why in moments)

    def _before_edits(self) -> Iterator[tuple[int, str]]:
        """Yield states before edits by others in the editor, and before large deletions."""
        edits = self._episode.edits
        before = ""
        for place in self._own.tolist():
            seq = int(edits.seq[place])
            other = _OTHERS.get(_ACTORS[int(edits.actor[place])], "")
            if other and other != before:
                yield seq - 1, f"before {other}"
            elif not other and int(edits.deleted[place]) >= LARGE_DELETION:
                yield seq - 1, f"before {int(edits.deleted[place])} characters were deleted"
            before = other

    def _before_steps(self) -> Iterator[tuple[int, str]]:
        agent = ""
        for step in self._episode.steps:
            if isinstance(step, AgentStep):
                own = step.agent_session or step.tool or "agent"
                if own != agent:
                    yield step.seq - 1, "before the agent began"
                agent = own
            elif isinstance(step, GitStep):
                yield step.seq - 1, f"before git {self._causes.git_words(step)}"
            elif isinstance(step, SaveStep) and step.path == self.path:
                if self.at(step.seq - 1) != self.at(step.seq):
                    yield step.seq - 1, "before a save over it"
            elif self._concerns(step):
                yield step.seq - 1, f"before {self._done_by(step)}"

    def _done_by(self, step: AnyStep) -> str:
        """Describe the cause of a step that changed the file on disk."""
        files = step.changed if isinstance(step, FilesStep) else ()
        is_gone = any(one.path == self.path and one.sha256 is None for one in files)
        return self._causes.done_by(step, is_gone=is_gone)

    def _before_changes(self) -> Iterator[tuple[int, str]]:
        """Yield unsaved text that a save overwrote, and disk states that a buffer hid.

        A disk state that was hidden when it was replaced is listed at the time it appeared. If
        another buffer hid it all the time, it can be restored only as disk content.
        """
        steps = {step.seq: step for step in self._episode.steps}
        for before, change in pairwise(self._moments.disk_changes(self.path)):
            is_hidden = self._moments.hiding(self.path, change.seq - 1) is not None
            why = self._why_overwritten(before, change, steps, is_hidden=is_hidden)
            disk = self._moments.disk
            if why and not (
                is_hidden and disk(self.path, before.seq) == disk(self.path, change.seq)
            ):
                yield before.seq if is_hidden else change.seq - 1, why

    def _why_overwritten(
        self,
        before: DiskChange,
        change: DiskChange,
        steps: Mapping[int, AnyStep],
        *,
        is_hidden: bool,
    ) -> str:
        """Describe what overwrote a disk state; empty if other steps cover it."""
        if change.buffer is None:
            step = steps[change.seq]
            if is_hidden:
                return f"before {self._done_by(step)}"
            # an editor reloaded it before the watcher reported it
            return "before a change on disk" if isinstance(step, OpenStep) else ""
        if before.buffer is None:
            return "before it was saved in the editor"
        if before.buffer == change.buffer or self._moments.builds_on(
            self.path, change.buffer, before.seq, change.seq
        ):
            return ""
        return "before another editor wrote over it"

    def _before_ends(self) -> Iterator[tuple[int, str]]:
        """Yield unsaved texts that were discarded when their buffer was closed or reloaded."""
        steps = {step.seq: step for step in self._episode.steps if step.path == self.path}
        for life in self._moments.lives_of(self.path):
            end = life.until
            if end is None:
                continue
            hiding = list(self._moments.hiding_buffers(self.path, end - 1))
            text = self._moments.buffer(self.path, life.buffer, end - 1)
            if life.buffer in hiding and text != self._moments.buffer(self.path, life.buffer, end):
                own = self._episode.edits.seq[life.edit_numbers]
                touched = int(own[-1]) if len(own) else life.since
                seq = end - 1 if hiding[0] == life.buffer else touched
                yield seq, self._why_gone(steps.get(end))

    def _why_gone(self, step: AnyStep | None) -> str:
        if not isinstance(step, CloseStep):
            done = "read anew"
        else:
            done = {"ended": "quit without saving", "lost": "lost"}.get(
                step.reason or "", "closed without saving"
            )
        git = "" if step is None or done == "lost" else self._git_behind(step)
        what = "the editor" if done in {"quit without saving", "lost"} else "it"
        return f"before git {git}, then {done}" if git else f"before {what} was {done}"

    def _git_near(self, step: AnyStep) -> str:
        near = (one for one in self._causes.replacing if abs(one.t_ns - step.t_ns) <= _NEAR_NS)
        found = min(near, key=lambda one: abs(one.t_ns - step.t_ns), default=None)
        return "" if found is None else found.operation

    def _git_behind(self, step: AnyStep) -> str:
        """Return the git operation that made an editor reload a text, however late."""
        edits = self._episode.edits.seq[self._own]
        saves = (
            one.seq
            for one in self._episode.steps
            if isinstance(one, SaveStep) and one.path == self.path
        )
        touched = max((seq for seq in (*edits.tolist(), *saves) if seq < step.seq), default=0)
        if self.on_disk(touched) == self.at(step.seq):
            return ""  # only the editor discarded it
        since = [one.operation for one in self._causes.replacing if touched < one.seq < step.seq]
        return since[-1] if since else self._git_near(step)

    def _concerns(self, step: AnyStep) -> bool:
        if isinstance(step, (DeleteStep, ResyncStep)):
            return step.path == self.path
        if isinstance(step, RenameStep):
            return self.path in (step.path, step.old_path)
        if isinstance(step, CheckpointStep):
            return False  # it reports a state and changes none
        return any(path == self.path for path in changed_paths(step))

    def _saves(self) -> Iterator[tuple[int, str]]:
        """Yield the last save of each hour: wall clock, or session time if that is not recorded."""
        started = self._episode.header.started_wall_ns or 0
        last: dict[object, int] = {}
        for step in self._episode.steps:
            if isinstance(step, SaveStep) and step.path == self.path:
                when = datetime.fromtimestamp((started + step.t_ns) / 1e9).astimezone()
                last[(when.date(), when.hour)] = step.seq
        for seq in last.values():
            yield seq, "saved"

    def _greens(self) -> Iterator[tuple[int, str]]:
        """Yield the steps at which tests passed that had failed before."""
        red = RedTests[int]()
        for step in self._episode.steps:
            if isinstance(step, TestsStep) and red.take(Run.of(step), step.seq) and not red.since:
                yield step.seq, "tests green again"
