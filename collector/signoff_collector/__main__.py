"""Run the command line: `python -I -m signoff_collector`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

from signoff_collector.cli import main

_HANDING_ON: Final = frozenset({"run", "shell", "lsp"})
"""Verbs that start programs of the user's, with the environment as they found it."""


_SPARED: Final = {
    "OPENBLAS_NUM_THREADS": "1",  # numpy's pool of threads, for algebra that nothing here does
    "PYDANTIC_DISABLE_PLUGINS": "__all__",  # looking through every installed package for them
}
"""Settings of libraries that save 60 ms of CPU when they are first imported."""


def start(argv: Sequence[str]) -> int:
    """Run one command line in this process and return its exit code (docs/cli.md)."""
    if not _HANDING_ON.intersection(argv[:1]):
        os.environ.update(_SPARED)
    return main(argv)


if __name__ == "__main__":
    sys.exit(start(sys.argv[1:]))
