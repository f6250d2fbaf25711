"""Finds the fonts that PNG and WebP are drawn with, and glyphs in them. Loads Pillow.

The font of the extra `pictures` comes first (JetBrains Mono, a package of 0.2 MB, licence OFL-1.1),
so that the same episode gives the same picture on every machine; what it lacks is looked for in
well-known fonts of the system, and named in the facts where it was used.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from signoff_schemas.errors import NotFoundError

_OWN_PACKAGE: Final = "fontpkg_jetbrains_mono"
_OWN_FILE: Final = "files/JetBrainsMono[wght].ttf"
_BOLD: Final = 700
_PROBE_PX: Final = 100
_NOWHERE: Final = "\U0010ffff"
"""No font has a glyph for it, so that it shows what is drawn for a missing one."""
ELSEWHERE: Final = (
    "DejaVuSansMono.ttf", "LiberationMono-Regular.ttf", "Menlo.ttc", "consola.ttf",
    "NotoSansMono-Regular.ttf", "NotoSansMonoCJK-Regular.ttc", "NotoSansCJK-Regular.ttc",
    "wqy-zenhei.ttc", "PingFang.ttc", "Hiragino Sans GB.ttc", "msgothic.ttc", "msyh.ttc",
    "unifont.otf", "DejaVuSans.ttf", "Arial Unicode.ttf", "NotoEmoji-Regular.ttf", "seguisym.ttf",
)  # fmt: skip
"""File names that are looked for where systems keep fonts, monospaced ones first."""


@dataclass(slots=True)
class Face:
    """One font at one size."""

    name: str
    plain: ImageFont.FreeTypeFont
    bold: ImageFont.FreeTypeFont
    sha256: str
    _missing: bytes = field(init=False)
    _has: dict[str, bool] = field(default_factory=dict[str, bool])

    def __post_init__(self) -> None:
        self._missing = _drawn(self.plain, _NOWHERE)

    def has(self, cluster: str) -> bool:
        """Say whether it has glyphs for all characters that share a cell."""
        known = self._has.get(cluster)
        if known is None:
            known = self._has[cluster] = all(
                _drawn(self.plain, char) != self._missing for char in cluster
            )
        return known


class Fonts:
    """The fonts of a picture, the chosen one first."""

    def __init__(self, cell_width: int, chosen: Path | None = None) -> None:
        """Load the first font; others are looked for when a glyph is missing.

        Args:
            cell_width: pixels that a letter advances.
            chosen: a font file of the person's choice.

        Raises:
            NotFoundError: there is no font, or the chosen file is none.
        """
        self._cell_width = cell_width
        self._names = list(ELSEWHERE)
        self._faces: list[Face] = []
        own = _own_file() if chosen is None else chosen
        if own is not None:
            self._faces.append(_face(own, cell_width))
        while not self._faces:
            self._load_next()

    def face_for(self, cluster: str) -> Face | None:
        """Return the font that draws some characters; None where none has them."""
        number = 0
        while True:
            while number < len(self._faces):
                face = self._faces[number]
                if face.has(cluster):
                    return face
                number += 1
            if not self._names:
                return None
            self._load_next(may_fail=True)

    @property
    def first(self) -> Face:
        """The font that draws all that it has glyphs for."""
        return self._faces[0]

    def _load_next(self, *, may_fail: bool = False) -> None:
        """Load the next font that the system has."""
        while self._names:
            name = self._names.pop(0)
            try:
                self._faces.append(_face(name, self._cell_width))
            except (OSError, NotFoundError):
                continue
            return
        if not may_fail:
            raise NotFoundError(
                "there is no monospaced font to draw letters with",
                hint="Install fonts-dejavu-core, or name a font: --font FILE.ttf.",
            )


def _own_file() -> Path | None:
    spec = find_spec(_OWN_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / _OWN_FILE
    return path if path.is_file() else None


def _face(file: Path | str, cell_width: int) -> Face:
    """Return a font whose letters advance by the width of a cell.

    Raises:
        NotFoundError: the file is no font that can be read.
    """
    try:
        probe = ImageFont.truetype(str(file), _PROBE_PX, layout_engine=ImageFont.Layout.BASIC)
        size = cell_width * _PROBE_PX / max(1.0, probe.getlength("M"))
        size = max(1.0, min(size, 2.0 * cell_width))
        plain, bold = (
            ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.BASIC)
            for _ in range(2)
        )
        content = Path(str(plain.path)).read_bytes()
    except (OSError, ValueError) as error:
        raise NotFoundError(
            f"{Path(file).name} is no font that can be read",
            hint="Name a TrueType or OpenType file: --font FILE.ttf.",
        ) from error
    return Face(" ".join(filter(None, plain.getname())), plain, _made_bold(bold),
                hashlib.sha256(content).hexdigest())  # fmt: skip


def _made_bold(font: ImageFont.FreeTypeFont) -> ImageFont.FreeTypeFont:
    """Return a variable font in bold; another stays as it is."""
    with suppress(OSError, NotImplementedError):
        font.set_variation_by_axes([_BOLD])
    return font


def _drawn(font: ImageFont.FreeTypeFont, char: str) -> bytes:
    """Return the pixels of one character, to be told from those of a missing one."""
    side = int(3 * font.size) + 1
    image = Image.new("L", (side, side))
    ImageDraw.Draw(image).text((side // 3, 2 * side // 3), char, fill=255, font=font, anchor="ls")
    return image.tobytes()
