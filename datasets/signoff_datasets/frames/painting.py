"""Paints frames as PNG, each cell of a letter once for all of them. Loads Pillow when made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.picture.facts import facts_of
from signoff_datasets.frames.records import SIZE

if TYPE_CHECKING:
    from signoff_collector.picture.themes import ThemeName
    from signoff_datasets.frames.world import World

_THEME: Final[ThemeName] = "light"
_SMALL: Final = 6
"""How hard zlib tries."""


class Painting:
    """The painter of one export."""

    def __init__(self, digest: str) -> None:
        """Load the font; `digest` is the SHA-256 of the episode's file.

        Raises:
            NotFoundError: there is no font.
        """
        from signoff_collector.picture.painters.raster import Raster

        self._digest = digest
        self._raster = Raster(SIZE, _THEME)

    def png(self, world: World) -> bytes:
        """Return the picture of a frame, with its facts in it."""
        from signoff_collector.picture.painters.png import png_bytes

        painted = self._raster.painted(world.layout)
        facts = facts_of(
            world.layout, world.scene, digest=self._digest, theme=_THEME, font=painted.font
        )
        return png_bytes(painted.pixels, facts, level=_SMALL)
