"""The hub's log: appends beside pymerkle in one run, and proofs among 100 million leaves.

    .venv/bin/python benchmarks/hub_log.py

Of the large tree every tile of level 1 and above is a file, and of level 0 only those that the
proofs read (all of them would be 3.2 GB): its leaves repeat after 65,536, which changes neither
the length of a path nor what is read for it. Every proof is checked. Median and p99, CPU time
for appends, wall time for proofs, since those wait for files.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pymerkle
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert

from signoff_collector.system.clock import SystemClock
from signoff_hub.database.database import Database
from signoff_hub.database.tables import LOG_OPENING, LOG_STATE, METADATA
from signoff_hub.log.layout import TileName
from signoff_hub.log.log import Log
from signoff_hub.objects.folder import FolderObjects
from signoff_hub.place.hub_key import HubKey
from signoff_schemas.hub_log import (
    EntryKind,
    LogEntry,
    commitment,
    decode_path,
    encode,
    parse_head,
    parse_inclusion_proof,
)
from signoff_schemas.merkle import CompactRange, leaf_hash, proves_inclusion, root_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LEAVES: Final = 100_000_123
PERIOD: Final = 1 << 16  # leaves after which they repeat: one tile of level 1
PROOFS: Final = 400
ROUNDS: Final = 5
TREE: Final = 20_000
ROWS, AT_ONCE = 2_000, 100
LIMIT_MS, LIMIT_BYTES = 10.0, 2_048
ADDRESS: Final = "https://hub.example"


def main() -> int:
    """Print all figures; 0 when the targets are met."""
    print(f"pymerkle {version('pymerkle')}, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="signoff-log-") as folder:
        appends(Path(folder))
        return proofs(Path(folder))


def appends(folder: Path) -> None:
    """Compare trees in memory, and rows on a disk."""
    contents = [b"%032d" % n for n in range(TREE)]

    def ours() -> None:
        tree = CompactRange()
        for content in contents:
            tree.add(leaf_hash(content))
        tree.root()

    def theirs() -> None:
        tree = pymerkle.InmemoryTree(algorithm="sha256")
        for content in contents:
            tree.append_entry(content)
        tree.get_root()

    compare("tree in memory", TREE, ours, theirs)
    counter = iter(range(1_000))

    def our_rows() -> None:
        database = Database(f"sqlite:///{folder / f'own{next(counter)}.sqlite'}")
        log = opened(folder, database)
        for first in range(0, ROWS, AT_ONCE):
            with database.write() as connection:
                log.append(connection, [entry(first + n) for n in range(AT_ONCE)])
        database.close()

    def their_rows() -> None:
        with pymerkle.SqliteTree(str(folder / f"peer{next(counter)}.sqlite")) as tree:
            for first in range(0, ROWS, AT_ONCE):
                tree.append_entries([encode(entry(first + n)) for n in range(AT_ONCE)])

    compare(f"rows in SQLite, {AT_ONCE} at once, synced", ROWS, our_rows, their_rows)


def compare(name: str, count: int, ours: Callable[[], None], theirs: Callable[[], None]) -> None:
    """Run both by turns and print medians."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for run, times in zip((ours, theirs), took, strict=True):
            started = time.process_time()
            run()
            times.append(time.process_time() - started)
    own, peer = (statistics.median(times) for times in took)
    print(
        f"{name}: {count / own:,.0f} appends/s, pymerkle {count / peer:,.0f},"
        f" it takes {peer / own:.2f} times as long"
    )


def proofs(folder: Path) -> int:
    """Make a tree of 100 million leaves and prove some of them, from files."""
    root = folder / "objects"
    opened_leaves = [opening(n) for n in range(PERIOD)]
    leaves = [leaf_hash(commitment(salt, text)) for salt, text in opened_leaves]
    draw = random.Random(22)  # noqa: S311
    wanted = [0, LEAVES - 1, *(draw.randrange(LEAVES) for _ in range(PROOFS - 2))]
    size, peaks = write_tiles(root, leaves, {n // 256 for n in wanted})
    database = Database(f"sqlite:///{folder / 'large.sqlite'}")
    log = opened(folder, database)
    with database.write() as connection:
        state = {"id": 1, "size": size, "peaks": b"".join(peaks), "published": size}
        connection.execute(insert(LOG_STATE).values(state))
        rows = [(n, *opened_leaves[n % PERIOD]) for n in sorted(set(wanted))]
        connection.execute(
            insert(LOG_OPENING), [{"n": n, "salt": salt, "entry": text} for n, salt, text in rows]
        )
    log.sign_head()
    lines, is_good = [], True
    for name, fresh in (("tiles not at hand", True), ("tiles at hand", False)):
        times, sizes, paths = [], [], []
        for n in wanted:
            log = opened(folder, database) if fresh else log
            started = time.perf_counter()
            text = log.proof_of(n)
            times.append((time.perf_counter() - started) * 1000)
            sizes.append(len(text))
            proof = parse_inclusion_proof(text.encode())
            path, head = decode_path(proof.path), parse_head(proof.head.encode())
            paths.append(32 * len(path))
            if not proves_inclusion(proof.leaf_hash(), n, size, path, bytes.fromhex(head.root)):
                print(f"the proof of leaf {n} does not hold")
                return 1
        lines.append(
            f"proof among {size:,} leaves, {name}: {told(times)} ms; path at most"
            f" {max(paths)} bytes, the whole file (opening, head, signature) {max(sizes):,}"
        )
        is_good = is_good and p99(times) <= LIMIT_MS and max(sizes) <= LIMIT_BYTES
    print("\n".join(lines))
    print(f"target: p99 {LIMIT_MS:g} ms, {LIMIT_BYTES:,} bytes: {'met' if is_good else 'MISSED'}")
    database.close()
    return 0 if is_good else 1


def write_tiles(root: Path, leaves: list[bytes], wanted: set[int]) -> tuple[int, Sequence[bytes]]:
    """Write the tiles of the large tree as a publisher would; returns its size and peaks."""
    small = [leaves[at : at + 256] for at in range(0, PERIOD, 256)]
    roots = [root_of(tile) for tile in small]
    last = LEAVES // 256
    for index in {*wanted, last}:
        width = min(256, LEAVES - index * 256)
        put(root, TileName(level=0, index=index, width=width), small[index % 256][:width])
    nodes, level = [roots[n % 256] for n in range(last)], 1
    above = root_of(roots)
    while nodes:
        for at in range(0, len(nodes), 256):
            part = nodes[at : at + 256]
            put(root, TileName(level=level, index=at // 256, width=len(part)), part)
        full = len(nodes) // 256
        # level 1 repeats itself, so its tiles have one root; above that they are computed
        nodes = [
            above if level == 1 else root_of(nodes[at * 256 : at * 256 + 256]) for at in range(full)
        ]
        level += 1
    return LEAVES, peaks_of(leaves)


def peaks_of(leaves: list[bytes]) -> list[bytes]:
    """Return the roots of the complete subtrees of the large tree, largest first."""
    levels, held = 0, leaves
    by_level: list[bytes] = []
    while len(held) > 1:  # roots of the leftmost subtree of each level up to the period
        by_level.append(held[0])
        held = [root_of(held[at : at + 2]) for at in range(0, len(held), 2)]
        levels += 1
    by_level.append(held[0])
    while len(by_level) <= LEAVES.bit_length():
        by_level.append(root_of([by_level[-1], by_level[-1]]))
    peaks, at = [], 0
    for level in reversed(range(LEAVES.bit_length())):
        if not LEAVES >> level & 1:
            continue
        inside = at % PERIOD  # subtrees below the period are those at this place in it
        whole = (
            by_level[level] if level >= levels else root_of(leaves[inside : inside + (1 << level)])
        )
        peaks.append(whole)
        at += 1 << level
    return peaks


def put(root: Path, name: TileName, hashes: list[bytes]) -> None:
    """Write one tile."""
    path = root / name.key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(hashes))


def opened(folder: Path, database: Database) -> Log:
    """Return a log whose tiles are not at hand."""
    METADATA.create_all(database.engine)
    key = HubKey(Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))
    return Log(database, FolderObjects(folder / "objects"), key, SystemClock(), ADDRESS)


def opening(n: int) -> tuple[bytes, bytes]:
    """Return salt and entry of a leaf."""
    return sha256(b"salt %d" % n).digest(), encode(entry(n))


def entry(n: int) -> LogEntry:
    """Return one entry of many."""
    return LogEntry(kind=EntryKind.ADMITTED, subject=f"{n:064x}", on="2026-11-25T09:08:07Z")


def p99(times: Sequence[float]) -> float:
    """Return the time that one of a hundred takes longer than."""
    return sorted(times)[int(len(times) * 0.99)]


def told(times: Sequence[float]) -> str:
    """Return best, median and p99."""
    return f"best {min(times):.2f}, median {statistics.median(times):.2f}, p99 {p99(times):.2f}"


if __name__ == "__main__":
    sys.exit(main())
