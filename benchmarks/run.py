"""Run every benchmark of this folder, one after the other, and say on what machine.

The figures are medians, with the peer beside them in the same run; at the end stands the table
of all traces and libraries, and how each benchmark ended. `docs/benchmarks.md` keeps the last
tables and says how to read them; machines are shared and noisy, so ratios say more than times.
"""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from peers.one_run import VARIABLE, table_lines

HERE: Final = Path(__file__).resolve().parent
LIMIT_S: Final = 1800
LIBRARIES: Final = ("numpy", "msgpack", "backports.zstd", "msgspec", "pydantic", "textual")


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; 0 when each ended well."""
    scripts = {path.stem: path for path in sorted(HERE.glob("*.py")) if path.name != "run.py"}
    unknown = [name for name in names if name not in scripts]
    if unknown:
        print(f"there is no benchmark {' '.join(unknown)}; there are: {' '.join(scripts)}")
        return 2
    print(_machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="signoff-bench-") as folder:
        ends = [_run(scripts[name], Path(folder)) for name in names or scripts]
        lines = [*table_lines(Path(folder))]
    print("\n".join(["", "## In one table", _machine(), "", *lines, *([""] if lines else [])]))
    print("| benchmark | ended | seconds |\n|---|---|---|")
    for name, end, took in ends:
        print(f"| {name} | {end} | {took:.0f} |")
    return 1 if any(end != "well" for _, end, _ in ends) else 0


def _machine() -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    used = " ".join(f"{name} {_version(name)}" for name in LIBRARIES)
    return (
        f"{platform.platform()}, {platform.machine()}, {os.cpu_count()} cores, load {load},"
        f" Python {platform.python_version()}, {used}"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _run(script: Path, folder: Path) -> tuple[str, str, float]:
    """Return the name of a benchmark, how it ended, and how long it took, in seconds."""
    print(f"\n## {script.stem}", flush=True)
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, script], env={**os.environ, VARIABLE: str(folder)}, start_new_session=True
    )
    try:
        code = process.wait(LIMIT_S)
        end = "well" if code == 0 else f"with {code}: a target missed, or a fault"
    except subprocess.TimeoutExpired:
        end = f"not within {LIMIT_S} s"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # whatever it has started too
            process.wait()
    return script.stem, end, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
