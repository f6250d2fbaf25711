"""How much of ordinary code the detectors mask, and what looking costs.

    .venv/bin/python benchmarks/mask_share.py [FOLDER…] [--show N] [--megabytes M]

Reads the sources of the standard library and of the installed packages (or of the folders
given), line by line, as sealing does. Prints the share of characters that would be masked
and the processor time per line; `--show` prints some of what was found, to judge it.
"""

from __future__ import annotations

import argparse
import random
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from signoff_collector.redaction.detectors.detectors import find_settled

SUFFIX_LIST: Final = (
    ".py .pyi .js .mjs .ts .tsx .css .html .json .yml .yaml .toml .cfg .ini .md .rst .txt .sh"
    " .c .h .cpp .go .rs .java .rb .php .lua .vim .xml .sql .lock"
)
SUFFIXES: Final = frozenset(SUFFIX_LIST.split())
LARGEST_BYTES: Final = 1 << 20
LIMIT_PERCENT: Final = 2.0
LEAST_MEGABYTES: Final = 5.0


def texts_of(folders: list[Path], wanted_chars: int) -> Iterator[tuple[Path, str]]:
    """Yield source files in an order that is the same every time, until enough is read."""
    paths = [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix in SUFFIXES and path.is_file() and path.stat().st_size <= LARGEST_BYTES
    ]
    random.Random(6).shuffle(paths)  # noqa: S311
    read = 0
    for path in paths:
        try:
            text = path.read_text("utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        yield path, text
        read += len(text)
        if read >= wanted_chars:
            return


def main() -> int:
    """Print one line for the whole; exit 1 when too much is masked or too little was read."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--megabytes", type=float, default=20.0)
    given = parser.parse_args()
    installed = [Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib"))]
    chars = masked = lines = 0
    used_s = 0.0
    ways: Counter[str] = Counter()
    samples: list[str] = []
    for path, text in texts_of(given.folders or installed, int(given.megabytes * 1e6)):
        chars += len(text)
        for line in text.split("\n"):
            lines += 1
            start_s = time.process_time()
            hits = find_settled(line)
            used_s += time.process_time() - start_s
            place = 0
            for hit in hits:
                masked += max(0, hit.end - max(place, hit.start))
                place = max(place, hit.end)
                ways[hit.rule] += hit.end - hit.start
                around = line[max(0, hit.start - 40) : hit.end + 10]
                samples.append(f"{hit.rule}: {around[:140]!r} in {path.name}")
    random.Random(6).shuffle(samples)  # noqa: S311
    for sample in samples[: given.show]:
        print("  ", sample)
    share = 100 * masked / max(1, chars)
    print(
        f"mask_share: {chars / 1e6:.1f} MB in {lines} lines, {share:.3f} % masked (target"
        f" {LIMIT_PERCENT}), {1e6 * used_s / max(1, lines):.1f} µs a line; by way, in characters:"
        f" {dict(ways.most_common(8))}"
    )
    return 1 if share > LIMIT_PERCENT or chars < LEAST_MEGABYTES * 1e6 else 0


if __name__ == "__main__":
    sys.exit(main())
