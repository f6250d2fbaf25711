"""Masks have a sign of their own in the terminal; text that only looks like one has none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.player import drive, screen_text
from tests.support.typist import Typist
from textual.app import App
from textual.pilot import Pilot

from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.replay.drawing.mask_signs import MaskSigns
from signoff_collector.replay.drawing.palette import LOOKS
from signoff_collector.replay.reel import Reel
from signoff_collector.replay.screens.app import Player

MASKS = ("REDACTED_HOST_2", "REDACTED_TOKEN_1", "REDACTED_VALUE", "<HOME>")
PIECES = st.sampled_from(
    [*MASKS, "REDACTED_HOST_1", "REDACTED_HOST_22", "x", "😀𝄞", "é", " ", "_3"]
)


def test_a_mask_is_drawn_in_brackets_and_is_as_long_as_it_was() -> None:
    signs = MaskSigns(MASKS)
    text = "REDACTED_HOST_1 REDACTED_HOST_2 REDACTED_VALUE <HOME>/x"
    assert signs.drawn(text) == "REDACTED_HOST_1 [masked host 2] [masked value] <HOME>/x"
    assert [text[start:end] for start, end in signs.spans(text)] == [
        "REDACTED_HOST_2", "REDACTED_VALUE", "<HOME>",
    ]  # fmt: skip
    assert MaskSigns().drawn(text) == text


@given(st.lists(PIECES, max_size=8).map("".join), st.integers(0, 60), st.integers(0, 60))
def test_any_part_of_a_text_is_drawn_as_in_the_whole(text: str, start: int, size: int) -> None:
    signs = MaskSigns(MASKS)
    start = min(start, len(text))
    end = min(len(text), start + size)
    drawn, masks = signs.around(text, start, end)
    whole = signs.drawn(text)
    assert len(whole) == len(text)
    assert drawn == whole[start:end]
    assert list(masks) == [
        (low, high) for low, high in signs.spans(text) if low < end and high > start
    ]


def test_the_player_shows_a_mask_as_one_and_what_was_typed_as_it_is() -> None:
    typist = Typist()
    typist.open("a.py", "# 😀🚀\n")
    typist.type_at_end("a.py", "typed = 'REDACTED_HOST_1'\nhost = 'build01.corp.example.com'\n")
    typist.command(["make"], "from build01.corp.example.com and REDACTED_HOST_1\n")
    episode = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    app = Player(Reel(episode), place=0)

    async def act(pilot: Pilot[None]) -> None:
        await pilot.press("end")
        shown = screen_text(app)
        assert "typed = 'REDACTED_HOST_1'" in shown
        assert "host = '[masked host 2].example.com'" in shown
        assert _look_of(app, "[masked host 2]") == {LOOKS["mask"].reverse}
        assert _look_of(app, "REDACTED_HOST_1") == {None}
        await pilot.press("o")
        await pilot.pause()
        assert "from [masked host 2].example.com and REDACTED_HOST_1" in screen_text(app)

    drive(app, act)


def _look_of(app: App[None], words: str) -> set[bool | None]:
    """Return how a text on the screen is drawn: in reverse, which no colour is needed for."""
    strips = app.screen._compositor.render_strips()
    row = next(row for row in strips if words in "".join(one.text for one in row))
    found: list[bool | None] = []
    for segment in row:
        style = segment.style
        found += [style.reverse if style is not None else None] * len(segment.text)
    at = "".join(one.text for one in row).index(words)
    return {one or None for one in found[at : at + len(words)]}
