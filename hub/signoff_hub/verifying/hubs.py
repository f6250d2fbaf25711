"""Proving a whole hub: log, rows, objects, data sets, each against the others. Memory stays flat.

Nodes may go on meanwhile. What does not agree is looked at again at the end, since an upload, an
admission or an erasure may have been half done when it was looked at first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select, union

from signoff_hub.database.tables import BLOB, EPISODE, SIGN_OFF, TOMBSTONE
from signoff_hub.log.verifying import verify_log
from signoff_hub.verifying.datasets import check_datasets
from signoff_hub.verifying.episodes import check_episode
from signoff_hub.verifying.findings import Counts, Finding, damaged
from signoff_hub.verifying.held import PREFIXES, Digests, strays
from signoff_hub.verifying.said import Said
from signoff_hub.verifying.tables import check_tables, orphans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from signoff_hub.log.report import LogReport
    from signoff_hub.node.node import Node

    Tell = Callable[[int, int], None]

_NAMED_BY: Final = (BLOB.c.sha256, EPISODE.c.sha256, SIGN_OFF.c.episode, TOMBSTONE.c.episode)
_LOOKED_AGAIN: Final = 10_000
"""Episodes that are held to be looked at again; beyond them the first look counts."""
_LOG: Final = "docs/hub/verifying.md, The log: keep what is there, and restore it from a backup."


def verify_hub(
    node: Node,
    counts: Counts,
    *,
    known_heads: Iterable[tuple[bytes, bytes]] = (),
    tell: Tell = lambda _, __: None,
) -> Iterator[Finding]:
    """Yield everything that is wrong with a hub; nothing is written.

    Args:
        node: which hub.
        counts: told what was looked at.
        known_heads: heads of the log with their signatures, that others kept.
        tell: called with how many of how many parts are done.

    Raises:
        NetworkError: database or store are away.
    """
    for one in _all(node, counts, known_heads, tell):
        counts.add(one)
        yield one


def log_findings(report: LogReport, counts: Counts) -> Iterator[Finding]:
    """Yield what a verification of the log found."""
    counts.leaves, counts.heads = report.leaves, report.heads
    counts.objects += report.tiles
    for fault in report.faults:
        yield damaged("log" if fault.leaf is None else f"leaf {fault.leaf}", fault.what, _LOG)


def _all(
    node: Node, counts: Counts, known_heads: Iterable[tuple[bytes, bytes]], tell: Tell
) -> Iterator[Finding]:
    report = verify_log(
        node.database,
        node.objects,
        public_key=node.key.public_key,
        address=node.address,
        known_heads=known_heads,
    )
    yield from log_findings(report, counts)
    with Said(node.database) as said:
        yield from said.read()
        again: list[str] = []
        digests = Digests(node.objects)
        for number, prefix in enumerate(PREFIXES):
            tell(number, len(PREFIXES))
            for sha256 in sorted(digests.with_prefix(prefix) | _in_rows(node, prefix)):
                found = check_episode(node, sha256, said, counts)
                if found and len(again) < _LOOKED_AGAIN:
                    again.append(sha256)
                else:
                    yield from found
        ignored = Counts()
        for sha256 in again:
            yield from check_episode(node, sha256, said, ignored)
    yield from strays(node.objects)
    yield from check_tables(node)
    yield from orphans(node)
    yield from check_datasets(node, counts)


def _in_rows(node: Node, prefix: str) -> set[str]:
    after, before = prefix, f"{prefix}g"  # after every hexadecimal digit
    each = (select(one).where(one >= after, one < before) for one in _NAMED_BY)
    with node.database.read() as connection:
        return set(connection.execute(union(*each)).scalars())
