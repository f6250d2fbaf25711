"""Search everything that a task holds, and list text that enters from omitted steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from signoff_collector.episode.content import Edit
from signoff_collector.replay.describing import clock_text
from signoff_collector.review.screens.asking import Words
from signoff_collector.review.screens.frame import ReviewScreen, keys_of
from signoff_collector.review.screens.plain import Lines, one_line
from signoff_collector.review.screens.reading import Reading
from signoff_collector.text.linear import linearise_path

if TYPE_CHECKING:
    from textual.widgets import OptionList

    from signoff_collector.replay.reel import Reel
    from signoff_collector.replay.seeking import Found
    from signoff_collector.review.applying.apply import Entered

_AROUND = 40


class Texts(ReviewScreen):
    """What a search found; before one, texts that nobody saw being written, of all kept tasks."""

    TAB = "Text"
    PLACE = "terminal:text"
    KEYS = "/ search  Enter read it, or mask it whole  x mask a value  u undo  ? help"
    BINDINGS: ClassVar = keys_of(PLACE, search="search")

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self._reel: Reel | None = None
        self._found: list[Found] = []
        self._entered: tuple[Entered, ...] = ()

    def fill(self) -> None:
        """Show the texts."""
        lines = self.query_one(Lines)
        lines.focus()
        if self._words:
            lines.put([self._hit_line(one) for one in self._found])
        elif self.has_keep:
            self._show_entered(lines)
        else:
            lines.put([])

    def _show_entered(self, lines: Lines) -> None:
        self._entered = self.review.desk.incoming.entered()
        hidden = self.review.desk.incoming.hidden(self._entered)
        lines.put(
            [
                f"{'masked' if one in hidden else 'shared':<9} {linearise_path(one.path)}"
                f"  as it was at step {one.seq}"
                for one in self._entered
            ]
        )
        if not self.review.said:
            count = len(self._entered)
            self.review.said = f"{count} texts come from steps that are not included; / searches"

    def _hit_line(self, one: Found) -> str:
        reel = self._the_reel
        when = clock_text(reel.time(one.place))
        what = linearise_path(one.path) if one.path is not None else reel.kind(one.place)
        text = self._text_of(one)
        low = max(0, text.lower().find(self._words.lower(), one.offset) - _AROUND)
        return f"{when}  {what}  {one_line(text[low : low + 3 * _AROUND])}"

    @property
    def _the_reel(self) -> Reel:
        from signoff_collector.replay.reel import Reel

        if self._reel is None:
            self._reel = Reel(self.review.look().looked.episode)
        return self._reel

    def _text_of(self, one: Found) -> str:
        from signoff_collector.replay.outputs import full_text
        from signoff_collector.replay.scenes import scene_at

        scene = scene_at(self._the_reel, one.place)
        if one.path is not None and scene.path == one.path and scene.text is not None:
            return scene.text
        step = scene.step
        return "" if step is None or isinstance(step, Edit) else full_text(step)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Read the place found, or mask the selected text completely."""
        if self._words:
            one = self._found[event.option_index]
            title = self._hit_line(one)
            self.app.push_screen(Reading(title, self._text_of(one)))
            return
        one_text = self._entered[event.option_index]

        def hide() -> str:
            self.review.desk.incoming.hide([one_text])
            return "masked whole"

        self.attempt(hide)

    def action_search(self) -> None:
        """Ask for words, and list where they stand."""

        def asked(words: str | None) -> None:
            if words is not None:
                self._search(words)

        self.app.push_screen(Words("Search all text there ever was, outputs, messages:"), asked)

    def _search(self, words: str) -> None:
        from signoff_collector.replay.seeking import seek

        self._words, self._reel = words, None
        self._found = seek(self._the_reel, words) if words else []
        look = self.review.look().words
        self.review.said = f"{len(self._found)} places {look}; Esc ends the search" if words else ""
        self.refill()

    def action_close(self) -> None:
        """End the search."""
        self._search("")
