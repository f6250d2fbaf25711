"""Publish the tree as objects: whoever copies the folder `log/` has all that an auditor needs.

Tiles first, from the bottom, then the head's signature, then the head: a head that is there has
all its tiles. Everything is created once and compared where it is there already, so a publisher
may die anywhere and another one begins again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_hub.log.layout import TILE_WIDTH, TileName, bundle, head_key, tiles_of
from signoff_hub.log.leaves import read_commitments
from signoff_schemas.errors import DamagedError
from signoff_schemas.merkle import HASH_BYTES, tree_root

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from signoff_hub.log.heads import SignedHead
    from signoff_hub.log.nodes import Nodes
    from signoff_hub.objects.interface import Objects


def publish_head(
    connection: Connection, objects: Objects, nodes: Nodes, signed: SignedHead, *, since: int
) -> None:
    """Publish a head with the tiles that the published size did not have.

    Raises:
        DamagedError: a row, or an object that is there already, is not of this tree.
    """
    head = signed.head
    if tree_root(head.size, nodes.read).hex() != head.root:
        raise _another(f"the tree of {head.size} leaves")
    names = tiles_of(head.size, since=since)
    for name in names:
        _create(objects, name.key, _content(connection, nodes, name))
    _create(objects, f"{head_key(head.size)}.sig", signed.signature)
    _create(objects, head_key(head.size), signed.content)
    for name in names:
        _prune(objects, name, since)


def _content(connection: Connection, nodes: Nodes, name: TileName) -> bytes:
    if name.level is not None:
        return nodes.tile(name.level, name.index, name.width)[: name.width * HASH_BYTES]
    found = read_commitments(connection, name.index * TILE_WIDTH, name.width)
    if len(found) != name.width:
        raise _another(f"a row from leaf {name.index * TILE_WIDTH} on")
    return bundle(found)


def _create(objects: Objects, key: str, content: bytes) -> None:
    if objects.create(key, content):
        return
    if objects.read(key, max_bytes=max(len(content), 1 << 14)) != content:
        raise _another(key)


def _prune(objects: Objects, name: TileName, since: int) -> None:
    """Remove the narrower forms of a tile that is full now, of which there may have been some."""
    shift = 8 * (name.level or 0)
    if name.width == TILE_WIDTH and since >> shift > name.index * TILE_WIDTH:
        for width in tuple(objects.names(name.partials)):
            objects.remove(f"{name.partials}/{width}")


def _another(what: str) -> DamagedError:
    return DamagedError(
        f"the log cannot be published: {what} is not what was signed",
        hint="Stop the hub and look at docs/hub/log.md; a copy of its folder brings it back.",
    )
