"""Contents of an episode as review lists them: tasks, files, differences, outputs."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signoff_collector.episode.moments.moments import Moments
from signoff_collector.redaction.texts.texts import Key, TextStates
from signoff_collector.review.base_tree.step import is_tree
from signoff_schemas.steps import (
    AgentStep,
    AnyStep,
    AssistStep,
    CommandStep,
    DiagnosticsStep,
    GitStep,
    NoteStep,
    SearchStep,
    StepBase,
    TaskStep,
    TestsStep,
)

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSummary:
    """One task of an episode, or the steps that belong to none."""

    task: int | None
    text: str
    first: int
    last: int
    """First and last `seq`."""
    duration_ns: int
    edits: int
    kinds: Counter[str]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSummary:
    """First and last state of one file of an episode."""

    file: int
    path: str
    first: str
    last: str
    edits: int

    def difference(self) -> list[str]:
        """Return the lines of a unified diff; the whole text if nothing changed."""
        if self.first == self.last:
            return [f" {line}" for line in self.last.split("\n")]
        return list(
            difflib.unified_diff(
                self.first.split("\n"), self.last.split("\n"), "first", "last", lineterm=""
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputSummary:
    """Text that a program or a person wrote outside the files."""

    seq: int
    title: str
    text: str
    is_message: bool
    """Words, such as those of a commit; else what a command or a test run printed."""


def kinds_of(episode: Episode) -> Counter[str]:
    """Return the number of steps per kind."""
    kinds = Counter(step.kind for step in episode.steps)
    if len(episode.edits):
        kinds["edit"] = len(episode.edits)
    return kinds


def tasks_of(episode: Episode) -> list[TaskSummary]:
    """Return the tasks in order, then the steps without a task."""
    found: dict[int | None, _Task] = {}
    for step in episode.ordered():
        if isinstance(step, StepBase):
            task = found.setdefault(step.task, _Task(step.seq, step.t_ns))
            if isinstance(step, TaskStep) and not task.text:
                task.text = step.text
            task.add(step.seq, step.t_ns, step.kind, step.path)
        else:
            number = None if step.task < 0 else step.task
            task = found.setdefault(number, _Task(step.seq, step.t_ns))
            task.add(step.seq, step.t_ns, "edit", episode.files[step.file])
    ordered = sorted(found.items(), key=lambda item: (item[0] is None, item[0] or 0))
    return [task.summary(number) for number, task in ordered]


def files_of(episode: Episode) -> list[FileSummary]:
    """Return first and last state of every file whose text the episode contains.

    The last state is that of the last moment, which the page shows too; of a file that is gone
    by then, the last one that it had. Files of the base tree that no other step names are left out.
    """
    states = TextStates(episode)
    first: dict[int, str] = {}
    last: dict[int, str] = {}
    edits: Counter[int] = Counter(episode.edits.file.tolist())
    for step, touched in states.walk():
        if is_tree(step):
            continue
        keys = touched if isinstance(step, StepBase) else (Key(step.file, step.buffer),)
        for key in keys:
            text = states.texts.get(key)
            if text is not None:
                first.setdefault(key.file, text.chars)
                last[key.file] = text.chars
    moments = Moments(episode)
    found: list[FileSummary] = []
    for file, begin in sorted(first.items()):
        path = states.paths[file]
        end = moments.file(path, episode.step_count)
        found.append(
            FileSummary(
                file=file,
                path=path,
                first=begin,
                last=end if isinstance(end, str) else last[file],
                edits=edits[file],
            )
        )
    return found


def outputs_of(episode: Episode) -> list[OutputSummary]:
    """Return every longer text that is not in a file: outputs, results, messages, searches.

    What was searched for or offered before is not listed once more. The lines of all commands
    without output are one text, at the first of them. The page lists the same steps: `outputSteps`
    in `episode/steps.ts`.
    """
    told: set[str] = set()
    silent = _silent_lines(episode)
    first_silent = next(iter(silent.values()), None)
    found: list[OutputSummary] = []
    for step in episode.steps:
        if step.seq == first_silent:
            title = f"{len(silent)} command{'s' * (len(silent) != 1)} with no output recorded"
            text = "\n".join(silent)
            found.append(OutputSummary(seq=step.seq, title=title, text=text, is_message=False))
        if not _says_more(step, told):
            continue
        is_message = not isinstance(step, CommandStep | TestsStep)
        found += [
            OutputSummary(seq=step.seq, title=title, text=text, is_message=is_message)
            for title, text in _outputs(step)
            if text
        ]
    return found


def _silent_lines(episode: Episode) -> dict[str, int]:
    """Return the lines of commands of which no output is kept, each with its first step."""
    found: dict[str, int] = {}
    for step in episode.steps:
        if isinstance(step, CommandStep) and not any(text for _, text in _outputs(step)):
            found.setdefault(_line_of(step), step.seq)
    found.pop("", None)
    return found


def _line_of(step: CommandStep) -> str:
    return step.line or " ".join(step.argv)


def _says_more(step: AnyStep, told: set[str]) -> bool:
    """Say whether a step says what no step before it did, where steps often say the same."""
    match step:
        case SearchStep():
            said = {step.query, step.chosen or ""}
        case AssistStep():
            said = {*step.offered, step.chosen or "", step.inserted or ""}
        case DiagnosticsStep():
            told.update(one.message for one in step.appeared)
            said = {one.message for one in step.cleared}
            if step.appeared:
                return True
        case _:
            return True
    is_new = not said <= {*told, ""}
    told.update(said)
    return is_new


def _outputs(step: AnyStep) -> Iterator[tuple[str, str]]:
    match step:
        case CommandStep():
            output = step.output
            if output is not None:
                middle = f"\n… {output.middle_bytes} bytes …\n" if output.middle_bytes else ""
                yield f"$ {_line_of(step)}", output.head + middle + output.tail
        case TestsStep():
            told = zip(step.cases.outcomes, step.cases.ids, step.cases.messages, strict=True)
            cases = [f"{outcome} {name}\n{message}" for outcome, name, message in told]
            yield f"tests {' '.join(step.argv) or step.framework}", "\n".join(cases)
        case GitStep():
            yield f"git {step.operation}", step.message or ""
        case AgentStep():
            title = " ".join(filter(None, ("agent", step.event, step.tool_name)))
            said = (step.line, *step.paths, step.text)
            yield title, "\n".join(filter(None, said))
        case NoteStep():
            yield "note" if step.stated == "live" else "note, written afterwards", step.text
        case TaskStep():
            yield "task", step.text
        case DiagnosticsStep():
            lines = [f"+ {one.message}" for one in step.appeared]
            lines += [f"- {one.message}" for one in step.cleared]
            yield f"diagnostics {step.server or ''}", "\n".join(lines)
        case SearchStep():
            yield "a search", "\n".join(filter(None, (step.query, step.chosen)))
        case AssistStep():
            said = (*step.offered, step.chosen, step.inserted)
            yield f"offered by the editor: {step.feature}", "\n".join(filter(None, said))
        case _:
            return


@dataclass(slots=True)
class _Task:
    first: int
    start_ns: int
    last: int = 0
    end_ns: int = 0
    text: str = ""
    kinds: Counter[str] = field(default_factory=Counter)
    paths: dict[str, None] = field(default_factory=dict)

    def add(self, seq: int, t_ns: int, kind: str, path: str | None) -> None:
        self.last, self.end_ns = seq, t_ns
        self.kinds[kind] += 1
        if path is not None:
            self.paths[path] = None

    def summary(self, number: int | None) -> TaskSummary:
        return TaskSummary(
            task=number,
            text=self.text,
            first=self.first,
            last=self.last,
            duration_ns=self.end_ns - self.start_ns,
            edits=self.kinds["edit"],
            kinds=self.kinds,
            paths=tuple(self.paths),
        )
