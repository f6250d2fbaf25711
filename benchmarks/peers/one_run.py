"""What the benchmarks of one run share: the libraries measured once, and ours beside them.

`run.py` names a folder in `SIGNOFF_BENCH_RUN`; `episode_size`, `seek` and `seal` each write what
they found of ours there, and `table_lines` puts both into one table. Alone they write nothing.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

VARIABLE: Final = "SIGNOFF_BENCH_RUN"
OURS: Final = "Signoff"
COLUMNS: Final = {
    "bytes_": "bytes",
    "apply_ms": "apply and save, ms",
    "open_ms": "file to text, ms",
    "moment_ms": "any moment, ms",
}
"""Names of figures, and what stands over them. Times are CPU, each the median of some rounds."""

Row = dict[str, float | str | None]


def tell(trace: str, **found: float) -> None:
    """Write down what was found of ours for a trace; nothing where no run asks for it."""
    path = _path("ours", trace)
    if path is not None:
        path.write_text(json.dumps({"library": OURS, **(_read(path) or [{}])[0], **found}))


def kept(trace: str) -> list[Row] | None:
    """Return the libraries' figures that an earlier benchmark of this run found."""
    path = _path("peers", trace)
    return None if path is None or not path.is_file() else _read(path)


def keep(trace: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Keep the libraries' figures for the later benchmarks of this run."""
    path = _path("peers", trace)
    if path is not None:
        path.write_text("\n".join(json.dumps(dict(row)) for row in rows))


def _path(kind: str, trace: str) -> Path | None:
    folder = os.environ.get(VARIABLE)
    return Path(folder, f"{kind}-{trace}.jsonl") if folder else None


def _read(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def table_lines(folder: Path) -> Iterator[str]:
    """Yield the table of a run, as Markdown: per trace ours, then the libraries by size."""
    traces = sorted(path.stem.removeprefix("ours-") for path in folder.glob("ours-*.jsonl"))
    if not traces:
        return
    heads = [f"{words} | times" for words in COLUMNS.values()]
    yield f"| trace | library | {' | '.join(heads)} |"
    yield "|---" * (2 + 2 * len(COLUMNS)) + "|"
    for trace in traces:
        ours = _read(folder / f"ours-{trace}.jsonl")[0]
        yield _line(trace, ours, ours)
        for row in _read(folder / f"peers-{trace}.jsonl"):
            yield _line(trace, row, ours)


def _line(trace: str, row: Row, ours: Row) -> str:
    cells: list[str] = []
    for name in COLUMNS:
        value, own = row.get(name), ours.get(name)
        cells.append(_figure(name, value))
        is_known = isinstance(value, float | int) and isinstance(own, float | int) and row != ours
        cells.append(f"{float(value) / float(own):.2f}" if is_known and value and own else "")
    return _joined([trace, str(row.get("library", "")), *cells])


def _figure(name: str, value: object) -> str:
    if not isinstance(value, float | int):
        return ""
    return f"{value:,.0f}" if name == "bytes_" else f"{value:,.2f}"


def _joined(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
