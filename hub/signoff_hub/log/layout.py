"""Names of what the log publishes under `log/`: tiles, bundles of commitments, heads.

Tiles lie as C2SP tlog-tiles has them: 256 hashes of 32 bytes, of level `8 * L` of the tree; an
index in groups of three digits, each but the last with an `x` before it; a tile that is not full
yet says its width. Levels go to 5, which is enough for 2**48 leaves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ROOT: Final = "log"
HEADS: Final = f"{ROOT}/heads"
TILE_WIDTH: Final = 256
TILE_LEVELS: Final = 8
"""Levels of the tree that one tile spans."""
MAX_TILE_LEVEL: Final = 5
ENTRY_BYTES: Final = 34
"""Of a bundle: two bytes of length, which is always 32, and a commitment."""
_TILE: Final = re.compile(
    rf"{ROOT}/tile/(entries|[0-5])((?:/x[0-9]{{3}})*/[0-9]{{3}})(?:\.p/([1-9][0-9]{{0,2}}))?"
)
_HEAD: Final = re.compile(rf"{HEADS}/(0|[1-9][0-9]{{0,15}})\.json(\.sig)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TileName:
    """One tile, or one bundle of commitments."""

    level: int | None
    """Of tiles, from 0; None: a bundle."""
    index: int
    width: int = TILE_WIDTH

    @property
    def key(self) -> str:
        """Where the object lies."""
        kind = "entries" if self.level is None else str(self.level)
        whole = f"{ROOT}/tile/{kind}/{_grouped(self.index)}"
        return whole if self.width == TILE_WIDTH else f"{whole}.p/{self.width}"

    @property
    def partials(self) -> str:
        """The folder of this tile's narrower forms."""
        return f"{TileName(level=self.level, index=self.index).key}.p"

    @property
    def size_bytes(self) -> int:
        """Bytes of its content."""
        return self.width * (ENTRY_BYTES if self.level is None else 32)


def parse_tile_key(key: str) -> TileName | None:
    """Return the tile that a key names, or None when it names none in its one spelling."""
    match = _TILE.fullmatch(key)
    if match is None:
        return None
    kind, groups, width = match.groups()
    found = TileName(
        level=None if kind == "entries" else int(kind),
        index=int(groups.replace("/", "").replace("x", "")),
        width=int(width or TILE_WIDTH),
    )
    return found if found.key == key else None


def head_key(size: int) -> str:
    """Return where the head of a size lies; its signature has `.sig` behind it."""
    return f"{HEADS}/{size}.json"


def parse_head_key(key: str) -> int | None:
    """Return the size of the head that a key names, also of its signature; None: it is none."""
    match = _HEAD.fullmatch(key)
    return None if match is None else int(match[1])


def bundle(commitments: list[bytes]) -> bytes:
    """Return commitments as a bundle holds them."""
    return b"".join(b"\0\x20" + one for one in commitments)


def unbundle(content: bytes) -> list[bytes]:
    """Return the commitments of a bundle.

    Raises:
        ValueError: it is none.
    """
    parts = [content[at : at + ENTRY_BYTES] for at in range(0, len(content), ENTRY_BYTES)]
    found = [part[2:] for part in parts if len(part) == ENTRY_BYTES and part[:2] == b"\0\x20"]
    if len(found) != len(parts) or not 0 < len(found) <= TILE_WIDTH:
        raise ValueError("a bundle holds something else than commitments")
    return found


def tiles_of(size: int, *, since: int = 0) -> list[TileName]:
    """Return the tiles and bundles of a tree that one of size `since` did not have in this width.

    Lower levels come first, so that whoever writes in this order can read what is above.
    """
    found: list[TileName] = []
    for level in (None, *range(MAX_TILE_LEVEL + 1)):
        shift = TILE_LEVELS * (level or 0)
        total, done = size >> shift, since >> shift
        if total == done:
            continue
        last = (total - 1) // TILE_WIDTH
        for index in range(done // TILE_WIDTH, last + 1):
            width = min(TILE_WIDTH, total - index * TILE_WIDTH)
            found.append(TileName(level=level, index=index, width=width))
    return found


def _grouped(index: int) -> str:
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
