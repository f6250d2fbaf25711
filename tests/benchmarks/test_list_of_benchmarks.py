"""The list of benchmarks in the documents is the list of scripts that `make bench` runs."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_script_that_make_bench_runs_is_listed_once() -> None:
    text = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    listed = re.findall(r"(?m)^\| `(\w+\.py)` \|", text)
    scripts = {path.name for path in (ROOT / "benchmarks").glob("*.py")} - {"run.py"}
    assert sorted(listed) == sorted(scripts)
