"""The published editing traces that benchmarks read.

    github.com/josephg/editing-traces, NAME.json.gz in the folder SIGNOFF_TRACES

Times that a trace lacks may lie beside it, one Unix time per line, as NAME.times_1s.txt.gz.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.imports.editing_trace import parse_times, parse_trace

if TYPE_CHECKING:
    from signoff_collector.imports.editing_trace import Trace

FOLDER: Final = Path(os.environ.get("SIGNOFF_TRACES", "../shared/traces"))
_SUFFIX: Final = ".json.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceFile:
    """One trace on disk."""

    name: str
    path: Path

    def read(self) -> Trace:
        """Return the trace."""
        return parse_trace(self.path.read_bytes())

    @property
    def times_path(self) -> Path | None:
        """The file of times beside it, where there is one."""
        return next(iter(sorted(self.path.parent.glob(f"{self.name}.times*.txt.gz"))), None)

    def times(self, trace: Trace) -> list[int]:
        """Return the wall clock of every edit; empty when nobody knows it."""
        if self.times_path is not None:
            return parse_times(self.times_path.read_bytes())
        return trace.wall_ns if len(trace.wall_ns) == len(trace.patches) else []


def trace_files(folder: Path = FOLDER) -> list[TraceFile]:
    """Return all traces there are, the longest file first."""
    found = sorted(folder.glob(f"*{_SUFFIX}"), key=lambda path: -path.stat().st_size)
    return [TraceFile(name=path.name.removesuffix(_SUFFIX), path=path) for path in found]
