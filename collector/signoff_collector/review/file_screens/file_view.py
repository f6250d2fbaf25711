"""Show one file as a diff between two moments, or at one moment; a selection can be masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.screen import ModalScreen

from signoff_collector.replay.screens.bars import Bar
from signoff_collector.replay.screens.keys import bindings_of
from signoff_collector.review.screens.asking import OneOf
from signoff_collector.review.screens.rows_view import RowsView
from signoff_collector.text.linear import linearise_path
from signoff_schemas.errors import SignoffError
from signoff_schemas.keys import FILE_VIEW

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from signoff_collector.review.screens.app import Look, ReviewApp
    from signoff_collector.review.tasks.contents import FileSummary

_LOOKS: Final = {"+": "added", "-": "removed", "@": "key"}
KEYS: Final = "] [ change, file  → ← moment  m M choose  w whole text  v select, x masks  Esc back"


def difference_look(line: str) -> str:
    """Return the style of a line of a diff."""
    return _LOOKS.get(line[:1], "plain")


class FileView(ModalScreen[int | None]):
    """Shows one file of the episode; returns 1 or -1 for the next file or the previous one."""

    DEFAULT_CSS = "FileView { background: ansi_default; }"
    BINDINGS: ClassVar = bindings_of(
        FILE_VIEW,
        {
            "change": "change({by})", "step": "move({by})", "moment": "choose({forth})",
            "text": "turn", "select": "begin", "mask": "take", "help": "help", "close": "leave",
        },
    )  # fmt: skip

    def __init__(self, review: ReviewApp, look: Look, file: FileSummary) -> None:
        super().__init__()
        self._review = review
        self._look = look
        self._file = file
        self._stops = look.looked.stops(file.path)
        self._first = 0
        self._last = len(self._stops) - 1
        self._is_text = False
        self._said = ""

    def compose(self) -> ComposeResult:
        """Lay out the file name above the text, moments and keys below."""
        yield Bar(id="title", look="bar")
        yield RowsView(look_of=self._look_of)
        yield Bar(id="moments", look="strong")
        yield Bar(f" {KEYS}", look="dim")

    def on_mount(self) -> None:
        """Show what changed from the first moment to the last."""
        self._look.looked.see(files=[self._file.file])
        self._show()
        self.query_one(RowsView).focus()

    def _look_of(self, line: str) -> str:
        return "plain" if self._is_text else difference_look(line)

    def _show(self) -> None:
        """Show the file between the moments, or at the later one."""
        view = self.query_one(RowsView)
        looked, path = self._look.looked, self._file.path
        first, last = self._stops[self._first], self._stops[self._last]
        if self._is_text:
            state = looked.state(path, last.seq)
            view.show(state.text, can_select=state.is_there)
            when = f"as it was at {last.words} (step {last.seq})"
        else:
            view.show(looked.difference(path, first.seq, last.seq))
            when = f"from {first.words} (step {first.seq}) to {last.words} (step {last.seq})"
        title = f" {linearise_path(path)} {self._look.words}"
        self.query_one("#title", Bar).say((title, "bar"))
        self.query_one("#moments", Bar).say((f" {self._said or when}", "strong"))
        self._said = ""

    def action_move(self, step: int) -> None:
        """Move the later moment one step back or forward."""
        self._last = max(0, min(self._last + step, len(self._stops) - 1))
        self._first = min(self._first, self._last)
        self._show()

    def action_change(self, by: int) -> None:
        """Go to the next change of the diff, or the previous one; else to another file."""
        if not self.query_one(RowsView).go_to_line("@", by):
            self.dismiss(by)

    def action_begin(self) -> None:
        """Begin a selection, or set its anchor."""
        self.query_one(RowsView).action_begin()

    def action_take(self) -> None:
        """Mask the selection."""
        self.query_one(RowsView).action_take()

    def action_help(self) -> None:
        """List the keys."""
        from signoff_collector.review.screens.help import Help

        self.app.push_screen(Help(FILE_VIEW))

    def on_rows_view_sideways(self, event: RowsView.Sideways) -> None:
        """Move the later moment."""
        event.stop()
        self.action_move(event.by)

    def action_choose(self, is_last: bool) -> None:
        """Ask for one of the two moments."""
        is_first = not is_last

        def chosen(place: int | None) -> None:
            if place is None:
                return
            if is_first:
                self._first, self._last = place, max(place, self._last)
            else:
                self._first, self._last = min(place, self._first), place
            self._show()

        words = [f"step {stop.seq:>6}  {stop.words}" for stop in self._stops]
        here = self._first if is_first else self._last
        question = "The earlier moment:" if is_first else "The later moment:"
        self.app.push_screen(OneOf(question, words, chosen=here), chosen)

    def action_turn(self) -> None:
        """Toggle between text and diff."""
        self._is_text = not self._is_text
        self._show()

    def action_leave(self) -> None:
        """End selecting, or close the screen."""
        if not self.query_one(RowsView).leave_selecting():
            self.dismiss(None)

    def on_rows_view_taken(self, event: RowsView.Taken) -> None:
        """Mask the selection."""
        event.stop()
        seq = self._stops[self._last].seq
        state = self._look.looked.state(self._file.path, seq)
        desk = self._review.desk
        try:
            if self._look.is_recorded:
                length = event.end - event.start
                desk.mask_span(self._file.file, state.buffer, seq, event.start, length)
                self._said = f"{length} characters are masked everywhere"
            else:
                self._said = desk.mask_value(state.text[event.start : event.end])
        except SignoffError as error:
            self._said = str(error)
        self._show()
