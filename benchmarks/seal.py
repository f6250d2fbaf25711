"""Sealing 259,778 edits and a day, redaction off: CPU per part, peak memory; peers' saving.

    SIGNOFF_TRACES=../shared/traces .venv/bin/python benchmarks/seal.py

The trace becomes the journal that a bridge would have written, one `didChange` per edit, as
typed with a companion's evidence and without. Each sealing runs in a process of its own. Every
trace is imported and sealed beside the libraries of peers/libraries.py, which apply and save it;
`--no-peers` leaves them out.
"""

from __future__ import annotations

import gzip
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

from peers.libraries import cpu_ms, measured
from peers.traces import trace_files

from signoff_collector.capture.journal_frames import RecordKind, encode_frame, pack_body
from signoff_collector.episode.writer import write_episode
from signoff_collector.imports.editing_trace import make_episode
from signoff_collector.seal.line_text import LineText

if TYPE_CHECKING:
    from peers.traces import TraceFile

TRACES: Final = Path(os.environ.get("SIGNOFF_TRACES", "../shared/traces"))
TRACE: Final = "automerge-paper"
ROUNDS: Final = 3
URI: Final = "file:///home/ada/project/paper.tex"
START_NS: Final = 10**12
LIMIT_CPU_S: Final = 2.0
LIMIT_MB: Final = 64
DAY_LIMIT_S: Final = 5.0
HERE: Final = Path(__file__).resolve().parent


def journal_of(trace: Path, *, with_evidence: bool) -> bytes:
    """Return the journal of one editor that made every edit of a trace, 50 ms apart."""
    with gzip.open(trace, "rt", encoding="utf-8") as file:
        told = json.load(file)
    header = {
        "journal_version": 1, "writer": "lsp", "writer_id": "lsp-1-abcd", "segment": 0,
        "first_index": 0, "tool_version": "0", "boot_id": "b", "t_boot_ns": START_NS,
        "t_wall_ns": 1_790_000_000 * 10**9, "pid": 1, "encoding": "utf-16", "editor": "trace",
        "editor_pid": 7,
    }  # fmt: skip
    frames = [encode_frame(RecordKind.HEADER, pack_body(header))]
    document = {"uri": URI, "languageId": "tex", "version": 0, "text": told["startContent"]}
    frames.append(_message(START_NS, "textDocument/didOpen", {"textDocument": document}))
    text = LineText(told["startContent"])
    t_ns, version = START_NS, 0
    for transaction in told["txns"]:
        for position, deleted, inserted in transaction["patches"]:
            t_ns, version = t_ns + 50_000_000, version + 1
            places = [_place(text, offset) for offset in (position, position + deleted)]
            text.replace(position, deleted, inserted)
            change = {
                "range": dict(zip(("start", "end"), places, strict=True)), "text": inserted
            }  # fmt: skip
            params = {
                "textDocument": {"uri": URI, "version": version}, "contentChanges": [change]
            }  # fmt: skip
            if with_evidence:
                said = {"uri": URI, "version": version, "reason": "key", "detail": "insert"}
                frames.append(_message(t_ns, "signoff/evidence", said, RecordKind.COMPANION))
            frames.append(_message(t_ns, "textDocument/didChange", params))
    if str(text) != told["endContent"]:
        raise AssertionError("the trace does not end in its final text")
    return b"".join(frames)


def _message(t_ns: int, method: str, params: object, kind: int = RecordKind.LSP) -> bytes:
    raw = json.dumps(params, separators=(",", ":")).encode()
    return encode_frame(kind, pack_body([t_ns, method, raw]))


def _place(text: LineText, offset: int) -> dict[str, int]:
    line, at = text.place_of(offset)
    return {"line": line, "character": offset - at}


SEALING: Final = """
import sys, time, json
from pathlib import Path
def cpu():
    return time.process_time()
begin = cpu()
from signoff_collector.episode.writer import write_episode
from signoff_collector.seal.assemble import Assembly
from signoff_collector.seal.gathered import Gathered
from signoff_collector.seal.records import read_writers
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


DAY: Final = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
from made_days.day import make_day
from signoff_collector.episode.writer import write_episode
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
episode = make_day(1)
made, began = peak(), time.process_time()
data = write_episode(episode)
print(json.dumps({"bytes": len(data), "write": time.process_time() - began, "made_kb": made,
    "peak_kb": peak()}))
"""


def measure(folder: Path) -> dict[str, float]:
    """Seal the journals of a folder in a fresh process and return what it cost."""
    result = subprocess.run(
        [sys.executable, "-c", SEALING, str(folder)], capture_output=True, check=True, timeout=600
    )
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
    trace = TRACES / f"{TRACE}.json.gz"
    if not trace.is_file():
        print(f"seal: no trace at {trace}; set SIGNOFF_TRACES")
        return 0
    missed = False
    print(
        f"seal: {platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}; ten million additions take {_pace():.2f} s of CPU here"
    )
    for with_evidence in (False, True):
        with tempfile.TemporaryDirectory() as name:
            journal = Path(name, "lsp-1-abcd.0.journal")
            journal.write_bytes(journal_of(trace, with_evidence=with_evidence))
            rounds = [measure(Path(name)) for _ in range(ROUNDS)]
        totals = sorted(one["assemble"] + one["write"] for one in rounds)
        edits, peak = rounds[0]["edits"], max(one["peak_kb"] for one in rounds) / 1024
        largest = 105_000
        allowed = LIMIT_MB + (30 * largest + 60 * edits) / 2**20
        case = "with evidence" if with_evidence else "without evidence"
        parts = {
            part: statistics.median(one[part] for one in rounds)
            for part in ("import", "assemble", "write")
        }
        print(
            f"seal {TRACE} {case}: {edits:.0f} edits, {rounds[0]['bytes']:.0f} B; CPU median "
            f"{statistics.median(totals):.2f} s, worst {totals[-1]:.2f} s (assemble "
            f"{parts['assemble']:.2f}, write {parts['write']:.2f}; imports {parts['import']:.2f} "
            f"apart); target {LIMIT_CPU_S} s"
        )
        print(
            f"seal memory: peak {peak:.0f} MB ({rounds[0]['idle_kb'] / 1024:.0f} after imports, "
            f"{rounds[0]['assembled_kb'] / 1024:.0f} assembled); target {allowed:.0f} MB"
        )
        missed |= statistics.median(totals) > LIMIT_CPU_S or peak > allowed
    missed |= _measure_day()
    _measure_imports()
    return 1 if missed else 0


def _measure_day() -> bool:
    """Print what a made day takes to write, without what it takes to be held."""
    done = subprocess.run(
        [sys.executable, "-c", DAY, str(HERE)], capture_output=True, check=True, timeout=600
    )
    found: dict[str, float] = json.loads(done.stdout)
    print(
        f"seal a made day: {found['bytes']:.0f} B; CPU {found['write']:.2f} s, target"
        f" {DAY_LIMIT_S:g} s; peak {found['peak_kb'] / 1024:.0f} MB, of which the day in memory"
        f" takes {found['made_kb'] / 1024:.0f}"
    )
    return found["write"] > DAY_LIMIT_S


def _measure_imports() -> None:
    """Print the CPU of reading a trace, sealing it, and of peers applying and saving it."""
    for file in trace_files():
        trace = file.read()
        rounds = [cpu_ms(lambda file=file: _imported(file)) for _ in range(ROUNDS)]
        ours = statistics.median(rounds)
        print(f"import and seal {file.name}: median {ours:.0f} ms")
        for peer in [] if "--no-peers" in sys.argv else measured(file, trace):
            times = peer.apply_ms / ours
            print(f"    {peer.library:<34}{peer.apply_ms:9.0f} ms  {times:.1f} times ours")


def _imported(file: TraceFile) -> bytes:
    trace = file.read()
    return write_episode(make_episode(trace, name=file.name, wall_ns=file.times(trace)))


if __name__ == "__main__":
    sys.exit(main())
