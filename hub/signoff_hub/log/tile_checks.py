"""Published tiles and bundles, held against the tree as it is made again leaf by leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_hub.log.layout import (
    HEADS,
    MAX_TILE_LEVEL,
    ROOT,
    TILE_LEVELS,
    TILE_WIDTH,
    TileName,
    bundle,
    parse_tile_key,
)
from signoff_schemas.errors import RefusedError
from signoff_schemas.merkle import root_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_hub.log.report import LogReport
    from signoff_hub.objects.interface import Objects


class TileChecks:
    """Keeps the right edge of the tree alone: at most 256 hashes a level."""

    def __init__(
        self, objects: Objects, report: LogReport, *, published: int, is_mirror: bool = False
    ) -> None:
        """Check tiles in a store.

        Args:
            objects: where they lie.
            report: told what is wrong.
            published: size up to which tiles have to be there.
            is_mirror: whether tiles beyond it are of a publisher that was on its way to the next
                head, and prove nothing yet; else the rows would tell of them.
        """
        self._objects = objects
        self._report = report
        self._published = published
        self._is_mirror = is_mirror
        self._edges: dict[int | None, list[bytes]] = {}
        self._counts: dict[int | None, int] = {}

    def add(self, committed: bytes, leaf: bytes) -> None:
        """Take the next leaf, as commitment and as hash."""
        self._push(None, committed)
        self._push(0, leaf)

    def finish(self) -> None:
        """Check what is at the right edge, and that there is nothing else."""
        for level in (None, *range(MAX_TILE_LEVEL + 1)):
            total = self._published >> TILE_LEVELS * (level or 0)
            index, width = divmod(total, TILE_WIDTH)
            if width:
                partial = TileName(level=level, index=index, width=width)
                full = TileName(level=level, index=index)
                if all(self._objects.size(one.key) is None for one in (partial, full)):
                    self._report.tell(f"{partial.key} is missing")
        for key in _keys(self._objects, ROOT):
            name = parse_tile_key(key)
            if name is None:
                self._report.tell(f"{key} is nothing that the log makes")
            else:
                self._look(name)

    def _push(self, level: int | None, one: bytes) -> None:
        edge = self._edges.setdefault(level, [])
        edge.append(one)
        self._counts[level] = count = self._counts.get(level, 0) + 1
        if len(edge) < TILE_WIDTH:
            return
        name = TileName(level=level, index=count // TILE_WIDTH - 1)
        needed = count <= self._published >> TILE_LEVELS * (level or 0)
        self._compare(name, edge, is_needed=needed)
        if level is not None and level < MAX_TILE_LEVEL:
            self._push(level + 1, root_of(edge))
        self._edges[level] = []

    def _look(self, name: TileName) -> None:
        """Check a tile that is there: full ones of this tree were compared already."""
        count = self._counts.get(name.level, 0)
        if name.index * TILE_WIDTH + name.width > count:
            if self._is_mirror:
                self._report.unproven += 1
            else:
                self._report.tell(f"{name.key} holds more than the log has")
        elif name.width < TILE_WIDTH:
            if name.index == count // TILE_WIDTH:
                self._compare(name, self._edges[name.level][: name.width], is_needed=True)
            else:
                self._compare_with_full(name)

    def _compare(self, name: TileName, expected: list[bytes], *, is_needed: bool) -> None:
        found = self._read(name)
        if found is None:
            if is_needed:
                self._report.tell(f"{name.key} is missing")
            return
        self._report.tiles += 1
        content = bundle(expected) if name.level is None else b"".join(expected)
        if found == content:
            return
        at = _first_difference(found, content) * name.width // len(content)
        first = name.index * TILE_WIDTH + at
        if name.level:  # a node above many leaves: whatever is below names them
            self._report.tell(f"{name.key} is not of this tree, from its node {at} on")
        else:
            self._report.tell(f"{name.key} is not of this tree, from leaf {first} on", first)

    def _compare_with_full(self, name: TileName) -> None:
        full = self._read(TileName(level=name.level, index=name.index))
        if full is not None:  # else that was told
            found = self._read(name)
            self._report.tiles += 1
            if found != full[: name.size_bytes]:
                self._report.tell(f"{name.key} is not of this tree")

    def _read(self, name: TileName) -> bytes | None:
        try:
            return self._objects.read(name.key, max_bytes=name.size_bytes)
        except RefusedError:
            return b""  # larger than a tile: other bytes


def _first_difference(found: bytes, content: bytes) -> int:
    pairs = enumerate(zip(found, content, strict=False))
    return next((at for at, (one, two) in pairs if one != two), min(len(found), len(content) - 1))


def _keys(objects: Objects, folder: str) -> Iterator[str]:
    """Yield every key under a folder but heads, which are looked at on their own."""
    for name in objects.names(folder):
        yield f"{folder}/{name}"
    for name in objects.folders(folder):
        if f"{folder}/{name}" != HEADS:
            yield from _keys(objects, f"{folder}/{name}")
