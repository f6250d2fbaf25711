"""From the bytes of a file to its text, at the end and at any moment: CPU time.

    SIGNOFF_TRACES=../shared/traces .venv/bin/python benchmarks/open_episode.py

Every state asked for is compared with the truth. Loro is measured beside us when it can be
imported (see benchmarks/size.py). CPU time of one process, best, median and p99 of rounds.
"""

from __future__ import annotations

import importlib
import os
import platform
import random
import statistics
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.moments import Moments
from signoff_collector.episode.reader import read_episode
from signoff_collector.episode.writer import write_episode
from signoff_collector.imports.editing_trace import make_episode, parse_trace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from signoff_collector.imports.editing_trace import Trace

TRACES: Final = Path(os.environ.get("SIGNOFF_TRACES", "../shared/traces"))
ROUNDS: Final = 30
STATES: Final = 300
FINAL_LIMIT_MS: Final = 10.0
MOMENT_LIMIT_MS: Final = 1.0


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the CPU time of one call in milliseconds."""
    began = time.process_time_ns()
    work()
    return (time.process_time_ns() - began) / 1e6


def main() -> int:
    """Print one line per figure, and return 1 when a target is missed."""
    if not TRACES.is_dir():
        print(f"open_episode: no traces in {TRACES}; set SIGNOFF_TRACES", file=sys.stderr)
        return 0
    print(f"open_episode: Python {platform.python_version()}, numpy {version('numpy')}")
    missed = 0
    for name in ("automerge-paper", "rustcode", "json-crdt-blog-post"):
        trace = parse_trace((TRACES / f"{name}.json.gz").read_bytes())
        missed += _measure(name, trace)
    _measure_loro(trace=parse_trace((TRACES / "automerge-paper.json.gz").read_bytes()))
    return 1 if missed else 0


def _measure(name: str, trace: Trace) -> int:
    path = f"{name}.txt"
    data = write_episode(make_episode(trace, name=path, wall_ns=()))

    def final_text() -> str | None:
        return Moments(read_episode(data)).buffer(path, 0, len(trace.patches))

    if final_text() != trace.end_content:
        raise SystemExit(f"{name}: the final text differs")
    opened = [cpu_ms(final_text) for _ in range(ROUNDS)]
    _say(name, "file -> final text", opened, FINAL_LIMIT_MS)
    moments = Moments(read_episode(data))
    index = cpu_ms(lambda: moments.buffer(path, 0, 1))
    print(f"{name:<20} index, once         {index:8.2f} ms")
    asked = _ask(moments, path, trace)
    _say(name, "any moment", asked, MOMENT_LIMIT_MS)
    is_paper = name == "automerge-paper"
    return int(is_paper and min(opened) > FINAL_LIMIT_MS) + int(max(asked) > MOMENT_LIMIT_MS)


def _ask(moments: Moments, path: str, trace: Trace) -> list[float]:
    """Return the CPU times of random moments, each checked against plain replaying."""
    chosen = set(random.Random(1).sample(range(1, len(trace.patches)), STATES))  # noqa: S311
    text, took = trace.start_content, list[float]()
    for number, (start, deleted, put) in enumerate(trace.patches, start=1):
        text = text[:start] + put + text[start + deleted :]
        if number in chosen:
            began = time.process_time_ns()
            found = moments.buffer(path, 0, number)
            took.append((time.process_time_ns() - began) / 1e6)
            if found != text:
                raise SystemExit(f"the text after edit {number} differs")
    return took


def _measure_loro(trace: Trace) -> None:
    try:
        loro = importlib.import_module("loro")
    except ImportError:
        print("loro is not installed; see the top of benchmarks/size.py")
        return
    document = loro.LoroDoc()
    text = document.get_text("t")
    for start, deleted, put in trace.patches:
        if deleted:
            text.delete(start, deleted)
        if put:
            text.insert(start, put)
    document.commit()
    data = document.export(loro.ExportMode.Updates(loro.VersionVector()))

    def final_text() -> str:
        other = loro.LoroDoc()
        other.import_(data)
        return str(other.get_text("t").to_string())

    _say("automerge-paper", f"loro {version('loro')}: final", [cpu_ms(final_text)] * 2, None)


def _say(name: str, what: str, took: Sequence[float], limit_ms: float | None) -> None:
    ordered = sorted(took)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    aim = "" if limit_ms is None else f"  target < {limit_ms:g} ms"
    print(
        f"{name:<20} {what:<20}{ordered[0]:8.2f} ms best"
        f" {statistics.median(ordered):8.2f} median {p99:8.2f} p99{aim}"
    )


if __name__ == "__main__":
    sys.exit(main())
