"""A text on the screen keeps in sight what it was asked to show."""

from __future__ import annotations

from tests.support.episodes import ASTRAL
from tests.support.player import drive, screen_text
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from signoff_collector.replay.drawing.line_index import LineIndex
from signoff_collector.replay.drawing.painting import Page
from signoff_collector.replay.drawing.text_view import TextView

HERE = f"here {ASTRAL}"


class Alone(App[None]):
    """Nothing but a text."""

    def __init__(self, view: TextView) -> None:
        super().__init__()
        self._view = view

    def compose(self) -> ComposeResult:
        yield self._view


def test_a_character_that_was_brought_stays_in_sight_whatever_the_size() -> None:
    text = "\n" * 30 + HERE + "\n" * 30
    view = TextView()
    view.show_page(Page(lines=LineIndex(text), cursor=text.index(HERE)), top=0)

    async def act(pilot: Pilot[None]) -> None:
        view.bring_offset(text.index(HERE))
        for size in ((80, 40), (60, 16), (40, 7), (80, 60), (80, 3)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert HERE in screen_text(pilot.app)

    drive(Alone(view), act)


def test_a_person_who_looks_elsewhere_is_not_taken_back_by_another_size() -> None:
    text = "\n".join(f"line {number} {ASTRAL}" for number in range(100))
    view = TextView()
    view.show_page(Page(lines=LineIndex(text)), top=0)

    async def act(pilot: Pilot[None]) -> None:
        view.bring_offset(text.index("line 60 "))
        view.action_go_to(0)
        await pilot.resize_terminal(60, 10)
        await pilot.pause()
        assert "line 0 " in screen_text(pilot.app)

    drive(Alone(view), act)
