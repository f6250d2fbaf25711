"""The player without keys: shows a reel, advances with time, follows a running session."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from signoff_collector.replay.drawing.mask_signs import MaskSigns
from signoff_collector.replay.masking import unmasked
from signoff_collector.replay.origin import origin_words
from signoff_collector.replay.playing import Playing, speed_from
from signoff_collector.replay.reel import START
from signoff_collector.replay.screens.hits import Hits
from signoff_collector.replay.screens.safe_app import SafeApp
from signoff_collector.replay.screens.stage import Stage
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult
    from textual.worker import Worker

    from signoff_collector.replay.reel import Reel

_FRAME_S: Final = 1 / 20
_GROWTH_S: Final = 2.0


class Projector(SafeApp[None]):
    """Shows the current place, and advances with time.

    Recorded text reaches the terminal only as cells made by `painting` and `Bar`.
    """

    CSS = "Screen { background: ansi_default; } Question { background: transparent; }"

    def __init__(
        self,
        reel: Reel,
        *,
        project: str | None = None,
        place: int = START,
        speed: float | None = None,
        starts: bool = False,
        mask: Callable[[str], str] = unmasked,
        grow: Callable[[], Reel | None] | None = None,
        growth_s: float = _GROWTH_S,
    ) -> None:
        """Set up the player.

        Args:
            reel: the episode.
            project: name of the recorded folder; None for what the episode says.
            place: initial position.
            speed: playback speed, a factor; None chooses it by the length of what is played.
            starts: whether playback starts immediately.
            mask: applied to all recorded text before it is displayed.
            grow: returns the reel of a session that has gone on, None while it has not;
                called in a thread. None for an episode, which does not grow.
            growth_s: polling interval of `grow` in seconds.
        """
        super().__init__()
        self.mask_signs = MaskSigns(reel.episode.header.masks)
        self._mask = mask
        self._grow = grow
        self._growth_s = growth_s
        chosen = speed_from(reel, place) if speed is None else speed
        self._playing = Playing(reel, place, speed=chosen)
        self._playing.is_running = starts and not self._playing.is_at_end
        self._follows = grow is not None and self._playing.is_at_end
        self._beat_s = 0.0
        self._hits = Hits()
        self._remark = ""
        self._project = project
        self._name_origin(reel)
        self._stage = Stage(self._playing, mask=mask)

    def _name_origin(self, reel: Reel) -> None:
        self.origin = self._mask(origin_words(reel.episode.header, self._project))

    @property
    def playing(self) -> Playing:
        """Position and speed."""
        return self._playing

    def compose(self) -> ComposeResult:
        """Show the stage."""
        yield self._stage

    def on_mount(self) -> None:
        """Show the first place, and start the timer."""
        self._stage.fit(self.size.width, self.size.height)
        self.start_beat()
        self.set_interval(_FRAME_S, self._beat)
        if self._grow is not None:
            self.set_interval(self._growth_s, self.look_for_growth)
        self.call_after_refresh(self.show_place)

    def on_resize(self, event: events.Resize) -> None:
        """Hide what does not fit."""
        self._stage.fit(event.size.width, event.size.height)
        self.call_after_refresh(self.show_place)

    # Showing

    def show_place(self) -> None:
        """Show the current place."""
        self._stage.show_place(self._hits)
        self._show_state()

    def _show_state(self) -> None:
        is_live = self._grow is not None
        self._stage.show_state(self._remark, is_live=is_live, follows=self._follows)

    def go(self, place: int, remark: str = "") -> None:
        """Jump to a place."""
        self._remark = remark
        self._playing.go(place)
        self._follows = self._grow is not None and self._playing.is_at_end
        self.show_place()

    def _say(self, remark: str) -> None:
        self._remark = remark
        self._show_state()

    # Time

    def start_beat(self) -> None:
        """Restart the timer: earlier time does not count."""
        self._beat_s = time.monotonic()

    def _beat(self) -> None:
        now = time.monotonic()
        elapsed, self._beat_s = now - self._beat_s, now
        self.pass_time(min(elapsed, 1.0))

    def pass_time(self, elapsed_s: float) -> None:
        """Advance the player by elapsed time."""
        was_running = self._playing.is_running
        if self._playing.advance(elapsed_s):
            self._remark = ""
            self.show_place()
        if was_running and not self._playing.is_running:
            self._follows = self._grow is not None
            self._show_state()

    def look_for_growth(self) -> Worker[None]:
        """Poll for growth of the session in a thread, and show it."""
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
        self._name_origin(reel)
        if self._follows:
            self._playing.go(reel.count - 1)
        self._stage.change_reel()
        self.show_place()
