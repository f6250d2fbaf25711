"""One picture of a moment, as the bytes of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from signoff_collector.picture.drawn_files import DrawnFile
from signoff_collector.picture.facts import facts_of
from signoff_collector.picture.painters.svg import font_facts, svg_text
from signoff_collector.system.extras import need

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.picture.layout import Layout
    from signoff_collector.picture.scene import Scene
    from signoff_collector.picture.themes import ThemeName

Kind = Literal["svg", "png", "webp"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_SMALL: Final = 6
"""How hard zlib tries for one picture, which is looked at more often than made."""


def picture_of(
    layout: Layout,
    scene: Scene,
    kind: Kind,
    *,
    digest: str,
    theme: ThemeName = "light",
    font: Path | None = None,
) -> DrawnFile:
    """Draw a layout.

    Args:
        layout: of the scene.
        scene: the moment.
        kind: of the file.
        digest: SHA-256 of the episode's file.
        theme: light or dark.
        font: a font file for PNG and WebP; None for the one of the extra.

    Raises:
        MissingProgramError: the extra `pictures` is not installed; SVG does not need it.
        NotFoundError: there is no font.
    """
    if kind == "svg":
        facts = facts_of(layout, scene, digest=digest, theme=theme, font=font_facts())
        return DrawnFile(content=svg_text(layout, theme, facts).encode("utf-8"), facts=facts)
    need("pictures", what=f"a {kind.upper()}")
    from signoff_collector.picture.painters.png import png_bytes, webp_bytes
    from signoff_collector.picture.painters.raster import Raster

    painted = Raster(layout.size, theme, font).painted(layout)
    facts = facts_of(layout, scene, digest=digest, theme=theme, font=painted.font)
    if kind == "png":
        return DrawnFile(content=png_bytes(painted.pixels, facts, level=_SMALL), facts=facts)
    return DrawnFile(content=webp_bytes(painted.pixels, facts), facts=facts)
