"""1,000 random moments of every trace, read by three readers, compared with plain replaying.

    SIGNOFF_TRACES=../shared/traces .venv/bin/python benchmarks/exact_moments.py

The readers: ours; `tests/independent_reader.py`, for the columns of all edits; the review page's,
in Node with the esbuild of `editor_extensions/review_page`, where both are installed.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from peers.traces import FOLDER, trace_files

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.imports.editing_trace import make_episode

if TYPE_CHECKING:
    from signoff_collector.imports.editing_trace import Trace

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "editor_extensions" / "review_page"
STATES: Final = 1_000
sys.path[:0] = [str(ROOT)]


def main() -> int:
    """Print one line per trace and reader; return 1 when a moment differs or no trace is there."""
    files = trace_files()
    if not files:
        print(f"exact_moments: no traces in {FOLDER}; set SIGNOFF_TRACES", file=sys.stderr)
        return 1
    wrong = 0
    for file in files:
        trace = file.read()
        data = write_episode(make_episode(trace, name="t.txt", wall_ns=file.times(trace)))
        expected = _replayed(trace)
        for reader, read in (("ours", _ours), ("independent", _independent), ("page", _page)):
            began = time.monotonic()
            found = read(data, expected, trace)
            if found is None:
                print(f"{file.name:<20} {reader:<12} left out: no Node, or no esbuild")
                continue
            exact = sum(found.get(number) == told for number, told in expected.items())
            wrong += len(expected) - exact
            took = time.monotonic() - began
            print(f"{file.name:<20} {reader:<12} {exact} of {len(expected)} exact, {took:.1f} s")
    return 1 if wrong else 0


def _replayed(trace: Trace) -> dict[int, str]:
    """Return the SHA-256 of the text after some edits, by how many."""
    count = len(trace.patches)
    chosen = set(random.Random(1).sample(range(1, count + 1), min(STATES, count)))  # noqa: S311
    text, found = trace.start_content, dict[int, str]()
    for number, (start, deleted, put) in enumerate(trace.patches, start=1):
        text = text[:start] + put + text[start + deleted :]
        if number in chosen:
            found[number] = _sha256(text)
    return found


def _ours(data: bytes, expected: dict[int, str], _: Trace) -> dict[int, str]:
    moments = Moments(read_episode(data))
    return {number: _sha256(moments.buffer("t.txt", 0, number) or "") for number in expected}


def _independent(data: bytes, expected: dict[int, str], trace: Trace) -> dict[int, str]:
    from tests import independent_reader

    arrays = independent_reader.read_arrays(data)
    text, found = trace.start_content, dict[int, str]()
    for number, edit in enumerate(independent_reader.read_chunk(arrays, 0), start=1):
        start, stop = edit["start"], edit["start"] + edit["deleted"]
        text = text[:start] + edit["text"] + text[stop:]
        if number in expected:
            found[number] = _sha256(text)
    return found


def _page(data: bytes, expected: dict[int, str], _: Trace) -> dict[int, str] | None:
    node = shutil.which("node")
    if node is None or not (PAGE / "node_modules" / "esbuild").exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.episode"
        path.write_bytes(data)
        said = subprocess.run(
            [node, PAGE / "moments.mjs", path],
            input=json.dumps(sorted(expected)),
            capture_output=True,
            text=True,
            check=True,
        )
    return {int(number): told for number, told in json.loads(said.stdout).items()}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
