"""A film as GIF. Loads Pillow."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Final

from PIL import Image

from signoff_collector.picture.themes import THEMES, colour

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from signoff_collector.picture.film.frames import Frame
    from signoff_collector.picture.painters.raster import Raster
    from signoff_collector.picture.themes import ThemeName

_MOST: Final = 256
_SHADES: Final = (0.25, 0.5, 0.75)
"""Of an ink on a ground, at the edges of letters."""


def gif_bytes(frames: Iterable[Frame], raster: Raster, facts: Mapping[str, object]) -> bytes:
    """Return a GIF that plays for ever, in 256 colours of the theme."""
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for one in _colours(raster.theme) for part in one])
    held = io.BytesIO()
    durations: list[int] = []

    def images() -> Iterator[Image.Image]:
        for one in frames:
            durations.append(one.shown_ms)
            drawn = Image.fromarray(raster.painted(one.layout).pixels)
            yield drawn.quantize(palette=palette, dither=Image.Dither.NONE)

    first, *others = images()
    first.save(
        held, "GIF", save_all=True, append_images=others, duration=durations, loop=0,
        optimize=False, comment=json.dumps(facts, sort_keys=True).encode("ascii"),
    )  # fmt: skip
    return held.getvalue()


def _colours(theme: ThemeName) -> list[tuple[int, int, int]]:
    """Return the colours of a theme, and shades of its inks on the grounds that hold most text."""
    found = dict.fromkeys(colour(theme, name) for name in THEMES[theme])
    for ground in ("editor", "panel", "side"):
        low = colour(theme, ground)
        for ink in THEMES[theme]:
            high = colour(theme, ink)
            for share in _SHADES:
                parts = (round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
                found.setdefault((next(parts), next(parts), next(parts)))
    return list(found)[:_MOST]
