"""Makes the table of what each character costs behind another in code without blanks.

    .venv/bin/python benchmarks/tables/sign_costs.py [FOLDER…] > \
        collector/signoff_collector/redaction/detectors/sign_costs.txt

Each row is for one printable character of ASCII, in their order; its 94 characters say for each
next one how many half bits it costs, as characters from A. A run counts by the logarithm of how
often it stands in its file. Every eighth file is read; `density` is judged by the others.
"""

from __future__ import annotations

import math
import re
import sys
import sysconfig
from collections import Counter
from pathlib import Path
from typing import Final

CHARS: Final = "".join(map(chr, range(33, 127)))
RUN: Final = re.compile(r"[!-~]{2,}")
SUFFIX_LIST: Final = (
    ".py .js .mjs .ts .tsx .md .rst .json .html .css .c .h .txt .yml .yaml .toml .cfg .sh"
)
SUFFIXES: Final = frozenset(SUFFIX_LIST.split())
EVERY: Final = 8
LARGEST_BYTES: Final = 300_000
SMOOTHING: Final = 30
MOST_HALF_BITS: Final = 30


def pairs_of(folders: list[Path]) -> Counter[str]:
    """Return the weight of each pair of characters in the sources of some folders."""
    pairs: Counter[str] = Counter()
    for folder in folders:
        paths = [one for one in sorted(folder.rglob("*")) if one.suffix in SUFFIXES]
        for path in paths[::EVERY]:
            if not path.is_file() or path.stat().st_size > LARGEST_BYTES:
                continue
            for run, count in Counter(RUN.findall(path.read_text("utf-8", "ignore"))).items():
                weight = round(8 * math.log2(1 + count))
                for at in range(len(run) - 1):
                    pairs[run[at : at + 2]] += weight
    return pairs


def rows(pairs: Counter[str]) -> list[str]:
    """Return the table, one row for each of `CHARS`."""
    singles: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for pair, weight in pairs.items():
        singles[pair[1]] += weight
        after[pair[0]] += weight
    total = sum(singles.values())

    def cost(before: str, char: str) -> int:
        one = (singles[char] + 8) / (total + 8 * len(CHARS))
        two = (pairs[before + char] + 8 * SMOOTHING * one) / (after[before] + 8 * SMOOTHING)
        return min(MOST_HALF_BITS, round(-2 * math.log2(two)))

    return ["".join(chr(65 + cost(before, one)) for one in CHARS) for before in CHARS]


def main() -> int:
    """Print the table."""
    installed = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib")]
    folders = [Path(one) for one in sys.argv[1:]] or installed
    print("\n".join(rows(pairs_of(folders))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
