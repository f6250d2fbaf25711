"""An episode, or one task of it, as a sequence of actions with what came of them.

What a tool's call can do is done to files on disk, so the order is that of the disk (`editing`);
all else stands where it was seen. Nothing is lost: a change that nobody is known to have made is an
action whose author is unknown, and what was typed and never saved is counted.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.moments.moments import Moments
from signoff_collector.levels.levels import levels_of
from signoff_datasets.actions.action import Action, FileState, Observation, Trace, Verdict
from signoff_datasets.actions.authors import UNKNOWN, Weighing, author_of, author_of_words
from signoff_datasets.actions.changes import carry_out
from signoff_datasets.actions.disk_walk import DiskWalk
from signoff_datasets.actions.editing import Editing, Write, never_saved
from signoff_datasets.actions.looking import Looking
from signoff_schemas.errors import UsageError
from signoff_schemas.steps import (
    AgentStep,
    CloseStep,
    CommandStep,
    CreateStep,
    DeleteStep,
    DiskStep,
    GitStep,
    NoteStep,
    OpenStep,
    RenameStep,
    ResyncStep,
    SaveStep,
    SearchStep,
    TaskStep,
    TestsStep,
    ViewStep,
)
from signoff_schemas.words import ActorClass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.levels import Levels
    from signoff_collector.levels.tasks import Proposal
    from signoff_collector.trees.whole_tree import Base
    from signoff_datasets.actions.action import ActionKind, Author
    from signoff_datasets.actions.disk_walk import Told
    from signoff_schemas.steps import AnyStep

_QUIET_GIT: Final = frozenset({"fetch", "push", "other"})


def trace(episode: Episode, *, base: Base | None = None, task: int | None = None) -> Trace:
    """Return the actions of an episode.

    Args:
        episode: own or shared.
        base: the commit that the session began at; without one the files at the start are those
            that the episode holds.
        task: number of a task, from 0, in the order of `levels.tasks`; None for all.

    Raises:
        DamagedError: an edit does not fit its text.
        UsageError: there is no such task.
    """
    levels = levels_of(episode)
    if task is not None:
        task_of(levels.tasks, task)
    whole = _Tracing(episode, levels, base).trace()
    if task is None:
        return whole
    chosen = task_of(levels.tasks, task)
    is_last = task == len(levels.tasks) - 1
    return _part(whole, chosen.from_seq, chosen.to_seq, is_last=is_last)


def task_of(tasks: Sequence[Proposal], number: int) -> Proposal:
    """Return a task by its number, from 0.

    Raises:
        UsageError: there is none.
    """
    if not 0 <= number < len(tasks):
        raise UsageError(
            f"there is no task {number}: the episode has {len(tasks)}, counted from 0",
            hint="`signoff show EPISODE --levels` lists them.",
        )
    return tasks[number]


def _part(whole: Trace, first: int, last: int, *, is_last: bool) -> Trace:
    """Return a stretch of a trace; what was done before it is how its files are at the start."""
    files = dict(whole.start)
    for action in whole.actions:
        if action.place < first:
            for change in action.changes:
                carry_out(files, change)
    end = whole.last + 1 if is_last else last
    return Trace(
        first=first,
        last=last,
        start=files,
        actions=tuple(one for one in whole.actions if first <= one.place <= end),
        discarded=tuple(one for one in whole.discarded if first <= one.first <= last),
    )


class _Tracing:
    def __init__(self, episode: Episode, levels: Levels, base: Base | None) -> None:
        self._episode = episode
        self._levels = levels
        self._moments = Moments(episode)
        self._walk = DiskWalk(self._moments, base)
        unsaved = never_saved(episode, self._moments)
        self._editing = Editing(episode, levels.bursts, _observers(episode, levels), unsaved)
        self._looking = Looking(episode, self._moments, levels)
        self._weighing = Weighing(episode, levels)
        self._actions: list[Action] = []
        self._runs = {one.run_id: one for one in episode.steps if isinstance(one, TestsStep)}
        self._claimed = {
            run
            for one in episode.steps
            if isinstance(one, CommandStep)
            for run in one.run_ids or ()
        }
        self._has_times = episode.header.time_resolution != "none"

    def trace(self) -> Trace:
        for step in self._episode.steps:
            self._actions.extend(self._of(step))
        end = self._episode.step_count
        self._actions.extend(self._unsaved(end))
        self._editing.drop_rest()
        # Stable: of one step all stand in the order in which they were found.
        ordered = sorted(self._actions, key=lambda one: one.place)
        return Trace(
            first=0,
            last=max(end - 1, 0),
            start=self._walk.start,
            actions=tuple(self._weighing.weighed(self._timed(one)) for one in ordered),
            discarded=tuple(self._editing.discarded),
        )

    def _timed(self, action: Action) -> Action:
        return action if self._has_times else replace(action, t_ns=None)

    def _of(self, step: AnyStep) -> Iterator[Action]:
        self._note_buffer(step)
        told = self._walk.tell(step)
        if told.write is not None and step.path is not None:
            yield from self._written(told.write, step.buffer or 0)
        elif isinstance(step, CommandStep):
            yield self._command(step, told)
        elif isinstance(step, TestsStep):
            yield from self._patch(step, told)
            if step.run_id not in self._claimed:
                yield self._test_run(step)
        elif isinstance(step, GitStep):
            yield from self._git(step, told)
        elif isinstance(step, (CreateStep, DeleteStep, RenameStep)):
            yield from self._file(step, told)
        else:
            yield from self._patch(step, told)
        yield from self._seen(step)

    def _seen(self, step: AnyStep) -> Iterator[Action]:
        match step:
            case TaskStep() | NoteStep():
                kind: ActionKind = "task" if isinstance(step, TaskStep) else "message"
                author = author_of_words(step, self._episode.header)
                yield self._action(step, kind, author, text=step.text, scope=step.stated)
            case AgentStep():
                author = replace(author_of(step.actor), cls=ActorClass.ASSISTANT, is_person=False)
                yield self._action(step, "agent", author, text=step.text or "", agent=step)
            case OpenStep() | ViewStep() | SearchStep():
                yield from self._looking.of(step)
            case _:
                yield from self._looking.findings(step)

    def _note_buffer(self, step: AnyStep) -> None:
        """Let go of what was typed and not saved, where a buffer ends."""
        is_end = isinstance(step, (CloseStep, OpenStep)) or (
            isinstance(step, ResyncStep) and step.target == "buffer"
        )
        if is_end and step.path is not None:
            self._editing.dropped(step.path, step.buffer or 0, step.seq)

    def _written(self, write: Write, buffer: int) -> Iterator[Action]:
        for action in self._editing.written(write, buffer):
            self._walk.carry_out(action.changes)
            yield replace(action, t_ns=self._t_ns(action)) if action.t_ns is None else action

    def _t_ns(self, action: Action) -> int:
        times = self._episode.times()
        return int(times[min(action.seq_first, len(times) - 1)])

    def _unsaved(self, end: int) -> Iterator[Action]:
        """Yield what stands in an editor alone at the end, as if it were saved now."""
        for path, _ in self._moments.buffers(end):
            buffer = self._moments.hiding(path, end)
            content = None if buffer is None else self._moments.file_bytes(path, end)
            if buffer is None or content is None:
                continue
            before = self._walk.before(path)
            mode = before.mode if before is not None else None
            write = Write(
                seq=end,
                path=path,
                before=before,
                after=FileState(content=content, mode=mode),
                form=self._moments.form(path, end),
                is_saved=False,
            )
            yield from self._written(write, buffer)

    def _action(self, step: AnyStep, kind: ActionKind, author: Author, **more: object) -> Action:
        known: dict[str, object] = {
            "kind": kind,
            "seq_first": step.seq,
            "seq_last": step.seq,
            "place": step.seq,
            "t_ns": step.t_ns,
            "author": author,
            "path": step.path,
        }
        return Action(**(known | more))  # type: ignore[arg-type]  # names of its fields

    def _patch(self, step: AnyStep, told: Told) -> Iterator[Action]:
        author = author_of(step.actor)
        if isinstance(step, ResyncStep) and author == UNKNOWN:
            known = {"git": ActorClass.GIT, "external": ActorClass.EXTERNAL}.get(step.reason)
            author = replace(author, cls=known or author.cls)
        yield from self._changed(step, told, author)

    def _changed(self, step: AnyStep, told: Told, author: Author) -> Iterator[Action]:
        if told.changes:
            yield self._action(step, "apply_patch", author, changes=told.changes)
        if told.unknown:
            names = ", ".join(told.unknown)
            text = f"changed to a content that is not in the episode: {names}"
            yield self._action(step, "observe", author, text=text)

    def _file(self, step: CreateStep | DeleteStep | RenameStep, told: Told) -> Iterator[Action]:
        author = author_of(step.actor)
        if [one.name for one in told.changes] == [step.kind]:
            yield self._action(step, step.kind, author, changes=told.changes)
        else:
            yield from self._changed(step, told, author)

    def _git(self, step: GitStep, told: Told) -> Iterator[Action]:
        author = author_of(step.actor)
        if author == UNKNOWN:
            author = replace(author, cls=ActorClass.GIT)
        yield from self._changed(step, told, author)
        if step.operation not in _QUIET_GIT:
            said = f"git {step.operation}: {step.message}" if step.message else ""
            yield self._action(step, "observe", author, text=said or f"git {step.operation}")

    def _command(self, step: CommandStep, told: Told) -> Action:
        output = step.output
        text = "" if output is None else output.head
        if output is not None and (output.tail or output.middle_bytes):
            left_out = f"\n[{output.middle_bytes} bytes left out]\n" if output.middle_bytes else ""
            text += left_out + output.tail
        runs = [self._runs[run] for run in step.run_ids or () if run in self._runs]
        seen = Observation(
            text=text,
            exit_code=step.exit_code,
            signal=step.signal,
            left_out_bytes=output.middle_bytes if output is not None else 0,
            tests=tuple(verdict for run in runs for verdict in _verdicts(run)),
        )
        return self._action(
            step,
            "bash",
            author_of(step.actor),
            text=step.line or shlex.join(step.argv),
            cwd=step.cwd,
            changes=told.changes,
            observation=seen,
        )

    def _test_run(self, step: TestsStep) -> Action:
        seen = Observation(exit_code=step.exit_code, tests=tuple(_verdicts(step)))
        text = shlex.join(step.argv)
        kind: ActionKind = "bash" if text else "observe"
        return self._action(
            step, kind, author_of(step.actor), text=text or step.framework, observation=seen
        )


def _verdicts(step: TestsStep) -> Iterator[Verdict]:
    for case in step.cases:
        yield Verdict(test=case.id, outcome=case.outcome)


def _observers(episode: Episode, levels: Levels) -> Sequence[int]:
    """Return the steps at which something looks at the disk, and those after which a task ends."""
    found = {task.to_seq for task in levels.tasks}
    kinds = (DiskStep, CreateStep, DeleteStep, RenameStep, ResyncStep, AgentStep)
    found.update(step.seq for step in episode.steps if isinstance(step, kinds))
    # A second editor on the same file writes beneath, or reads what is saved.
    open_buffers = dict[str, set[int]]()
    for step in episode.steps:
        if isinstance(step, (OpenStep, SaveStep)) and step.path is not None:
            own = open_buffers.setdefault(step.path, set())
            own.add(step.buffer or 0)
            if len(own) > 1:
                found.add(step.seq)
    return sorted(found)
