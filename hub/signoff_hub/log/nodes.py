"""Nodes of the tree, read from published tiles, and from rows where there is no tile yet.

A path among 100 million leaves needs at most two tiles of each of four levels. Full tiles never
change, so the last ones read are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Final

from signoff_hub.log.layout import TILE_LEVELS, TILE_WIDTH, TileName
from signoff_hub.log.leaves import read_commitments
from signoff_schemas.errors import DamagedError
from signoff_schemas.merkle import HASH_BYTES, leaf_hash, root_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from signoff_hub.objects.interface import Objects

_KEPT_TILES: Final = 512  # 4 MiB


class TileCache:
    """The full tiles that were read last; safe to use from any thread."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, level: int, index: int) -> bytes | None:
        """Return a tile, or None when it is not at hand."""
        with self._lock:
            found = self._held.get((level, index))
            if found is not None:
                self._held.move_to_end((level, index))
            return found

    def put(self, level: int, index: int, content: bytes) -> None:
        """Keep a full tile."""
        with self._lock:
            self._held[level, index] = content
            while len(self._held) > _KEPT_TILES:
                self._held.popitem(last=False)


class Nodes:
    """Reads complete subtrees within one transaction."""

    def __init__(
        self, connection: Connection, objects: Objects, published: int, cache: TileCache
    ) -> None:
        """Use tiles up to a published size, and rows beyond.

        Args:
            connection: of a transaction.
            objects: hold the tiles.
            published: size of the tree whose tiles are all there.
            cache: full tiles at hand; those that are read come into it.
        """
        self._connection = connection
        self._objects = objects
        self._published = published
        self._cache = cache
        self._partial: dict[TileName, bytes] = {}

    def read(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree.

        Raises:
            DamagedError: neither tiles nor rows have all of it.
        """
        tile_level, above = divmod(level, TILE_LEVELS)
        first = index << above
        at, count = first % TILE_WIDTH, 1 << above
        content = self.tile(tile_level, first // TILE_WIDTH, at + count)
        return root_of(_hashes(content[at * HASH_BYTES :], count))

    def tile(self, level: int, index: int, width: int) -> bytes:
        """Return at least the first `width` hashes of a tile.

        Raises:
            DamagedError: neither tiles nor rows have them.
        """
        found = self._cache.get(level, index) or self._published_tile(level, index)
        have = len(found) // HASH_BYTES
        if have < width:
            found += self._computed(level, index * TILE_WIDTH + have, width - have)
        if len(found) == TILE_WIDTH * HASH_BYTES:
            self._cache.put(level, index, found)
        return found

    def _published_tile(self, level: int, index: int) -> bytes:
        """Return what the store has of a tile, which may be nothing."""
        covered = (self._published >> TILE_LEVELS * level) - index * TILE_WIDTH
        if covered <= 0:
            return b""
        name = TileName(level=level, index=index, width=min(covered, TILE_WIDTH))
        if name not in self._partial:
            # another node may have published more, and put the full tile in the partial one's place
            full = TileName(level=level, index=index)
            self._partial[name] = self._object(name) or self._object(full)
        return self._partial[name]

    def _object(self, name: TileName) -> bytes:
        found = self._objects.read(name.key, max_bytes=name.size_bytes)
        if found is not None and len(found) != name.size_bytes:
            raise _damaged(f"{name.key} has {len(found)} bytes instead of {name.size_bytes}")
        return found or b""

    def _computed(self, level: int, first: int, count: int) -> bytes:
        if level == 0:
            found = read_commitments(self._connection, first, count)
            if len(found) != count:
                raise _damaged(f"a row is missing from leaf {first} on")
            return b"".join(map(leaf_hash, found))
        below = (self.tile(level - 1, first + n, TILE_WIDTH) for n in range(count))
        return b"".join(root_of(_hashes(content, TILE_WIDTH)) for content in below)


def _hashes(content: bytes, count: int) -> list[bytes]:
    return [content[at : at + HASH_BYTES] for at in range(0, count * HASH_BYTES, HASH_BYTES)]


def _damaged(fact: str) -> DamagedError:
    return DamagedError(
        f"the log: {fact}",
        hint="Stop the hub and look at docs/hub/log.md; a copy of its folder brings it back.",
    )
