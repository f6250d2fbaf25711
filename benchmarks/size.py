"""Bytes of an episode for published editing traces, beside peers in the same run.

    SIGNOFF_TRACES=../shared/traces .venv/bin/python benchmarks/size.py

Peers are measured when they can be imported:

    .venv/bin/pip install --target .bench -r requirements/bench.txt
    PYTHONPATH=.bench .venv/bin/python benchmarks/size.py

Sizes are exact and the same on every machine with these versions.
"""

from __future__ import annotations

import gzip
import importlib
import json
import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from signoff_collector.episode.reader import EpisodeFile, read_episode
from signoff_collector.episode.writer import write_episode
from signoff_collector.imports.editing_trace import make_episode, parse_times, parse_trace

if TYPE_CHECKING:
    from signoff_collector.imports.editing_trace import Trace

TRACES: Final = Path(os.environ.get("SIGNOFF_TRACES", "../shared/traces"))
PROTOTYPE: Final = {
    ("automerge-paper", "none"): 62_904,
    ("automerge-paper", "1 s"): 102_586,
    ("json-crdt-blog-post", "1 ms"): 42_225,
    ("rustcode", "1 s"): 82_503,
    ("sveltecomponent", "1 s"): 31_037,
}
"""Columns alone, as measured before the format was designed; ours are whole files."""
TARGETS: Final = {
    ("automerge-paper", "none"): 62_500.0,
    ("automerge-paper", "1 s"): 102_500.0,
    ("json-crdt-blog-post", "1 ms"): 1.95 * 21_447,
}


def measure(name: str, times: str) -> tuple[int, int, dict[str, int]]:
    """Return edits, bytes of the whole file, and bytes per column."""
    trace = parse_trace((TRACES / f"{name}.json.gz").read_bytes())
    wall_ns = trace.wall_ns
    if name == "automerge-paper":
        wall_ns = parse_times((TRACES / f"{name}.times_1s.txt.gz").read_bytes())
    episode = make_episode(trace, name=f"{name}.txt", wall_ns=() if times == "none" else wall_ns)
    data = write_episode(episode)
    if read_episode(data) != episode:
        raise SystemExit(f"{name} does not come back the same")
    parts = {e.kind+e.name: e.length for e in EpisodeFile(data).frames}
    return len(episode.edits), len(data), parts


def peers(trace: Trace) -> dict[str, int]:
    """Return the bytes of full histories that other libraries write, without times."""
    found: dict[str, int] = {}
    for name, encode in (("loro", _loro), ("pycrdt", _pycrdt)):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        found[f"{name} {version(name)}"] = encode(module, trace)
    return found


def _loro(loro: Any, trace: Trace) -> int:  # noqa: ANN401  # it ships no types
    document = loro.LoroDoc()
    text = document.get_text("t")
    for start, deleted, put in trace.patches:
        if deleted:
            text.delete(start, deleted)
        if put:
            text.insert(start, put)
    document.commit()
    return len(document.export(loro.ExportMode.Updates(loro.VersionVector())))


def _pycrdt(pycrdt: Any, trace: Trace) -> int:  # noqa: ANN401  # imported by name
    """One transaction per edit; the history of deletions stays, their text does not."""
    document = pycrdt.Doc()
    text = pycrdt.Text()
    document["t"] = text
    for start, deleted, put in trace.patches:
        with document.transaction():
            if deleted:
                del text[start : start + deleted]
            if put:
                text.insert(start, put)
    return len(document.get_update())


def main() -> int:
    """Print one line per figure, and return 1 when a target is missed."""
    if not TRACES.is_dir():
        print(f"size: no traces in {TRACES}; set SIGNOFF_TRACES", file=sys.stderr)
        return 0
    used = " ".join(f"{name} {version(name)}" for name in ("zstandard", "msgpack", "numpy"))
    print(f"size: Python {platform.python_version()}, {used}, {platform.machine()}")
    missed = 0
    for (name, times), prototype in PROTOTYPE.items():
        edits, size, parts = measure(name, times)
        target = TARGETS.get((name, times))
        missed += target is not None and size > target
        verdict = (
            ""
            if target is None
            else f"  target {target:,.0f} {'met' if size <= target else 'MISSED'}"
        )
        print(
            f"{name:<20} times {times:<5} {size:>8,} B  {size / edits:.4f} B/edit"
            f"  prototype {prototype:,} ({size / prototype - 1:+.1%}){verdict}"
        )
        print("    " + "  ".join(f"{part} {length}" for part, length in parts.items()))
    if "--no-peers" not in sys.argv:
        _print_peers()
    return 1 if missed else 0


def _print_peers() -> None:
    name = "automerge-paper"
    trace = parse_trace((TRACES / f"{name}.json.gz").read_bytes())
    began = time.process_time()
    for peer, size in peers(trace).items():
        print(f"{name:<20} no times   {size:>8,} B  {size / len(trace.patches):.4f} B/edit  {peer}")
    if time.process_time() - began < 1:
        print("no peer is installed; see the top of this file")
    final = gzip.compress(json.dumps(trace.end_content).encode(), 9)
    print(f"{name:<20} final text alone, gzip -9: {len(final):,} B")


if __name__ == "__main__":
    sys.exit(main())
