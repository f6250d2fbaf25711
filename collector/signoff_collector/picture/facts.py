"""What a picture says of itself: of which moment it is, how it was drawn, what was assumed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from signoff_collector import __version__
from signoff_collector.picture.workbench import LAYOUT_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.picture.layout import Layout
    from signoff_collector.picture.scene import Scene
    from signoff_collector.picture.themes import ThemeName

RIGHT_TO_LEFT: Final = "right-to-left letters stand in the order of cells, each by itself"


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of an episode's file."""
    return hashlib.sha256(data).hexdigest()


def facts_of(
    layout: Layout,
    scene: Scene,
    *,
    digest: str,
    theme: ThemeName,
    font: Mapping[str, object],
) -> dict[str, object]:
    """Return the facts of a picture as JSON: no path of this machine, no recorded text.

    Args:
        layout: what was drawn.
        scene: of which moment.
        digest: SHA-256 of the episode's file.
        theme: light or dark.
        font: which font drew the letters, or which ones an SVG asks for.
    """
    return {
        "signoff": __version__,
        "layout": LAYOUT_VERSION,
        "episode_sha256": digest,
        "seq": scene.seq,
        "t_ns": scene.t_ns,
        "width": layout.size.width,
        "height": layout.size.height,
        "font_px": layout.size.font_px,
        "theme": theme,
        "font": dict(font),
        "assumed": list(layout.assumed),
        "notes": [RIGHT_TO_LEFT] if layout.has_right_to_left else [],
    }
