"""Layout of the player: title, text, step, timeline and status, from top to bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Container, Vertical

from signoff_collector.replay.drawing.line_index import LineIndex
from signoff_collector.replay.drawing.painting import Highlight, Page
from signoff_collector.replay.drawing.palette import ACTORS
from signoff_collector.replay.drawing.text_view import TextView
from signoff_collector.replay.drawing.timeline import Timeline
from signoff_collector.replay.scenes import scene_at
from signoff_collector.replay.screens.aside import Aside
from signoff_collector.replay.screens.bars import Bar, OriginBar
from signoff_collector.replay.screens.telling import (
    failing_parts,
    state_parts,
    step_parts,
    title_parts,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from signoff_collector.replay.playing import Playing
    from signoff_collector.replay.scenes import Scene
    from signoff_collector.replay.screens.hits import Hits

_WIDE: Final = 140
"""From this width on steps and output stand beside the text."""
_TALL: Final = 40
"""From this height on they stand below it, where it is not wide."""
_LOW: Final = 18
"""Below this height the timeline shows only marks and position."""
_LOWEST: Final = 8
"""Below this height it is hidden."""


class Stage(Vertical):
    """Shows the place of a player."""

    def __init__(self, playing: Playing, *, mask: Callable[[str], str]) -> None:
        super().__init__()
        self._playing = playing
        self._mask = mask
        self._title_bar = OriginBar(look="bar")
        self.view = TextView(mask=mask)
        self._middle = Container()
        self._aside = Aside(playing, mask=mask)
        self._failing_bar = Bar()
        self._failing_bar.display = False
        self._step_bar = Bar()
        self._timeline = Timeline(playing)
        self._has_room = True
        self._status_bar = Bar()
        self.view.can_focus = False
        self.scene: Scene | None = None
        """The displayed scene."""

    def compose(self) -> ComposeResult:
        """Lay out the rows."""
        yield self._title_bar
        with self._middle:
            yield self.view
            yield self._aside
        yield self._failing_bar
        yield self._step_bar
        yield self._timeline
        yield self._status_bar

    def fit(self, width: int, height: int) -> None:
        """Hide what does not fit, and show steps and output where there is room."""
        self._has_room = height >= _LOWEST
        is_wide = width >= _WIDE
        self._aside.display = is_wide or height >= _TALL
        self._middle.styles.layout = "horizontal" if is_wide else "vertical"
        self._aside.styles.width = width * 2 // 5 if is_wide else "1fr"
        self._aside.styles.height = "1fr" if is_wide else height // 3
        self._timeline.styles.height = Timeline.FULL_ROWS if height >= _LOW else 2
        self._timeline.display = height >= _LOWEST
        self._title_bar.display = height >= _LOWEST

    def change_reel(self) -> None:
        """Rebuild the timeline for another reel."""
        self._timeline.change_reel()

    def show_place(self, hits: Hits) -> None:
        """Show the current place, with search matches highlighted."""
        scene = scene_at(self._playing.reel, self._playing.place)
        before, self.scene = self.scene, scene
        self._show_text(scene, before, hits.mark_in(scene))
        lines = self.view.page.lines.count
        self._title_bar.say(*title_parts(scene, self._mask, lines, self._title_bar.room))
        self._step_bar.say(*step_parts(self._playing, scene, self._mask))
        failing = failing_parts(self._playing, self._mask) if self._has_room else None
        self._failing_bar.display = failing is not None
        if failing is not None:
            self._failing_bar.say(*failing)
        if self._aside.display:
            self._aside.show_place()
        self._timeline.refresh()

    def show_state(self, remark: str, *, is_live: bool, follows: bool) -> None:
        """Update the status: time, speed, step, and a message."""
        self._status_bar.say(*state_parts(self._playing, remark, is_live=is_live, follows=follows))

    def bring(self, offset: int) -> None:
        """Scroll an offset of the text into view."""
        self.view.bring_offset(offset)

    def _show_text(self, scene: Scene, before: Scene | None, hit: Highlight | None) -> None:
        page = _page_of(scene, hit)
        is_same_file = before is not None and before.path == scene.path
        self.view.show_page(page, top=None if is_same_file else 0)
        if scene.first_line is not None:
            self.view.go_to_line(scene.first_line)
        elif page.cursor is not None:
            self.bring(page.cursor)


def _page_of(scene: Scene, hit: Highlight | None) -> Page:
    if scene.text is None:
        why = f"({scene.why_not})" if scene.why_not else ""
        return Page(lines=LineIndex(why), has_numbers=False)
    lines = LineIndex(scene.text)
    signs: dict[int, tuple[str, str]] = {}
    for change in scene.changes:
        look = f"by {change.actor}"
        first, last = lines.line_of(change.start), lines.line_of(max(change.start, change.end - 1))
        signs.update(dict.fromkeys(range(first, last + 1), (ACTORS[change.actor].letter, look)))
    highlights = [
        Highlight(start=one.start, end=one.end, look=f"by {one.actor}")
        for one in scene.changes
        if one.end > one.start
    ]
    return Page(
        lines=lines,
        highlights=(*highlights, *([hit] if hit is not None else [])),
        signs=signs,
        path=scene.path,
        cursor=scene.cursor,
    )
