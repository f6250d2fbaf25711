"""Sealing 259,778 edits and a day, redaction off: CPU per part, peak memory; peers' saving.

    SIGNOFF_TRACES=../shared/traces .venv/bin/python benchmarks/seal.py

The trace automerge-paper, or else the longest there is, becomes the journal that a bridge would
have written, one `didChange` per edit, as typed with a companion's evidence and without. Each
sealing runs in a process of its own. Every trace is imported and sealed beside the libraries of
peers/libraries.py, which apply and save it; `--no-peers` leaves them out.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from made_days import journals
from made_days.day import make_day
from peers import one_run
from peers.libraries import cpu_ms, measured
from peers.traces import FOLDER, trace_files

from signoff_collector.episode.file.writer import write_episode
from signoff_collector.imports.editing_trace import make_episode
from signoff_collector.text.line_text import LineText

if TYPE_CHECKING:
    from peers.traces import TraceFile

    from signoff_collector.imports.editing_trace import Trace

TRACE: Final = "automerge-paper"
"""Sealed where it is there, else the longest; the targets are about it."""
ROUNDS: Final = 3
PATH: Final = "paper.tex"
LIMIT_CPU_S: Final = 2.0
LIMIT_MB: Final = 64
DAY_LIMIT_S: Final = 5.0
AS_STARTED: Final = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
"""As `signoff` starts itself."""


def journal_of(trace: Trace, *, with_evidence: bool) -> bytes:
    """Return the journal of one editor that made every edit of a trace, 50 ms apart."""
    whole = trace.start_content + "".join(put for _, _, put in trace.patches)
    encoding = "utf-16" if max(whole, default="") <= "\uffff" else "utf-32"
    frames = [journals.header("lsp", encoding=encoding)]
    frames.append(journals.opened(journals.START_NS, PATH, trace.start_content, "tex"))
    text = LineText(trace.start_content)
    t_ns = journals.START_NS
    for version, edit in enumerate(trace.patches, 1):
        t_ns += 50_000_000
        if with_evidence:
            frames.append(journals.evidence(t_ns, PATH, version))
        frames.append(journals.changed(t_ns, PATH, text, version, edit))
    if trace.end_content is not None and str(text) != trace.end_content:
        raise AssertionError("the trace does not end in its final text")
    return b"".join(frames)


SEALING: Final = """
import sys, time, json
from pathlib import Path
def cpu():
    return time.process_time()
begin = cpu()
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.seal.assemble import Assembly
from signoff_collector.seal.gathering.gathered import Gathered
from signoff_collector.capture.journal.writers import read_writers
imported = cpu()
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
idle = peak()
writers, _ = read_writers(Path(sys.argv[1]))
gathered = Gathered(session="20260922T000000Z-0badcafe", root="/home/ada/project", boot_id="b",
                    seed=bytes(32))
episode = Assembly(writers, gathered, lambda _: None).run()
assembled = cpu()
middle = peak()
data = write_episode(episode)
done = cpu()
print(json.dumps({"edits": len(episode.edits), "bytes": len(data), "import": imported - begin,
    "assemble": assembled - imported, "write": done - assembled, "idle_kb": idle,
    "assembled_kb": middle, "peak_kb": peak()}))
"""


READING: Final = """
import sys, time, json
from pathlib import Path
from signoff_collector.episode.file.reader import read_episode
import signoff_schemas.header, signoff_schemas.steps
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
idle, began = peak(), time.process_time()
read_episode(Path(sys.argv[1]))
print(json.dumps({"read": time.process_time() - began, "idle_kb": idle, "peak_kb": peak()}))
"""


def measure(folder: Path) -> dict[str, float]:
    """Seal the journals of a folder in a fresh process and return what it cost."""
    return _child(SEALING, folder)


def _child(program: str, path: Path) -> dict[str, float]:
    result = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True, check=True, timeout=600, env=AS_STARTED,
    )  # fmt: skip
    found: dict[str, float] = json.loads(result.stdout)
    return found


def _pace() -> float:
    """Return the CPU time of a plain loop: other work on the cores makes all figures grow."""
    begin = time.process_time()
    total = 0
    for number in range(10_000_000):
        total += number
    return time.process_time() - begin


def main() -> int:
    """Print one line per case; exit 1 when a target is missed."""
    files = trace_files()
    missed = False
    print(
        f"seal: {platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}; ten million additions take {_pace():.2f} s of CPU here"
    )
    if files:
        chosen = next((file for file in files if file.name == TRACE), files[0])
        missed = _measure_sealing(chosen.name, chosen.read())
    else:
        print(f"seal: no traces in {FOLDER}; set SIGNOFF_TRACES", file=sys.stderr)
    missed |= _measure_day()
    _measure_imports()
    return 1 if missed else 0


def _measure_sealing(name: str, trace: Trace) -> bool:
    """Print what sealing the journal of a trace takes; return whether a target is missed."""
    missed = False
    final = trace.end_content or ""
    for with_evidence in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            journal = Path(folder, "lsp-1-abcd.0.journal")
            journal.write_bytes(journal_of(trace, with_evidence=with_evidence))
            rounds = [measure(Path(folder)) for _ in range(ROUNDS)]
        totals = sorted(one["assemble"] + one["write"] for one in rounds)
        edits, peak = rounds[0]["edits"], max(one["peak_kb"] for one in rounds) / 1024
        allowed = LIMIT_MB + (30 * len(final.encode()) + 60 * edits) / 2**20
        case = "with evidence" if with_evidence else "without evidence"
        parts = {
            part: statistics.median(one[part] for one in rounds)
            for part in ("import", "assemble", "write")
        }
        print(
            f"seal {name} {case}: {edits:.0f} edits, {rounds[0]['bytes']:.0f} B; CPU median "
            f"{statistics.median(totals):.2f} s, worst {totals[-1]:.2f} s (assemble "
            f"{parts['assemble']:.2f}, write {parts['write']:.2f}; imports {parts['import']:.2f} "
            f"apart); target {LIMIT_CPU_S} s"
        )
        print(
            f"seal memory: peak {peak:.0f} MB ({rounds[0]['idle_kb'] / 1024:.0f} after imports, "
            f"{rounds[0]['assembled_kb'] / 1024:.0f} assembled); target {allowed:.0f} MB"
        )
        missed |= statistics.median(totals) > LIMIT_CPU_S or peak > allowed
    return missed


def _measure_day() -> bool:
    """Print what a made day takes from its journals to its bytes, and to be read and written."""
    day = make_day(1)
    with tempfile.TemporaryDirectory() as name:
        journals.write_journals(day, Path(name))
        rounds = [measure(Path(name)) for _ in range(ROUNDS)]
        episode = Path(name, "day.episode")
        episode.write_bytes(write_episode(day))
        read = [_child(READING, episode) for _ in range(ROUNDS)]
    allowed = LIMIT_MB + (30 * max(map(len, day.blobs)) + 60 * len(day.edits)) / 2**20
    cpu_s = statistics.median(one["assemble"] + one["write"] for one in rounds)
    peak = statistics.median(one["peak_kb"] for one in rounds) / 1024
    idle = statistics.median(one["idle_kb"] for one in rounds) / 1024
    print(
        f"seal a made day of {day.step_count} steps: {rounds[0]['bytes']:.0f} B; CPU median"
        f" {cpu_s:.2f} s, target {DAY_LIMIT_S:g} s; peak {peak:.0f} MB, of which imports"
        f" {idle:.0f}; target {allowed:.0f} MB"
    )
    print(
        f"read it: CPU median {statistics.median(one['read'] for one in read):.2f} s; peak"
        f" {statistics.median(one['peak_kb'] for one in read) / 1024:.0f} MB, of which imports"
        f" {statistics.median(one['idle_kb'] for one in read) / 1024:.0f}"
    )
    return cpu_s > DAY_LIMIT_S or peak > allowed


def _measure_imports() -> None:
    """Print the CPU of reading a trace, sealing it, and of peers applying and saving it."""
    for file in trace_files():
        trace = file.read()
        rounds = [cpu_ms(lambda file=file: _imported(file)) for _ in range(ROUNDS)]
        ours = statistics.median(rounds)
        one_run.tell(file.name, apply_ms=ours)
        print(f"import and seal {file.name}: median {ours:.0f} ms")
        for peer in [] if "--no-peers" in sys.argv else measured(file, trace):
            times = peer.apply_ms / ours
            print(f"    {peer.library:<34}{peer.apply_ms:9.0f} ms  {times:.1f} times ours")


def _imported(file: TraceFile) -> bytes:
    trace = file.read()
    return write_episode(make_episode(trace, name=file.name, wall_ns=file.times(trace)))


if __name__ == "__main__":
    sys.exit(main())
