"""List the steps of a task, line by line; steps of the recording can be taken out."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, ClassVar

from signoff_collector.episode.content import Edit
from signoff_collector.replay.describing import chapter_words, clock_text
from signoff_collector.review.plan.plan_edits import cut_range
from signoff_collector.review.screens.frame import ReviewScreen, keys_of
from signoff_collector.review.screens.plain import Lines, one_line
from signoff_collector.review.screens.reading import Reading

if TYPE_CHECKING:
    from textual.widgets import OptionList

    from signoff_collector.replay.player import Line
    from signoff_collector.replay.reel import Reel


class Timeline(ReviewScreen):
    """What happened, one line for each step or burst of typing."""

    TAB = "Timeline"
    PLACE = "terminal:timeline"
    KEYS = "Enter read it  t T test run  r R command  v mark  Del cut  b recorded/shared  ? help"
    BINDINGS: ClassVar = keys_of(
        PLACE, step="step({by})", ten="step({by}0)", edge="edge({forth})",
        tests="stop('test run', {forth})", command="stop('command', {forth})",
        git="stop('git operation', {forth})", agent="stop('agent step', {forth})",
        note="stop('note or task', {forth})", gap="stop('gap', {forth})",
        chapter="chapter({forth})", other_file="file({forth})", mark="mark", cut="cut",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []
        self._from: int | None = None

    def fill(self) -> None:
        """Show the lines."""
        from signoff_collector.replay.player import transcript
        from signoff_collector.replay.reel import Reel

        look = self.review.look()
        self._reel: Reel = Reel(look.looked.episode)
        self._lines = [*transcript(self._reel)]
        self._seqs = [line.seq for line in self._lines]
        lines = self.query_one(Lines)
        lines.put([f"{clock_text(line.t_ns):>8}  {one_line(line.text)}" for line in self._lines])
        lines.focus()
        if not self.review.said:
            self.review.said = f"{len(self._lines)} lines {look.words}"

    @property
    def _here(self) -> int:
        return self.query_one(Lines).highlighted or 0

    def _go(self, row: int) -> None:
        if self._lines:
            self.query_one(Lines).highlighted = max(0, min(row, len(self._lines) - 1))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Show all that the step says."""
        from signoff_collector.replay.outputs import full_text
        from signoff_collector.replay.scenes import scene_at

        line = self._lines[event.option_index]
        scene = scene_at(self._reel, self._reel.place_of_seq(line.seq))
        step = scene.step
        text = full_text(step) if step is not None and not isinstance(step, Edit) else scene.text
        self.app.push_screen(Reading(f"step {line.seq}: {one_line(line.text)}", text or ""))

    def action_step(self, rows: int) -> None:
        """Move by some lines."""
        self._go(self._here + rows)

    def action_edge(self, is_end: bool) -> None:
        """Move to the last line, or the first."""
        self._go(len(self._lines) - 1 if is_end else 0)

    def action_stop(self, stop: str, forward: bool) -> None:
        """Move to the next, or previous, step of one kind."""
        self._jump(self._reel.next_stop(self._place, stop, forward=forward), stop)

    def action_chapter(self, forward: bool) -> None:
        """Move to where the next, or previous, chapter begins, and say what it is."""
        chapters = self._reel.chapters if forward else reversed(self._reel.chapters)
        for chapter in chapters:
            row = bisect_left(self._seqs, chapter.seq_first)
            if row > self._here if forward else row < self._here:
                self._go(row)
                self.say(one_line(chapter_words(chapter)))
                return
        self.say("no more chapter that way")

    def action_file(self, forward: bool) -> None:
        """Move to where another file is edited."""
        self._jump(self._reel.next_file(self._place, forward=forward), "file")

    @property
    def _place(self) -> int:
        return self._reel.place_of_seq(self._seqs[self._here]) if self._lines else -1

    def _jump(self, place: int | None, what: str) -> None:
        if place is None:
            self.say(f"no more {what} that way")
        else:
            self._go(bisect_left(self._seqs, self._reel.seq(place)))

    def action_mark(self) -> None:
        """Mark from this line; the second time, from there up to here."""
        if not self._lines:
            return
        if self._from is None:
            self._from = self._here
            self.say(f"marked from step {self._span[0]}: Del takes out what lies up to the cursor")
        else:
            self._from = None
            self.say("nothing is marked")

    @property
    def _span(self) -> tuple[int, int]:
        """First and last step of the marked lines."""
        here = self._here
        low, high = sorted((here if self._from is None else self._from, here))
        first = self._seqs[low - 1] + 1 if low else 0
        return min(first, self._seqs[high]), self._seqs[high]

    def action_cut(self) -> None:
        """Take the marked steps out, or those of this line."""
        if not self._lines:
            return
        if not self.review.look().is_recorded:
            self.say("press b first: steps are taken out of what was recorded")
            return
        low, high = self._span
        self._from = None
        desk = self.review.desk

        def cut() -> str:
            desk.change(cut_range(desk.plan, low, high))
            return f"steps {low} to {high} are cut; `8` lists text of theirs that is still there"

        self.attempt(cut)

    def action_close(self) -> None:
        """Unmark."""
        self._from = None
        self.say("")
