"""Fuzzing with atheris (from PyPI, not among the dependencies):

    pip install atheris
    python tests/fuzz/fuzz_episode.py -max_total_time=600 -rss_limit_mb=1024 -max_len=4096 \\
        FOUND tests/fuzz/corpus

What it finds goes to the folder FOUND; what is worth keeping, into the corpus.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / name) for name in ("collector", "schemas", ".")]

atheris: Any = import_module("atheris")  # for those who fuzz; nobody else has it
with atheris.instrument_imports(include=["signoff_collector.episode", "signoff_collector.imports"]):
    from tests.fuzz.episode_targets import run

atheris.Setup(sys.argv, run)
atheris.Fuzz()
