"""What the watcher's rules cost when very many files are gone: CPU per 100,000 paths.

    .venv/bin/python benchmarks/deletions.py [FILES]

The paths lie in a git work tree, 40 to a folder of packages, and are not there any more, as
after `rm -r`. Asked are the rules of a watcher that has just begun, which remember nothing.
git's own part is a child process and stands apart.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signoff_collector.capture.files.file_rules import FileRules
from signoff_collector.capture.opt_in.policy import Policy

FILES: Final = 100_000
PER_FOLDER: Final = 40
ROUNDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder as a policy wants it."""

    root: Path
    is_file: bool = False


def made_paths(files: int) -> list[str]:
    """Return names of files as packages have them."""
    names = ("index", "helper", "types.d", "render")
    return [
        f"node_modules/package-{number // PER_FOLDER}/lib/{names[number % 4]}{number}.js"
        for number in range(files)
    ]


def ask(root: Path, paths: list[str]) -> tuple[float, float]:
    """Ask new rules about all paths; return the CPU seconds of ours and of git's."""
    policy = Policy.for_workspace(Place(root=root))
    rules = FileRules(root, lambda: policy)
    ours, others = time.process_time(), children_s()
    allowed = rules.files(paths)
    took = time.process_time() - ours, children_s() - others
    if len(allowed) != len(paths):
        raise SystemExit(f"{len(allowed)} of {len(paths)} paths may be recorded, all should")
    return took


def children_s() -> float:
    """Return the CPU seconds of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure in a throw-away repository."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    load = os.getloadavg()[0]
    print(f"{platform.platform()}, Python {platform.python_version()}, load {load:.1f}")
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        subprocess.run(["git", "init", "-q", root], check=True)  # noqa: S607
        paths = made_paths(files)
        rounds = [ask(root, paths) for _ in range(ROUNDS)]
    ours, gits = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"{files} paths: {ours:.2f} s of CPU, git {gits:.2f} s, median of {ROUNDS}")


if __name__ == "__main__":
    main()
