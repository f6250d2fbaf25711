"""A film as one SVG that moves by CSS alone, where a page shows it as an image.

A strip of frames that moves one frame at a time; a row that several frames have is written once.
With reduced motion it stands still at its last frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.picture.painters.svg import SvgRows, document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signoff_collector.picture.film.frames import Frame
    from signoff_collector.picture.layout import Size
    from signoff_collector.picture.themes import ThemeName


def moving_svg(
    frames: Iterable[Frame], size: Size, theme: ThemeName, facts: Mapping[str, object]
) -> str:
    """Return a document that plays some frames for ever."""
    rows = SvgRows(size, theme)
    names: dict[str, int] = {}
    strip: list[str] = []
    begins: list[int] = []
    end_ms = 0
    for number, one in enumerate(frames):
        strip.append(f'<g transform="translate(0 {number * size.height})">')
        for row in range(size.rows):
            drawn = rows.row(one.layout, row)
            name = names.setdefault(drawn, len(names))
            strip.append(f'<use href="#r{name}" y="{row * size.cell_height}"/>')
        strip.append(f"{rows.cursor(one.layout)}</g>")
        begins.append(one.begin_ms)
        end_ms = one.begin_ms + one.shown_ms
    stops = "".join(
        f"{100 * begin / max(1, end_ms):.3f}%{{transform:translateY(-{number * size.height}px)}}"
        for number, begin in enumerate(begins)
    )
    still = f"translateY(-{max(0, len(begins) - 1) * size.height}px)"
    play = (
        f"@keyframes play{{{stops}}}#strip{{animation:play {end_ms / 1000:g}s step-end infinite}}"
        f"@media (prefers-reduced-motion:reduce){{#strip{{animation:none;transform:{still}}}}}"
    )
    defined = "".join(f'<g id="r{name}">{drawn}</g>' for drawn, name in names.items())
    return document(
        size,
        f"A film of the workbench, {end_ms / 1000:g} seconds",
        facts,
        f"{rows.style()}{play}",
        f'<defs>{defined}</defs><g id="strip">{"".join(strip)}</g>',
    )
