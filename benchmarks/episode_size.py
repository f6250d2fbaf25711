"""Bytes of whole episode files: every trace there is, 300 edits, a day; peers in the same run.

    SIGNOFF_TRACES=../shared/traces .venv/bin/python benchmarks/episode_size.py

Sizes are exact and the same on every machine with these versions. How peers are installed is
said in peers/libraries.py; `--no-peers` leaves them out.
"""

from __future__ import annotations

import platform
import statistics
import sys
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

import zstandard
from made_days.day import make_day
from peers import one_run
from peers.libraries import measured
from peers.traces import FOLDER, trace_files

from signoff_collector.episode import zstd
from signoff_collector.episode.columns import columns
from signoff_collector.episode.file.reader import EpisodeFile, read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.imports.editing_trace import make_episode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.episode.content import Episode
    from signoff_collector.imports.editing_trace import Trace

TARGETS: Final = {
    ("automerge-paper", "none"): 62_500.0,
    ("automerge-paper", "own"): 102_500.0,
    ("rustcode", "none"): 72_500.0,
    ("sveltecomponent", "none"): 26_200.0,
    ("json-crdt-blog-post", "none"): 16_700.0,
    ("json-crdt-blog-post", "own"): 1.95 * 21_447,
}
SMALL_EDITS: Final = 300
SMALL_EPISODES: Final = 20
OVERHEAD_LIMIT: Final = 400
DAY_LIMIT: Final = 1_200_000


def main() -> int:
    """Print one line per figure, and return 1 when a target is missed."""
    used = " ".join(f"{name} {version(name)}" for name in ("msgpack", "numpy"))
    used = f"zstd {zstd.VERSION}, {used}"
    print(f"episode_size: Python {platform.python_version()}, {used}, {platform.machine()}")
    files = trace_files()
    if not files:
        print(f"episode_size: no traces in {FOLDER}; set SIGNOFF_TRACES", file=sys.stderr)
    missed = 0
    for file in files:
        trace = file.read()
        ours, is_missed = _measure(file.name, trace, "none", ())
        one_run.tell(file.name, bytes_=ours)
        missed += is_missed
        wall_ns = file.times(trace)
        if wall_ns:
            missed += _measure(file.name, trace, "own", wall_ns)[1]
        _measure_small(file.name, trace)
        for peer in [] if "--no-peers" in sys.argv else measured(file, trace):
            each = peer.bytes_ / len(trace.patches)
            print(
                f"    {peer.library:<34}{peer.bytes_:>9,} B  {each:.4f} B/edit"
                f"  {peer.bytes_ / ours:.2f} times ours"
            )
    return 1 if missed + _measure_day() else 0


def _measure(name: str, trace: Trace, times: str, wall_ns: Sequence[int]) -> tuple[int, int]:
    """Print a line; return the bytes, and 1 when a target is missed."""
    episode = make_episode(trace, name=f"{name}.txt", wall_ns=wall_ns)
    data = write_episode(episode)
    if read_episode(data) != episode:
        raise SystemExit(f"{name} does not come back the same")
    target = TARGETS.get((name, times))
    is_missed = target is not None and len(data) > target
    verdict = "" if target is None else f"  target {target:,.0f} {'MISSED' if is_missed else 'met'}"
    each = len(data) / max(len(episode.edits), 1)
    print(f"{name:<20} times {times:<5}{len(data):>9,} B  {each:.4f} B/edit{verdict}")
    parts = {frame.kind + frame.name: frame.length for frame in EpisodeFile(data).frames}
    print("    " + "  ".join(f"{part} {length}" for part, length in parts.items()))
    return len(data), int(is_missed)


def _measure_small(name: str, trace: Trace) -> None:
    """Print what 300 edits from places all over the trace take beside their columns."""
    every = max((len(trace.patches) - SMALL_EDITS) // SMALL_EPISODES, 1)
    found: list[int] = []
    text, at = trace.start_content, 0
    for begin in range(0, max(len(trace.patches) - SMALL_EDITS, 1), every):
        text, at = _typed(text, trace, at, begin), begin
        part = slice(begin, begin + SMALL_EDITS)
        cut = replace(
            trace,
            start_content=text,
            end_content=_typed(text, trace, begin, begin + SMALL_EDITS),
            patches=trace.patches[part],
            transactions=[n - trace.transactions[begin] for n in trace.transactions[part]],
        )
        found.append(_overhead(make_episode(cut, name="x.txt", wall_ns=())))
    print(
        f"    {SMALL_EDITS} edits over their columns: the first {found[0]} B, from anywhere median"
        f" {statistics.median(found):.0f}, {min(found)} to {max(found)}; target {OVERHEAD_LIMIT}"
    )


def _typed(text: str, trace: Trace, begin: int, end: int) -> str:
    for start, deleted, put in trace.patches[begin:end]:
        text = text[:start] + put + text[start + deleted :]
    return text


def _overhead(episode: Episode) -> int:
    """Return the bytes of a file beyond its columns, each compressed by itself, and its blobs."""
    best = zstandard.ZstdCompressor(level=19)
    coded = columns.encode(episode.edits)
    bare = sum(len(best.compress(stream)) for stream in (*coded.streams.values(), *episode.blobs))
    return len(write_episode(episode)) - bare


def _measure_day() -> int:
    episode = make_day(1)
    data = write_episode(episode)
    is_missed = len(data) > DAY_LIMIT
    print(
        f"a made day of {episode.step_count} steps: {len(data):,} B;"
        f" target {DAY_LIMIT:,} {'MISSED' if is_missed else 'met'}"
    )
    sizes: dict[str, int] = {}
    for entry in EpisodeFile(data).frames:
        sizes[entry.kind] = sizes.get(entry.kind, 0) + entry.length
    print("    " + "  ".join(f"{kind} {length}" for kind, length in sizes.items()))
    return int(is_missed)


if __name__ == "__main__":
    sys.exit(main())
