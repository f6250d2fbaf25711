"""What other libraries take for the same trace: bytes, applying, opening, any moment.

Python's are imported when they are there (`pip install --target .bench -r requirements/bench.txt`,
`PYTHONPATH=.bench`); JavaScript's are run when `npm ci` was run in `benchmarks/peers` and a `node`
is on the way. None of them says what it costs without its history of deletions.
"""

from __future__ import annotations

import importlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from peers import one_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from peers.traces import TraceFile
    from signoff_collector.imports.editing_trace import Trace

HERE: Final = Path(__file__).resolve().parent
ROUNDS: Final = 5
LIMIT_S: Final = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One library and one trace; times are CPU, the median of some rounds."""

    library: str
    bytes_: int
    apply_ms: float
    open_ms: float
    moment_ms: float | None = None


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the CPU time of one call in milliseconds."""
    began = time.process_time_ns()
    work()
    return (time.process_time_ns() - began) / 1e6


def measured(file: TraceFile, trace: Trace) -> list[Figures]:
    """Return the figures of every library that can be had here, smallest file first.

    Within one run of several benchmarks they are measured by the first that asks.
    """
    rows = one_run.kept(file.name)
    if rows is not None:
        return [Figures(**cast("dict[str, Any]", row)) for row in rows]
    found = sorted([*_python(trace), *_javascript(file)], key=lambda one: one.bytes_)
    one_run.keep(file.name, [asdict(one) for one in found])
    return found


def _javascript(file: TraceFile) -> Iterator[Figures]:
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules").is_dir():
        print("no peers in JavaScript: node, or `npm ci` in benchmarks/peers", file=sys.stderr)
        return
    import gzip

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, "trace.json")
        plain.write_bytes(gzip.decompress(file.path.read_bytes()))
        told = Path(folder, "told.jsonl")
        _run_node([node, str(HERE / "libraries.mjs"), str(plain), str(ROUNDS)], file.name, told)
        rows = [json.loads(line) for line in told.read_text().splitlines() if line.endswith("}")]
    for row in rows:
        yield Figures(
            library=f"{row['library']} {row['version']}",
            bytes_=row["bytes"],
            apply_ms=row["apply_ms"],
            open_ms=row["open_ms"],
            moment_ms=row.get("moment_ms"),
        )


def _run_node(argv: list[str], name: str, told: Path) -> None:
    """Let Node write its rows to a file; those before a fault or the limit stay."""
    with told.open("wb") as stdout:
        try:
            done = subprocess.run(
                argv, stdout=stdout, stderr=subprocess.PIPE, timeout=LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired:
            print(f"{name}: the libraries for Node took over {LIMIT_S} s", file=sys.stderr)
            return
    if done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        print(f"{name}: {last}", file=sys.stderr)


def _python(trace: Trace) -> Iterator[Figures]:
    for name, make, final in (("loro", _loro, _loro_text), ("pycrdt", _pycrdt, _pycrdt_text)):
        try:
            module = importlib.import_module(name)
        except ImportError:
            print(f"no peer {name}: see requirements/bench.txt", file=sys.stderr)
            continue
        made: list[bytes] = []
        apply_ms = cpu_ms(
            lambda make=make, module=module, made=made: made.append(make(module, trace))
        )
        if final(module, made[0]) != trace.end_content:
            print(f"no figures of {name}: its final text differs", file=sys.stderr)
            continue
        opened = [cpu_ms(lambda f=final, m=module, b=made[0]: f(m, b)) for _ in range(ROUNDS)]
        yield Figures(
            library=f"{name} {version(name)} (Python)",
            bytes_=len(made[0]),
            apply_ms=apply_ms,
            open_ms=statistics.median(opened),
        )


def _loro(loro: Any, trace: Trace) -> bytes:  # noqa: ANN401  # it ships no types
    document = loro.LoroDoc()
    text = document.get_text("t")
    if trace.start_content:
        text.insert(0, trace.start_content)
    for start, deleted, put in trace.patches:
        if deleted:
            text.delete(start, deleted)
        if put:
            text.insert(start, put)
    document.commit()
    return bytes(document.export(loro.ExportMode.Updates(loro.VersionVector())))


def _loro_text(loro: Any, data: bytes) -> str:  # noqa: ANN401  # it ships no types
    document = loro.LoroDoc()
    document.import_(data)
    return str(document.get_text("t").to_string())


def _pycrdt(pycrdt: Any, trace: Trace) -> bytes:  # noqa: ANN401  # imported by name
    """One transaction per edit; the history of deletions stays, their text does not."""
    document = pycrdt.Doc()
    document["t"] = text = pycrdt.Text(trace.start_content)
    for start, deleted, put in trace.patches:
        with document.transaction():
            if deleted:
                del text[start : start + deleted]
            if put:
                text.insert(start, put)
    return bytes(document.get_update())


def _pycrdt_text(pycrdt: Any, data: bytes) -> str:  # noqa: ANN401  # imported by name
    document = pycrdt.Doc()
    document["t"] = text = pycrdt.Text()
    document.apply_update(data)
    return str(text)
