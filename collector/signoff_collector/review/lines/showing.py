"""Print parts of an episode as plain lines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from signoff_collector.redaction.texts.texts import decode_blob
from signoff_collector.replay.describing import clock_text, describe_edit, describe_step
from signoff_collector.review.plan.draft import number
from signoff_collector.review.tasks.contents import TaskSummary, kinds_of, tasks_of
from signoff_collector.review.tasks.file_moments import Looked
from signoff_collector.screen.styles import DIFFERENCE
from signoff_collector.text.linear import linearise, linearise_path
from signoff_schemas.errors import UsageError
from signoff_schemas.steps import ResyncStep, StepBase

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.screen.console import Console

_TITLE = 100


class Shown:
    """One episode as it is printed, and a record of which parts were shown."""

    def __init__(self, episode: Episode, console: Console, looked: Looked | None = None) -> None:
        self.episode = episode
        self._console = console
        self._looked = looked or Looked(episode)
        self.files, self.outputs = self._looked.files, self._looked.outputs

    def look(self, words: list[str]) -> bool:
        """Print what a command asks to look at; False: it asks for something else.

        Raises:
            UsageError: there is no such file, output or step.
        """
        match words:
            case ["all"]:
                self.everything()
            case ["files"]:
                self.file_list()
            case ["diff", word]:
                self.difference(number(word, "a file"))
            case ["deleted"]:
                self.deleted()
            case ["outputs"]:
                self.output_list()
            case ["out", word]:
                self.output(number(word, "a step"))
            case ["steps", word]:
                low, _, high = word.partition("-")
                self.steps(number(low, "a step"), number(high or low, "a step"))
            case _:
                return False
        return True

    def overview(self) -> None:
        """Print counts, tasks, files and masks."""
        header = self.episode.header
        kinds = kinds_of(self.episode)
        say = self._console.say
        say(f"  time     {clock_text(header.duration_ns)}, resolution {header.time_resolution}")
        say(f"  steps    {self.episode.step_count}: {_counts(kinds)}")
        check = header.check
        say(f"  replay   {check.matched} of {check.checkpoints} checkpoints match")
        say(f"  masked   {_counts(Counter(header.redaction)) or 'nothing'}")
        self.tasks()
        self.file_list()
        self._came_in()
        count = self._looked.count_deleted(self._looked.deleted)
        if count:
            say(f"  deleted  {count} texts, which are in the file (see `deleted`)")
        if self.outputs:
            say(f"  outputs  {len(self.outputs)} outputs and messages (see `outputs`)")

    def _came_in(self) -> None:
        """Print which texts enter from omitted steps: nobody sees them being written."""
        for step in self.episode.steps:
            if isinstance(step, ResyncStep) and step.reason == "cut" and step.blob is not None:
                size = len(decode_blob(self.episode.blobs[step.blob]))
                path = linearise_path(step.path or "")
                self._console.say(
                    f"  outside  {path} at step {step.seq}, {size} chars ({step.target})"
                )

    def tasks(self) -> None:
        """Print the tasks."""
        self._console.say("  tasks")
        for task in tasks_of(self.episode):
            self._console.say(f"    {_task_line(task)}")

    def file_list(self) -> None:
        """Print the files."""
        self._console.say(f"  files    {len(self.files)}")
        shown = self._looked.seen_files
        for file in self.files:
            size = len(file.last)
            seen = " (shown)" if file.file in shown else ""
            path = linearise_path(file.path)
            self._console.say(f"    {file.file:>3} {path}  {file.edits} edits, {size} chars{seen}")

    def difference(self, place: int) -> None:
        """Print the difference of one file between its first and last state."""
        file = next((one for one in self.files if one.file == place), None)
        if file is None:
            raise UsageError(f"there is no file {place}", hint="`files` lists them.")
        self._console.say(f"--- file {place} {linearise_path(file.path)}", style="bold")
        for line in linearise("\n".join(file.difference())).split("\n"):
            self._console.say(line, style=DIFFERENCE.get(line[:1], ""))
        self._looked.see(files=[place])

    def deleted(self) -> None:
        """Print the texts that were taken away again, whole."""
        if not self._looked.deleted:
            self._console.say("nothing was deleted")
        for file, texts in self._looked.deleted.items():
            for one in texts:
                title = f"--- {one.words} at {clock_text(one.t_ns)}, {linearise_path(one.path)}"
                self._console.say(title, style="bold")
                self._console.say_lines(linearise(one.text))
            self._looked.see(deleted=[file])

    def output_list(self) -> None:
        """Print the titles of outputs and messages."""
        if not self.outputs:
            self._console.say("there are no outputs and no messages")
        shown = self._looked.seen_outputs
        for output in self.outputs:
            title = linearise(output.title).replace("\n", " ")[:_TITLE]
            seen = " (shown)" if output.seq in shown else ""
            self._console.say(f"  {output.seq:>6} {title}  {len(output.text)} chars{seen}")

    def output(self, seq: int) -> None:
        """Print one output in full."""
        found = [output for output in self.outputs if output.seq == seq]
        if not found:
            raise UsageError(
                f"step {seq} has no output and no message", hint="`outputs` lists them."
            )
        for output in found:
            self._console.say(f"--- step {seq} {linearise(output.title)}", style="bold")
            self._console.say_lines(linearise(output.text))
        self._looked.see(outputs=[seq])

    def everything(self) -> None:
        """Print every difference, every deleted text and every output."""
        for file in self.files:
            self.difference(file.file)
        if self._looked.deleted:
            self.deleted()
        for seq in dict.fromkeys(output.seq for output in self.outputs):
            self.output(seq)

    def steps(self, low: int, high: int) -> None:
        """Print steps one per line."""
        for step in self.episode.ordered():
            if low <= step.seq <= high:
                if isinstance(step, StepBase):
                    text = describe_step(step)
                else:
                    text = describe_edit(step, self.episode.files[step.file])
                line = linearise(text).replace("\n", "⏎")
                self._console.say(f"  {step.seq:>6} {clock_text(step.t_ns):>8}  {line}")


def _task_line(task: TaskSummary) -> str:
    place = "-" if task.task is None else str(task.task)
    text = linearise(task.text).replace("\n", " ")[:_TITLE] if task.text else "(no task stated)"
    tests = f", {task.kinds['tests']} test runs" if task.kinds["tests"] else ""
    return (
        f"{place:>3} {text}  steps {task.first}-{task.last},"
        f" {clock_text(task.duration_ns)}, {task.edits} edits{tests}"
    )


def _counts(counts: Counter[str]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {kind}" for kind, count in ordered if count)
