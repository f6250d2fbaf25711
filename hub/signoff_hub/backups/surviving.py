"""Heads that outlived the hub: what others kept has to be of the log that comes back."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import select

from signoff_collector.consent.signatures.ssh_keygen import parse_public_key
from signoff_hub.database.tables import LOG_HEAD
from signoff_hub.log.head_checks import FoundHead, roots_of
from signoff_hub.log.layout import head_key
from signoff_hub.log.report import LogReport
from signoff_hub.log.verifying import commitments_in_bundles
from signoff_schemas.errors import DamagedError, RefusedError
from signoff_schemas.merkle import EMPTY_ROOT, CompactRange, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_hub.backups.checking import Backup
    from signoff_hub.backups.filling import Published
    from signoff_hub.node.node import Node


def refuse_heads(
    backup: Backup,
    later: Published | None,
    heads: Sequence[tuple[bytes, bytes]],
    *,
    at_least: int,
    hint: str,
) -> None:
    """Refuse a log that is not the one, or not all of the one, that somebody has a head of.

    Args:
        backup: proven.
        later: a published log that begins as the backup's does.
        heads: with their signatures.
        at_least: how many leaves the hub's own feed tells of.
        hint: what to do.

    Raises:
        RefusedError: the hub would tell two stories about one size.
        DamagedError: a head is none of this hub's.
    """
    manifest, report = backup.manifest, LogReport()
    size = max(manifest.log_size, 0 if later is None else later.size)
    found = [
        FoundHead(where="the head", size=None, content=content, signature=signature)
        for content, signature in [
            *heads,
            (manifest.head.encode("ascii"), manifest.head_signature.encode("ascii")),
        ]
    ]
    key = parse_public_key(manifest.receipt_key)
    roots = roots_of(found, public_key=key, address=manifest.receiver, report=report)
    if report.faults:
        raise DamagedError(report.faults[0].what, hint="Name heads of this hub alone: --head FILE.")
    largest = max(*roots, at_least)
    if largest > size:
        raise RefusedError(
            f"the hub told of {largest} leaves of its log, and {size} come back; nothing was"
            " written",
            hint=hint,
        )
    tree = CompactRange()
    if roots.get(0, EMPTY_ROOT.hex()) != EMPTY_ROOT.hex():
        raise _two_stories(0, hint)
    for committed in _commitments(backup, later):
        tree.add(leaf_hash(committed))
        if tree.size in roots and tree.root().hex() != roots[tree.size]:
            raise _two_stories(tree.size, hint)


def put_old_heads(node: Node) -> None:
    """Publish again the heads that were published before; their tiles are there."""
    with node.database.read() as connection:
        rows = connection.execute(select(LOG_HEAD).where(LOG_HEAD.c.published)).all()
    for row in rows:
        node.objects.create(f"{head_key(row.size)}.sig", bytes(row.signature))
        node.objects.create(head_key(row.size), bytes(row.content))


def _commitments(backup: Backup, later: Published | None) -> Iterator[bytes]:
    """Yield the leaves that come back: those of the backup, then what was published later."""
    yield from backup.commitments()
    if later is not None:
        published = commitments_in_bundles(later.objects, later.size, LogReport())
        yield from islice(published, backup.manifest.log_size, None)


def _two_stories(size: int, hint: str) -> RefusedError:
    return RefusedError(
        f"a head of {size} leaves is of another log than the one that comes back; nothing was"
        " written",
        hint=hint,
    )
