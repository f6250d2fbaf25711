"""The full-screen player: one screen, its keys, and the beat that moves it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import Vertical

from signoff_collector.replay.masking import unmasked
from signoff_collector.replay.playing import Playing
from signoff_collector.replay.reel import START
from signoff_collector.replay.scenes import scene_at
from signoff_collector.replay.screens.bars import Bar
from signoff_collector.replay.screens.help_text import HELP
from signoff_collector.replay.screens.painting import Highlight, Page
from signoff_collector.replay.screens.safe_app import SafeApp
from signoff_collector.replay.screens.telling import state_parts, step_parts, title_parts
from signoff_collector.replay.screens.text_view import OutputScreen, TextView
from signoff_collector.replay.screens.timeline import Timeline
from signoff_collector.replay.seeking import Found, seek
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult
    from textual.worker import Worker

    from signoff_collector.replay.reel import Reel
    from signoff_collector.replay.scenes import Scene

_FRAME_S: Final = 1 / 20
_GROWTH_S: Final = 2.0
_LOW: Final = 18
"""On fewer rows the timeline is one row of marks and the position."""
_LOWEST: Final = 8
"""On still fewer it is not shown."""


class Player(SafeApp[None]):
    """Plays a reel.

    Recorded text only reaches the terminal as cells made by `painting` and `Bar`.
    """

    CSS = "Screen { background: ansi_default; } #text { height: 1fr; }"
    BINDINGS: ClassVar = [
        Binding("q,ctrl+c,ctrl+q", "leave", show=False),
        Binding("space", "play", show=False),
        Binding("plus,equals_sign", "speed(1)", show=False),
        Binding("minus", "speed(-1)", show=False),
        Binding("i", "squeeze", show=False),
        Binding("right", "step(1)", show=False),
        Binding("left", "step(-1)", show=False),
        Binding("shift+right,L", "step(10)", show=False),
        Binding("shift+left,H", "step(-10)", show=False),
        Binding("home", "edge(False)", show=False),
        Binding("end", "edge(True)", show=False),
        Binding("t", "stop('test run', True)", show=False),
        Binding("T", "stop('test run', False)", show=False),
        Binding("c", "stop('commit', True)", show=False),
        Binding("C", "stop('commit', False)", show=False),
        Binding("n", "stop('note or task', True)", show=False),
        Binding("N", "stop('note or task', False)", show=False),
        Binding("g", "stop('gap', True)", show=False),
        Binding("G", "stop('gap', False)", show=False),
        Binding("r", "stop('command', True)", show=False),
        Binding("R", "stop('command', False)", show=False),
        Binding("a", "stop('agent step', True)", show=False),
        Binding("A", "stop('agent step', False)", show=False),
        Binding("f", "file(True)", show=False),
        Binding("F", "file(False)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("slash", "search", show=False),
        Binding("greater_than_sign,full_stop", "hit(1)", show=False),
        Binding("less_than_sign,comma", "hit(-1)", show=False),
        Binding("o", "output", show=False),
        Binding("d", "problems", show=False),
        Binding("l", "files", show=False),
        Binding("m", "moment", show=False),
        Binding("question_mark", "help", show=False),
    ]

    def __init__(
        self,
        reel: Reel,
        *,
        name: str,
        place: int = START,
        speed: float = 1.0,
        starts: bool = False,
        mask: Callable[[str], str] = unmasked,
        grow: Callable[[], Reel | None] | None = None,
        growth_s: float = _GROWTH_S,
    ) -> None:
        """Take what is played.

        Args:
            reel: the episode.
            name: what it is called on the screen.
            place: where to begin.
            speed: how fast.
            starts: whether it plays at once.
            mask: what all recorded text goes through before it is shown.
            grow: returns the reel of a session that has gone on, None while it has not;
                called in a thread. None for an episode, which does not grow.
            growth_s: how often it is called.
        """
        super().__init__()
        self._called = name
        self._mask = mask
        self._grow = grow
        self._growth_s = growth_s
        self._playing = Playing(reel, place, speed=speed)
        self._playing.is_running = starts and not self._playing.is_at_end
        self._follows = grow is not None and self._playing.is_at_end
        self._beat_s = 0.0
        self._words = ""
        self._hits: list[Found] = []
        self._remark = ""
        self._scene: Scene | None = None
        self._title_bar = Bar(look="bar")
        self._view = TextView(mask=mask, id="text")
        self._step_bar = Bar()
        self._timeline = Timeline(self._playing)
        self._status_bar = Bar()
        self._view.can_focus = False

    @property
    def playing(self) -> Playing:
        """Where it is and how it goes on."""
        return self._playing

    def compose(self) -> ComposeResult:
        """Lay out title, text, step, timeline and state from top to bottom."""
        with Vertical():
            yield self._title_bar
            yield self._view
            yield self._step_bar
            yield self._timeline
            yield self._status_bar

    def on_mount(self) -> None:
        """Show the first place, and let time pass."""
        self._fit(self.size.height)
        self._beat_s = time.monotonic()
        self.set_interval(_FRAME_S, self._beat)
        if self._grow is not None:
            self.set_interval(self._growth_s, self.look_for_growth)
        self.call_after_refresh(self.show_place)

    def on_resize(self, event: events.Resize) -> None:
        """Give up what does not fit."""
        self._fit(event.size.height)
        self.call_after_refresh(self.show_place)

    def _fit(self, height: int) -> None:
        rows = Timeline.FULL_ROWS if height >= _LOW else 2
        self._timeline.styles.height = rows
        self._timeline.display = height >= _LOWEST
        self._title_bar.display = height >= _LOWEST

    # Showing

    def show_place(self) -> None:
        """Show the place it is at."""
        scene = scene_at(self._playing.reel, self._playing.place)
        before, self._scene = self._scene, scene
        self._show_text(scene, before)
        self._title_bar.say(
            *title_parts(scene, self._called, self._mask, self._view.page.lines.count)
        )
        self._step_bar.say(*step_parts(self._playing, scene, self._mask))
        self._show_state()
        self._timeline.refresh()

    def _show_state(self) -> None:
        is_live = self._grow is not None
        self._status_bar.say(
            *state_parts(self._playing, self._remark, is_live=is_live, follows=self._follows)
        )

    def _show_text(self, scene: Scene, before: Scene | None) -> None:
        page = _page_of(scene, self._hit_in(scene))
        is_same_file = before is not None and before.path == scene.path
        self._view.show_page(page, top=None if is_same_file else 0)
        if scene.first_line is not None:
            self._view.go_to_line(scene.first_line)
        elif page.cursor is not None:
            line = page.lines.line_of(page.cursor)
            self._view.bring(line, page.cursor - page.lines.start(line))

    def _hit_in(self, scene: Scene) -> Highlight | None:
        for one in self._hits:
            if one.place == scene.place and one.path == scene.path and one.path is not None:
                return Highlight(start=one.offset, end=one.offset + len(self._words), look="hit")
        return None

    def go(self, place: int, remark: str = "") -> None:
        """Be at a place."""
        self._remark = remark
        self._playing.go(place)
        self._follows = self._grow is not None and self._playing.is_at_end
        self.show_place()

    # Time

    def _beat(self) -> None:
        now = time.monotonic()
        elapsed, self._beat_s = now - self._beat_s, now
        self.pass_time(min(elapsed, 1.0))

    def pass_time(self, elapsed_s: float) -> None:
        """Let time pass for the player."""
        was_running = self._playing.is_running
        if self._playing.advance(elapsed_s):
            self._remark = ""
            self.show_place()
        if was_running and not self._playing.is_running:
            self._follows = self._grow is not None
            self._show_state()

    def look_for_growth(self) -> Worker[None]:
        """Ask in a thread whether the session has gone on, and show it if it has."""
        return self.run_worker(self._grown, thread=True, exclusive=True, exit_on_error=False)

    def _grown(self) -> None:
        if self._grow is None:
            return
        try:
            reel = self._grow()
        except SignoffError as error:
            self.call_from_thread(self._say, f"it cannot be followed: {error}")
            return
        if reel is not None:
            self.call_from_thread(self._change_reel, reel)

    def _change_reel(self, reel: Reel) -> None:
        self._playing.change_reel(reel)
        if self._follows:
            self._playing.go(reel.count - 1)
        self._timeline.change_reel()
        self.show_place()

    def _say(self, remark: str) -> None:
        self._remark = remark
        self._show_state()

    # Keys

    def action_leave(self) -> None:
        """End."""
        self.exit()

    def action_play(self) -> None:
        """Play, or stop playing."""
        playing = self._playing
        if not playing.is_running and playing.is_at_end and self._grow is None:
            playing.go(START)
        playing.is_running = not playing.is_running and not playing.is_at_end
        self._beat_s = time.monotonic()
        self._remark = ""
        self.show_place()

    def action_speed(self, steps: int) -> None:
        """Play faster or slower."""
        self._playing.faster(steps)
        self._show_state()

    def action_squeeze(self) -> None:
        """Squeeze idle time, or do not."""
        self._playing.squeeze(on=not self._playing.squeezes)
        squeezes = self._playing.squeezes
        self._remark = "waits over 2 s become 0.5 s" if squeezes else "waits are played in full"
        self.show_place()

    def action_step(self, steps: int) -> None:
        """Go some steps on or back, and stop."""
        self._playing.is_running = False
        self.go(self._playing.place + steps)

    def action_edge(self, is_end: bool) -> None:
        """Go to the end or the start."""
        self._playing.is_running = False
        self.go(self._playing.reel.count - 1 if is_end else START)

    def action_stop(self, stop: str, forward: bool) -> None:
        """Jump to the next, or previous, test run, commit and so on."""
        self._jump(self._playing.reel.next_stop(self._playing.place, stop, forward=forward), stop)

    def action_file(self, forward: bool) -> None:
        """Jump to where another file is worked on."""
        self._jump(self._playing.reel.next_file(self._playing.place, forward=forward), "file")

    def _jump(self, place: int | None, what: str) -> None:
        self._playing.is_running = False
        if place is None:
            self._say(f"no more {what} that way")
        else:
            self.go(place)

    def action_scroll(self, lines: int) -> None:
        """Look further up or down in the file."""
        self._view.action_move(lines)

    def action_page(self, pages: int) -> None:
        """Look a page up or down in the file."""
        self._view.action_turn(pages)

    def action_search(self) -> None:
        """Ask for words and go to where they stand."""
        from signoff_collector.replay.screens.asking import Question

        self.push_screen(Question("search everything: "), self._search)

    def _search(self, words: str | None) -> None:
        if not words:
            return
        self._words = words
        self._hits = seek(self._playing.reel, words)
        self._playing.is_running = False
        if not self._hits:
            self._say(f"{words!r} is nowhere")
            return
        here = self._playing.place
        later = [number for number, one in enumerate(self._hits) if one.place >= here]
        self._go_to_hit(later[0] if later else 0)

    def action_hit(self, steps: int) -> None:
        """Go to the next place that was found, or the one before."""
        if not self._hits:
            self._say("nothing is searched: / asks for words")
            return
        here = self._playing.place
        if steps > 0:
            after = [number for number, one in enumerate(self._hits) if one.place > here]
            self._go_to_hit(after[0] if after else 0)
        else:
            before = [number for number, one in enumerate(self._hits) if one.place < here]
            self._go_to_hit(before[-1] if before else len(self._hits) - 1)

    def _go_to_hit(self, number: int) -> None:
        hit = self._hits[number]
        self._playing.is_running = False
        self.go(hit.place, f"{self._words!r} {number + 1} of {len(self._hits)} (> < go on)")
        scene = self._scene
        if scene is not None and hit.path == scene.path and scene.text is not None:
            lines = self._view.page.lines
            line = lines.line_of(hit.offset)
            self._view.bring(line, hit.offset - lines.start(line))

    def action_output(self) -> None:
        """Show all that the current run, command or other step says."""
        from signoff_collector.replay.screens.looking import output_of

        self._playing.is_running = False
        found = output_of(self._playing, self._mask)
        if found is None:
            self._say("nothing has been run or said yet")
        else:
            self.push_screen(OutputScreen(found[0], found[1], mask=self._mask))

    def action_problems(self) -> None:
        """Show the findings that stand at this moment."""
        from signoff_collector.replay.screens.looking import problems_text

        self._playing.is_running = False
        title, text = problems_text(self._playing)
        self.push_screen(OutputScreen(title, text, mask=self._mask))

    def action_files(self) -> None:
        """List the files, and go to where one is worked on."""
        from signoff_collector.replay.screens.list_screen import ListScreen

        self._playing.is_running = False
        counts = self._playing.reel.edit_counts()
        paths = sorted(counts)
        here = self._scene.path if self._scene is not None else None
        chosen = paths.index(here) if here is not None and here in counts else 0
        rows = [f"{counts[path]:>7} edits  {path}" for path in paths]

        def taken(number: int | None) -> None:
            if number is not None:
                reel = self._playing.reel
                self._jump(reel.first_in_file(paths[number], self._playing.place), "file")

        title = f"{len(paths)} files: Enter goes to where one is worked on next"
        self.push_screen(ListScreen(title, rows, chosen=chosen, mask=self._mask), taken)

    def action_moment(self) -> None:
        """Ask for a moment, written as for --at."""
        from signoff_collector.replay.screens.asking import Question

        question = "go to (N, step:S, time:+1h02m3s, start, end): "
        self.push_screen(Question(question), self._go_to_moment)

    def _go_to_moment(self, text: str | None) -> None:
        if not text or not text.strip():
            return
        from signoff_collector.episode.resolving import resolve_at
        from signoff_schemas.at import parse_at

        reel = self._playing.reel
        self._playing.is_running = False
        try:
            self.go(reel.place_of_seq(resolve_at(reel.episode, parse_at(text.strip()))))
        except SignoffError as error:
            self._say(str(error))

    def action_help(self) -> None:
        """Say what the keys and marks mean."""
        self.push_screen(OutputScreen("keys and marks", HELP))


def _page_of(scene: Scene, hit: Highlight | None) -> Page:
    from signoff_collector.replay.screens.line_index import LineIndex
    from signoff_collector.replay.screens.palette import ACTORS

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
