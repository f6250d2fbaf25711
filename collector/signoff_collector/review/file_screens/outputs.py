"""List outputs, results and messages, each shown in full on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from signoff_collector.review.screens.frame import ReviewScreen, keys_of
from signoff_collector.review.screens.plain import Lines, one_line
from signoff_collector.review.screens.reading import Reading

if TYPE_CHECKING:
    from textual.widgets import OptionList

    from signoff_collector.review.tasks.contents import OutputSummary

_TITLE = 160


class Outputs(ReviewScreen):
    """Every longer text that is not in a file."""

    TAB = "Output"
    PLACE = "terminal:output"
    KEYS = "Enter read in full  b recorded/shared  x mask a value  { } task  ? help"
    BINDINGS: ClassVar = keys_of(PLACE)

    def fill(self) -> None:
        """Show the titles."""
        self._outputs: list[OutputSummary] = []
        lines = self.query_one(Lines)
        lines.focus()
        look = self.review.look()
        self._outputs = look.looked.outputs
        lines.put([self._line(output, look.looked.seen_outputs) for output in self._outputs])
        if not self.review.said:
            self.review.said = f"{len(self._outputs)} outputs and messages {look.words}"

    @staticmethod
    def _line(output: OutputSummary, seen: set[int]) -> str:
        state = "looked at" if output.seq in seen else ""
        title = one_line(output.title)[:_TITLE]
        return f"{state:<9} {output.seq:>6} {title}  {len(output.text)} chars"

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Show the selected one in full."""
        output = self._outputs[event.option_index]
        self.review.look().looked.see(outputs=[output.seq])

        def closed(_: object) -> None:
            self.refill()

        title = f"step {output.seq}: {one_line(output.title)}"
        self.app.push_screen(Reading(title, output.text), closed)
