"""From the bytes of a file to its text, at the end and at any moment; a day to its first step.

    SIGNOFF_TRACES=../shared/traces .venv/bin/python benchmarks/seek.py

CPU time of one process, best, median and p99. 1,000 random moments of every trace are compared
with plain replaying. Peers in the same run: see peers/libraries.py; `--no-peers` leaves them out.
"""

from __future__ import annotations

import platform
import random
import statistics
import sys
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from made_days.day import make_day
from peers import one_run
from peers.libraries import cpu_ms, measured
from peers.traces import FOLDER, trace_files

from signoff_collector.episode.content import decode_text
from signoff_collector.episode.file.reader import EpisodeFile, read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.imports.editing_trace import make_episode
from signoff_schemas.steps import OpenStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.imports.editing_trace import Trace

ROUNDS: Final = 30
STATES: Final = 1_000
FINAL_LIMIT_MS: Final = 10.0
INDEX_LIMIT_MS: Final = 150.0
MOMENT_LIMIT_MS: Final = 1.0
DAY_LIMIT_MS: Final = 50.0


def main() -> int:
    """Print one line per figure, and return 1 when a target is missed."""
    print(f"seek: Python {platform.python_version()}, numpy {version('numpy')}")
    files = trace_files()
    if not files:
        print(f"seek: no traces in {FOLDER}; set SIGNOFF_TRACES", file=sys.stderr)
    missed = 0
    for file in files:
        trace = file.read()
        final_ms, moment_ms, is_missed = _measure(file.name, trace)
        one_run.tell(file.name, open_ms=final_ms, moment_ms=moment_ms)
        missed += is_missed
        for peer in [] if "--no-peers" in sys.argv else measured(file, trace):
            moment = (
                f"; any moment {peer.moment_ms:.2f} ms, {peer.moment_ms / moment_ms:.0f} times ours"
                if peer.moment_ms is not None
                else ""
            )
            print(
                f"    {peer.library:<34}opens in {peer.open_ms:8.2f} ms,"
                f" {peer.open_ms / final_ms:.1f} times ours{moment}"
            )
    return 1 if missed + _measure_day() else 0


def _measure(name: str, trace: Trace) -> tuple[float, float, int]:
    """Print what a trace takes; return two medians, and how many targets were missed."""
    path = f"{name}.txt"
    data = write_episode(make_episode(trace, name=path, wall_ns=()))

    def final_text() -> str | None:
        return Moments(read_episode(data)).buffer(path, 0, len(trace.patches))

    if trace.end_content is not None and final_text() != trace.end_content:
        raise SystemExit(f"{name}: the final text differs")
    opened = [cpu_ms(final_text) for _ in range(ROUNDS)]
    _say(name, "file -> final text", opened, FINAL_LIMIT_MS)
    indexed: list[float] = []
    for _ in range(5):
        moments = Moments(read_episode(data))
        indexed.append(cpu_ms(lambda moments=moments: moments.buffer(path, 0, 1)))
    _say(name, "index, once", indexed, INDEX_LIMIT_MS)
    asked = _ask(Moments(read_episode(data)), path, trace)
    _say(name, f"{len(asked)} moments, exact", asked, MOMENT_LIMIT_MS)
    is_paper = name == "automerge-paper"
    final_ms, moment_ms = statistics.median(opened), statistics.median(asked)
    missed = int(is_paper and final_ms > FINAL_LIMIT_MS) + int(moment_ms > MOMENT_LIMIT_MS)
    return final_ms, moment_ms, missed + int(min(indexed) > INDEX_LIMIT_MS)


def _ask(moments: Moments, path: str, trace: Trace) -> list[float]:
    """Return the CPU times of random moments, each checked against plain replaying."""
    count = len(trace.patches)
    chosen = set(random.Random(1).sample(range(count), min(STATES, count)))  # noqa: S311
    text, took = trace.start_content, list[float]()
    moments.buffer(path, 0, 1)
    for number, (start, deleted, put) in enumerate(trace.patches, start=1):
        text = text[:start] + put + text[start + deleted :]
        if number - 1 in chosen:
            began = time.process_time_ns()
            found = moments.buffer(path, 0, number)
            took.append((time.process_time_ns() - began) / 1e6)
            if found != text:
                raise SystemExit(f"the text after edit {number} differs")
    return took


def _measure_day() -> int:
    data = write_episode(make_day(1))

    def first_text() -> None:
        file = EpisodeFile(data)
        step = next(file.walk())
        if not isinstance(step, OpenStep) or step.blob is None or not file.header.steps:
            raise SystemExit("a made day does not begin with a file")
        decode_text(file.blobs[step.blob])

    opened = [cpu_ms(first_text) for _ in range(ROUNDS)]
    _say("a made day", "file -> first step", opened, DAY_LIMIT_MS)
    whole = [cpu_ms(lambda: Moments(read_episode(data))) for _ in range(3)]
    _say("a made day", "every step, every text", whole, None)
    return int(statistics.median(opened) > DAY_LIMIT_MS)


def _say(name: str, what: str, took: Sequence[float], limit_ms: float | None) -> None:
    ordered = sorted(took)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    aim = "" if limit_ms is None else f"  target < {limit_ms:g} ms"
    print(
        f"{name:<20} {what:<24}{ordered[0]:8.2f} ms best"
        f" {statistics.median(ordered):8.2f} median {p99:8.2f} p99{aim}"
    )


if __name__ == "__main__":
    sys.exit(main())
