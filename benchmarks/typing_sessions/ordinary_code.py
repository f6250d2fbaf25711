"""Real code to stand around secrets: pieces of what is installed here."""

from __future__ import annotations

import random
import sysconfig
from functools import cache
from pathlib import Path
from typing import Final

_LEAST_LINES: Final = 60
_MOST_FILES: Final = 400


@cache
def _files() -> tuple[Path, ...]:
    folders = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib")]
    found = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    found += sorted(folders[1].glob("*/*.py"))[:_MOST_FILES]
    return tuple(path for path in found if 4_000 < path.stat().st_size < 60_000)


@cache
def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8", errors="replace").splitlines())


def some_code(source: random.Random, count: int) -> str:
    """Return so many lines of a real file, from the start of some block."""
    while True:
        lines = _lines(source.choice(_files()))
        if len(lines) < _LEAST_LINES:
            continue
        start = source.randrange(0, max(1, len(lines) - count))
        return "\n".join(lines[start : start + count]) + "\n"
