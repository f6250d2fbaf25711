"""The full-screen player: key actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from signoff_collector.replay.describing import chapter_words
from signoff_collector.replay.reel import START
from signoff_collector.replay.screens.hits import Hits
from signoff_collector.replay.screens.keys import BINDINGS
from signoff_collector.replay.screens.projector import Projector
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.levels.chapters import Chapter


class Player(Projector):
    """Plays a reel under keyboard control."""

    BINDINGS: ClassVar = [
        *BINDINGS,
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
    ]

    # Keys that play and jump

    def action_leave(self) -> None:
        """Quit."""
        self.exit()

    def action_play(self) -> None:
        """Toggle playback."""
        playing = self._playing
        if not playing.is_running and playing.is_at_end and self._grow is None:
            playing.go(START)
        playing.is_running = not playing.is_running and not playing.is_at_end
        self.start_beat()
        self._remark = ""
        self.show_place()

    def action_speed(self, steps: int) -> None:
        """Change the speed."""
        self._playing.faster(steps)
        self._show_state()

    def action_squeeze(self) -> None:
        """Toggle shortening of idle time."""
        self._playing.squeeze(on=not self._playing.squeezes)
        squeezes = self._playing.squeezes
        self._remark = "waits over 2 s become 0.5 s" if squeezes else "waits are played in full"
        self.show_place()

    def action_step(self, steps: int) -> None:
        """Move by some steps, and pause."""
        self._playing.is_running = False
        self.go(self._playing.place + steps)

    def action_edge(self, is_end: bool) -> None:
        """Jump to the end or the start."""
        self._playing.is_running = False
        self.go(self._playing.reel.count - 1 if is_end else START)

    def action_stop(self, stop: str, forward: bool) -> None:
        """Jump to the next, or previous, stop: test run, git operation and so on."""
        self._jump(self._playing.reel.next_stop(self._playing.place, stop, forward=forward), stop)

    def action_file(self, forward: bool) -> None:
        """Jump to where another file is edited."""
        self._jump(self._playing.reel.next_file(self._playing.place, forward=forward), "file")

    def action_chapter(self, forward: bool) -> None:
        """Jump to the next, or previous, chapter, and say what it is."""
        playing = self._playing
        chapter = playing.reel.next_chapter(playing.place, forward=forward)
        playing.is_running = False
        if chapter is None:
            self._say("no more chapter that way")
        else:
            self._go_to_chapter(chapter)

    def _go_to_chapter(self, chapter: Chapter) -> None:
        place = self._playing.reel.place_of_seq(chapter.seq_first)
        self.go(place, chapter_words(chapter, self._mask))

    def _jump(self, place: int | None, what: str) -> None:
        self._playing.is_running = False
        if place is None:
            self._say(f"no more {what} that way")
        else:
            self.go(place)

    def action_scroll(self, lines: int) -> None:
        """Scroll the file."""
        self._stage.view.action_move(lines)

    def action_page(self, pages: int) -> None:
        """Scroll the file by a page."""
        self._stage.view.action_turn(pages)

    def action_close(self) -> None:
        """Put away what the last search found, and what was told."""
        self._hits = Hits()
        self._remark = ""
        self.show_place()

    # Keys that ask

    def action_search(self) -> None:
        """Ask for words and jump to the next match."""
        from signoff_collector.replay.screens.asking import Question

        self.push_screen(Question("search everything: "), self._search)

    def _search(self, words: str | None) -> None:
        if not words:
            return
        self._hits = Hits(self._playing.reel, words)
        self._playing.is_running = False
        if self._hits.count:
            self._go_to_hit(self._hits.nearest(self._playing.place))
        else:
            self._say(f"{words!r} is not in this recording")

    def action_hit(self, steps: int) -> None:
        """Jump to the next, or previous, match."""
        here, hits = self._playing.place, self._hits
        if hits.count:
            self._go_to_hit(hits.next(here) if steps > 0 else hits.previous(here))
        else:
            self._say("no search yet: / asks for the text")

    def _go_to_hit(self, number: int) -> None:
        hit = self._hits.at(number)
        self._playing.is_running = False
        self.go(hit.place, self._hits.remark(number))
        scene = self._stage.scene
        if scene is not None and hit.path == scene.path and scene.text is not None:
            self._stage.bring(hit.offset)

    def action_moment(self) -> None:
        """Ask for a moment, in the syntax of --at."""
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

    # Keys that show something else

    def action_output(self) -> None:
        """Show the full output of the current command, test run or other step."""
        from signoff_collector.replay.screens.panels import output_panel

        self._playing.is_running = False
        panel = output_panel(self._playing, self._mask)
        if panel is None:
            self._say("nothing has been run or said yet")
        else:
            self.push_screen(panel)

    def action_problems(self) -> None:
        """Show the diagnostics at this moment."""
        from signoff_collector.replay.screens.panels import problems_panel

        self._playing.is_running = False
        self.push_screen(problems_panel(self._playing, self._mask))

    def action_files(self) -> None:
        """List the files and chapters, and jump to one."""
        from signoff_collector.replay.screens.panels import files_panel

        self._playing.is_running = False
        here = self._stage.scene.path if self._stage.scene is not None else None
        panel, paths = files_panel(self._playing, here, self._mask)
        reel = self._playing.reel

        def taken(number: int | None) -> None:
            if number is not None and number >= len(paths):
                self._go_to_chapter(reel.chapters[number - len(paths)])
            elif number is not None:
                self._jump(reel.first_in_file(paths[number], self._playing.place), "file")

        self.push_screen(panel, taken)

    def action_help(self) -> None:
        """Explain keys and marks."""
        from signoff_collector.replay.screens.panels import help_panel

        self.push_screen(help_panel())
