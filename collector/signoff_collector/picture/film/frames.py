"""The layouts of a film's shots, drawn one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.picture.workbench import lay_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from signoff_collector.picture.film.shots import Shot
    from signoff_collector.picture.layout import Layout, Size
    from signoff_collector.picture.scene import Scenes
    from signoff_collector.replay.drawing.mask_signs import MaskSigns


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A layout, and how long it is shown."""

    layout: Layout
    begin_ms: int
    shown_ms: int


def frames_of(
    scenes: Scenes,
    shots: Sequence[Shot],
    size: Size,
    masks: MaskSigns,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> Iterator[Frame]:
    """Yield the frames of a film; what looks like the one before it lengthens that.

    Args:
        scenes: of the episode.
        shots: which moments, in order of time.
        size: of every frame.
        masks: of the episode.
        tell: told how many of how many shots are laid out.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    held: Frame | None = None
    for number, shot in enumerate(shots):
        tell(number, len(shots))
        layout = lay_out(scenes.at(shot.seq), size, masks)
        if held is not None and held.layout == layout:
            held = Frame(
                layout=layout, begin_ms=held.begin_ms, shown_ms=held.shown_ms + shot.shown_ms
            )
            continue
        if held is not None:
            yield held
        held = Frame(layout=layout, begin_ms=shot.begin_ms, shown_ms=shot.shown_ms)
    if held is not None:
        yield held
