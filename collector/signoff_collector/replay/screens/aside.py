"""Steps around a place, and the end of the last output: beside the text, or below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Vertical

from signoff_collector.replay.describing import clock_text
from signoff_collector.replay.drawing.line_index import LineIndex
from signoff_collector.replay.drawing.painting import Page
from signoff_collector.replay.drawing.text_view import TextView
from signoff_collector.replay.masking import masked_step
from signoff_collector.replay.screens.bars import Bar
from signoff_collector.replay.screens.looking import output_of
from signoff_collector.replay.story import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from signoff_collector.episode.content import Column
    from signoff_collector.replay.playing import Playing
    from signoff_collector.replay.reel import Reel

_TOLD: Final = frozenset(
    {"task", "note", "command", "tests", "git", "agent", "save", "open", "gap", "search", "files"}
)
"""Kinds that are listed; edits are seen in the text."""
_SAYING: Final = frozenset({"command", "tests", "agent", "git"})
"""Kinds whose output is shown."""
_LONGEST: Final = 8_000
"""Characters of an output's end that are looked at."""


class Aside(Vertical):
    """Two parts: the latest steps, and what the last run, command, agent or git said."""

    DEFAULT_CSS = "Aside { width: 1fr; height: 1fr; } Aside Vertical { height: 1fr; }"

    def __init__(self, playing: Playing, *, mask: Callable[[str], str]) -> None:
        super().__init__()
        self._playing = playing
        self._mask = mask
        self._steps = TextView(mask=mask)
        self._output_bar = Bar(look="bar")
        self._output = TextView(mask=mask)
        for view in (self._steps, self._output):
            view.can_focus = False
        self._shown: tuple[Reel, int, int] | None = None
        self._places: tuple[Reel, Column] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield Bar(" steps", look="bar")
        yield self._steps
        yield self._output_bar
        yield self._output

    def show_place(self) -> None:
        """Show the place of the player; nothing is drawn anew while it stays the same."""
        reel, height = self._playing.reel, max(self._steps.size.height, 1)
        if self._places is None or self._places[0] is not reel:
            self._places = (reel, reel.places(_TOLD))
        place = int(self._places[1].searchsorted(self._playing.place, side="right"))
        if self._shown != (reel, place, height):
            self._shown = (reel, place, height)
            self._show_steps(self._places[1], place, height)
            self._show_output()

    def _show_steps(self, found: Column, here: int, height: int) -> None:
        """List the steps up to the latest of `here` ones, and the one that follows."""
        reel = self._playing.reel
        rows: list[str] = []
        for place in found[max(0, here - height + 1) : here + 1].tolist():
            step = reel.step(place)
            if not isinstance(step, tuple):
                line = told(masked_step(step, self._mask)).line.replace("\n", " ")
                rows.append(f"{clock_text(step.t_ns):>8}  {line}")
        count = len(found[max(0, here - height + 1) : here])
        chosen = count - 1 if count else None
        page = Page(lines=LineIndex("\n".join(rows)), has_numbers=False, chosen=chosen)
        self._steps.show_page(page, top=0)

    def _show_output(self) -> None:
        """Show an output's end, and of a test run its beginning: there are the failed tests."""
        found = output_of(self._playing, self._mask, _SAYING)
        title, text, is_run = found or (" no output yet", "", False)
        if not is_run and len(text) > _LONGEST:
            text = text[text.find("\n", len(text) - _LONGEST) + 1 :]
        lines = LineIndex(text)
        top = 0 if is_run else max(0, lines.count - self._output.size.height)
        self._output_bar.say((title, "bar"))
        self._output.show_page(Page(lines=lines, has_numbers=False), top=top)
