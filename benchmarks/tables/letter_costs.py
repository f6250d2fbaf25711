"""Makes the table of what letters cost in the words of code, from the standard library.

    .venv/bin/python benchmarks/tables/letter_costs.py > \
        collector/signoff_collector/redaction/detectors/letter_costs.txt

Each row is for two letters that came before (`^` stands for the start of a word), in the
order of `CONTEXTS`; its 27 characters say for a to z and the end of the word how many half
bits it costs, as letters from A. A word counts by the logarithm of how often it occurs.
"""

from __future__ import annotations

import math
import re
import string
import sys
import sysconfig
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Final

LETTERS: Final = string.ascii_lowercase
CONTEXTS: Final = ("^^", *("^" + one for one in LETTERS), *map("".join, product(LETTERS, LETTERS)))
WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
LEAST_SEEN: Final = 3
SMOOTHING: Final = 8
MOST_HALF_BITS: Final = 25


def words_of(folders: list[Path]) -> Counter[str]:
    """Return how often each word, in lower case, stands in the sources of some folders."""
    words: Counter[str] = Counter()
    for folder in folders:
        for pattern in ("*.py", "*.js", "*.ts", "*.md"):
            for path in sorted(folder.rglob(pattern)):
                if path.is_file() and ".min." not in path.name:
                    text = path.read_text("utf-8", "ignore")
                    words.update(word.lower() for word in WORD.findall(text))
    return words


def rows(words: Counter[str]) -> list[str]:
    """Return the table, one row for each of `CONTEXTS`."""
    triples: Counter[str] = Counter()
    for word, count in words.items():
        if count >= LEAST_SEEN:
            spelled = f"^^{word}$"
            for at in range(len(spelled) - 2):
                triples[spelled[at : at + 3]] += round(8 * math.log2(1 + count))
    pairs: Counter[str] = Counter()
    singles: Counter[str] = Counter()
    after_two: Counter[str] = Counter()
    after_one: Counter[str] = Counter()
    for triple, count in triples.items():
        pairs[triple[1:]] += count
        singles[triple[2]] += count
        after_two[triple[:2]] += count
        after_one[triple[1]] += count
    total = sum(singles.values())

    def cost(before: str, letter: str) -> int:
        one = (singles[letter] + 1) / (total + 27)
        smooth = 8 * SMOOTHING
        two = (pairs[before[1] + letter] + smooth * one) / (after_one[before[1]] + smooth)
        three = (triples[before + letter] + smooth * two) / (after_two[before] + smooth)
        return min(MOST_HALF_BITS, round(-2 * math.log2(three)))

    return ["".join(chr(65 + cost(before, one)) for one in LETTERS + "$") for before in CONTEXTS]


def main() -> int:
    """Print the table."""
    folders = [Path(one) for one in sys.argv[1:]] or [Path(sysconfig.get_path("stdlib"))]
    print("\n".join(rows(words_of(folders))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
