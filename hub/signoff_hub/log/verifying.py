"""Prove the log whole: every leaf, opening, tile and head, from rows and objects, or a mirror.

The tree is made again from the commitments, one after the other; everything else has to agree
with it. Memory does not grow with the log. The first wrong place is named as exactly as what is
left allows: by its leaf where an opening, a bundle or a tile tells it, else between two heads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_hub.log.head_checks import FoundHead, heads_in_objects, heads_in_rows, roots_of
from signoff_hub.log.layout import HEADS, TILE_WIDTH, TileName, unbundle
from signoff_hub.log.leaves import read_published
from signoff_hub.log.report import LogReport
from signoff_hub.log.row_checks import commitments_in_rows, compare_state
from signoff_hub.log.tile_checks import TileChecks
from signoff_schemas.errors import RefusedError
from signoff_schemas.merkle import EMPTY_ROOT, CompactRange, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signoff_hub.database.database import Database
    from signoff_hub.objects.interface import Objects


def verify_log(
    database: Database,
    objects: Objects,
    *,
    public_key: bytes,
    address: str,
    known_heads: Iterable[tuple[bytes, bytes]] = (),
) -> LogReport:
    """Prove rows and objects of a hub; nodes may go on meanwhile.

    Args:
        database: of the hub; one transaction reads it all.
        objects: of the hub.
        public_key: wire form of the key that signs heads.
        address: the hub's audience.
        known_heads: heads and signatures that others kept: only these find a log that was made
            anew by whoever holds the hub's key.
    """
    report = LogReport()
    with database.read() as connection:
        held = heads_in_objects(objects, report)
        heads = [*heads_in_rows(connection, held, report), *held, *_known(known_heads)]
        roots = roots_of(heads, public_key=public_key, address=address, report=report)
        tiles = TileChecks(objects, report, published=read_published(connection))
        tree = _walk(commitments_in_rows(connection, report), roots, tiles, report)
        compare_state(connection, tree, report)
        tiles.finish()
    return report


def verify_mirror(
    objects: Objects,
    *,
    public_key: bytes,
    address: str,
    known_heads: Iterable[tuple[bytes, bytes]] = (),
) -> LogReport:
    """Prove a copy of the folder `log/` alone, up to its newest head."""
    report = LogReport()
    held = heads_in_objects(objects, report)
    if not held:
        report.tell(f"there is no head under {HEADS}")
    own = roots_of(held, public_key=public_key, address=address, report=report)
    known = roots_of(_known(known_heads), public_key=public_key, address=address, report=report)
    for size, root in known.items():
        if own.get(size, root) != root:
            report.tell(f"there are two heads of {size} leaves with different roots")
    size = max(own, default=0)
    tiles = TileChecks(objects, report, published=size, is_mirror=True)
    _walk(commitments_in_bundles(objects, size, report), {**known, **own}, tiles, report)
    tiles.finish()
    return report


def _walk(
    commitments: Iterable[bytes], roots: dict[int, str], tiles: TileChecks, report: LogReport
) -> CompactRange:
    """Make the tree again; compare the root of each head and each tile as it is passed."""
    tree = CompactRange()
    good, is_told = 0, False
    if roots.get(0, EMPTY_ROOT.hex()) != EMPTY_ROOT.hex():
        report.tell("the head of the empty log has another root")
    for committed in commitments:
        leaf = leaf_hash(committed)
        tree.add(leaf)
        tiles.add(committed, leaf)
        expected = roots.get(tree.size)
        if expected is None or is_told:
            continue
        if tree.root().hex() == expected:
            good = tree.size
            continue
        is_told = True
        report.tell(
            f"the head of {tree.size} leaves has another root: something was changed among"
            f" leaves {good} to {tree.size - 1}"
        )
    report.leaves = tree.size
    for size in sorted(one for one in roots if one > tree.size):
        report.tell(f"there is a head of {size} leaves, and of the log {tree.size}", tree.size)
    return tree


def commitments_in_bundles(objects: Objects, size: int, report: LogReport) -> Iterator[bytes]:
    """Yield the commitments of the first leaves as they are published; tell what is missing."""
    for first in range(0, size, TILE_WIDTH):
        width = min(TILE_WIDTH, size - first)
        full = TileName(level=None, index=first // TILE_WIDTH)
        partial = TileName(level=None, index=full.index, width=width)
        found = _bundle(objects, partial) or _bundle(objects, full)
        if len(found) < width:
            report.tell(f"{partial.key} is missing or no bundle", first)
            return
        yield from found[:width]


def _bundle(objects: Objects, name: TileName) -> list[bytes]:
    try:
        return unbundle(objects.read(name.key, max_bytes=name.size_bytes) or b"")
    except (RefusedError, ValueError):
        return []


def _known(heads: Iterable[tuple[bytes, bytes]]) -> list[FoundHead]:
    return [
        FoundHead(where="a head that others kept", size=None, content=content, signature=signature)
        for content, signature in heads
    ]
