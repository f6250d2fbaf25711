"""What a person did at the workbench, in its terms, read from the steps of an episode.

Edits of one burst become one act as long as they go on where the cursor is: typing, rubbing out.
Only what is known to be a person's is an act that writes; looking and saving, of which a recording
never names the hand, are acts of nobody that is known. All else happened, and is no act.
"""

from __future__ import annotations

import shlex
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.levels.writing.shares import group_of
from signoff_datasets.actions.authors import author_of, author_of_edits
from signoff_schemas.steps import (
    CommandStep,
    OpenStep,
    SaveStep,
    SelectStep,
    StepBase,
    TestsStep,
    ViewStep,
)
from signoff_schemas.values import Actor
from signoff_schemas.words import ACTOR_CLASSES, BASES, ActorClass

if TYPE_CHECKING:
    from collections import Counter

    from signoff_collector.episode.content import Edit, Episode
    from signoff_collector.levels.levels import Levels
    from signoff_datasets.actions.action import Author
    from signoff_schemas.steps import AnyStep

ActKind = Literal[
    "type_text",
    "paste_text",
    "choose_completion",
    "press_key",
    "select_range",
    "open_file",
    "run_command",
    "scroll",
    "go_to",
]
SAVE, UNDO, REDO = "Control+S", "Control+Z", "Control+Y"
BACKSPACE, DELETE = "Backspace", "Delete"
_WRITES: Final[dict[ActorClass, ActKind]] = {
    ActorClass.TYPED: "type_text",
    ActorClass.PASTED: "paste_text",
    ActorClass.COMPLETION: "choose_completion",
}
_ANSWERED: Final = {ActorClass.UNDO: UNDO, ActorClass.REDO: REDO}
"""Keys that the editor answers with edits of its own."""
EDITOR_COMMAND: Final = "editor_command"
"""Reason: an edit by a command of the editor, whose key nobody recorded."""
NOT_IN_FRONT: Final = "not_in_front"
"""Reason: it was done to a file that is not in front."""
SEVERAL: Final = "several_selections"
"""Reason: no pointer makes several selections at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that was done, before it is known where on the screen."""

    kind: ActKind
    first: int
    last: int
    """`seq` of its first and last step."""
    t_ns: int
    author: Author
    path: str | None = None
    buffer: int | None = None
    text: str = ""
    """Typed, pasted or chosen; of `run_command` the line."""
    key: str = ""
    count: int = 1
    """How often the key is pressed."""
    start: int = 0
    end: int = 0
    """What is typed over, or selected from and to, in the text before; equal for a mere place."""
    lines: tuple[int, int] = (0, 0)
    """First and last line that a `scroll` shows, from 0."""
    is_inferred: bool = False
    """Nobody recorded it; without it the next act could not have been done."""

    @property
    def has_place(self) -> bool:
        """Whether it is done at a place of the text in front."""
        return self.kind in {"type_text", "paste_text", "choose_completion", "select_range"} or (
            self.kind == "press_key" and self.key in {BACKSPACE, DELETE}
        )

    @property
    def is_answered(self) -> bool:
        """Whether what comes of it is the editor's answer, and not in the act itself."""
        return self.key in {UNDO, REDO}


@dataclass(slots=True, kw_only=True)
class _Run:
    """Edits that go on where the cursor is."""

    kind: ActKind
    key: str
    burst: int
    start: int
    end: int
    caret: int
    edits: list[Edit] = field(default_factory=list["Edit"])
    last: int = 0


def acts_of(episode: Episode, levels: Levels, left_out: Counter[str]) -> list[Act]:
    """Return what a person did, in order; what is no act is counted in `left_out` by reason."""
    return _Acts(episode, levels, left_out).all()


class _Acts:
    def __init__(self, episode: Episode, levels: Levels, left_out: Counter[str]) -> None:
        self._episode = episode
        self._begins = [one.first for one in levels.bursts]
        self._left_out = left_out
        self._run: _Run | None = None
        self._found: list[Act] = []
        self._numbers: list[int] = []
        """Indices of the edits of the run, for their author."""
        self._own: dict[tuple[int, int, int], bool] = {}
        self._in_commands = {
            run
            for step in episode.steps
            if isinstance(step, CommandStep)
            for run in step.run_ids or ()
        }

    def all(self) -> list[Act]:
        number = 0
        for step in self._episode.ordered():
            if isinstance(step, StepBase):
                self._step(step)
            else:
                self._edit(step, number)
                number += 1
        self._end()
        return self._found

    # Edits

    def _edit(self, edit: Edit, number: int) -> None:
        cls = ACTOR_CLASSES[edit.actor]
        is_own = self._is_own(edit)
        if not is_own or cls not in {*_WRITES, *_ANSWERED}:
            self._end()
            if is_own:
                self._left_out[EDITOR_COMMAND] += 1
            return
        burst = bisect_right(self._begins, edit.seq)
        if self._run is None or not self._goes_on(self._run, edit, burst):
            self._end()
            self._run = self._begun(edit, burst)
        self._take(self._run, edit, number)

    def _is_own(self, edit: Edit) -> bool:
        """Say whether an edit is known to be a person's."""
        key = (edit.actor, edit.basis, edit.evidence)
        known = self._own.get(key)
        if known is None:
            evidence = self._episode.edits.evidence_sets[edit.evidence]
            cls, basis = ACTOR_CLASSES[edit.actor], BASES[edit.basis]
            actor = Actor.model_validate({"class": cls, "basis": basis, "evidence": evidence})
            known = self._own[key] = author_of(actor).is_person
        return known

    def _begun(self, edit: Edit, burst: int) -> _Run:
        """Return the run that an edit begins."""
        cls = ACTOR_CLASSES[edit.actor]
        start, end = edit.start, edit.start + edit.deleted
        kind: ActKind = "press_key"
        if cls in _ANSWERED:
            key = _ANSWERED[cls]
        elif edit.text:
            kind, key = _WRITES[cls], ""
        elif edit.deleted == 1 and not self._is_forward(edit):
            key, start = BACKSPACE, end
        else:
            key = DELETE
            end = end if edit.deleted > 1 else start
        return _Run(kind=kind, key=key, burst=burst, start=start, end=end, caret=edit.start)

    def _is_forward(self, edit: Edit) -> bool:
        """Say whether the character behind the last act went, and not the one before it."""
        last = self._found[-1] if self._found else None
        return (
            last is not None
            and last.kind == "select_range"
            and (last.path, last.end) == (self._episode.files[edit.file], edit.start)
        )

    def _goes_on(self, run: _Run, edit: Edit, burst: int) -> bool:
        """Say whether an edit belongs to a run of the same keys."""
        last = run.edits[-1]
        same = (last.actor, last.file, last.buffer) == (edit.actor, edit.file, edit.buffer)
        if not same or burst != run.burst:
            return False
        match run.key:
            case "":
                return bool(edit.text) and not edit.deleted and edit.start == run.caret
            case "Backspace":
                return not edit.text and (edit.deleted, edit.start + 1) == (1, run.caret)
            case "Delete":
                is_one = run.start == run.end
                return is_one and not edit.text and (edit.deleted, edit.start) == (1, run.caret)
            case _:
                return True

    def _take(self, run: _Run, edit: Edit, number: int) -> None:
        run.edits.append(edit)
        run.caret = edit.start + len(edit.text)
        run.last = edit.seq
        self._numbers.append(number)

    def _end(self) -> None:
        """End the run, if there is one."""
        run, self._run = self._run, None
        if run is None:
            return
        numbers, self._numbers = self._numbers, []
        edits = self._episode.edits.select(slice(numbers[0], numbers[-1] + 1))
        first = run.edits[0]
        is_answer = run.key in {UNDO, REDO}
        presses = {one.txn for one in run.edits} if is_answer else run.edits
        self._found.append(
            Act(
                kind=run.kind,
                first=first.seq,
                last=run.last,
                t_ns=first.t_ns,
                author=author_of_edits(edits, is_whole=True),
                path=self._episode.files[first.file],
                buffer=first.buffer,
                text="" if run.key else "".join(one.text for one in run.edits),
                key=run.key,
                count=len(presses) if run.key else 1,
                start=run.start,
                end=run.end,
            )
        )

    # All other steps

    def _step(self, step: AnyStep) -> None:
        if self._run is not None and _is_echo(step, self._run, self._episode.files):
            return
        self._end()
        author = author_of(step.actor)
        if group_of(step.actor.cls) in {"assistant", "tool"}:
            return
        act = self._told(step, author)
        if act is not None:
            self._look(act)

    def _told(self, step: AnyStep, author: Author) -> Act | None:
        made = Act(
            kind="open_file", first=step.seq, last=step.seq, t_ns=step.t_ns, author=author,
            path=step.path, buffer=step.buffer,
        )  # fmt: skip
        match step:
            case OpenStep(path=str(), reason="open"):
                return made
            case SaveStep(path=str()):
                return replace(made, kind="press_key", key=SAVE)
            case ViewStep(path=str()) if step.visible:
                lines = step.visible[0].first, step.visible[-1].last
                return replace(made, kind="scroll", lines=lines)
            case SelectStep(path=str()):
                return self._selected(step, made)
            case CommandStep() | TestsStep() if author.is_person:
                line = self._line(step)
                return replace(made, kind="run_command", path=None, text=line) if line else None
            case _:
                return None

    def _line(self, step: CommandStep | TestsStep) -> str:
        """Return what was typed; nothing for a test run whose command has a step of its own."""
        if isinstance(step, CommandStep):
            return step.line or shlex.join(step.argv)
        return "" if step.run_id in self._in_commands else shlex.join(step.argv)

    def _selected(self, step: SelectStep, made: Act) -> Act | None:
        ranges = [one for one in step.selections if one[0] != one[1]]
        if len(ranges) > 1:
            self._left_out[SEVERAL] += 1
            return None
        start, end = ranges[0] if ranges else (step.cursor, step.cursor)
        if start is None or end is None:
            return None
        if step.cursor == start:  # the cursor is where the pointer ends
            start, end = end, start
        return replace(made, kind="select_range", start=start, end=end)

    def _look(self, act: Act) -> None:
        """Add an act; of several looks of one kind at one file only the last is one."""
        last = self._found[-1] if self._found else None
        is_look = act.kind in {"select_range", "scroll"}
        if is_look and last is not None and (last.kind, last.path) == (act.kind, act.path):
            self._found[-1] = replace(act, first=last.first)
        else:
            self._found.append(act)


def _is_echo(step: AnyStep, run: _Run, files: tuple[str, ...]) -> bool:
    """Say whether a step only tells where the keys of a run left cursor and window."""
    own = files[run.edits[-1].file], run.edits[-1].buffer
    match step:
        case SelectStep():
            is_there = step.cursor == run.caret and all(one == two for one, two in step.selections)
            return is_there and (step.path, step.buffer) == own
        case ViewStep():
            return step.path == own[0]
        case _:
            return False
