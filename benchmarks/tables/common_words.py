"""Counts which words programs use, for `common_words.txt` of the detectors.

    python benchmarks/tables/common_words.py FOLDER… > common_words.txt

A word is a run of letters, names taken apart at capitals; kept when at least 8 files have it.
Counts are facts: no text of those files is in the list. Made once from the library of Python 3.11
with 40 scientific and web packages in it, and the packages of `requirements/dev.txt`.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

LEAST_FILES = 8
SHORTEST = 3
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_HEXADECIMAL = re.compile(r"[a-f]+\Z")
_WORDS_OF_HEXADECIMAL = frozenset(
    ["add", "added", "bad", "bed", "cab", "decade", "dead", "face", "fade", "faced", "feed", "fed"]
)


def main() -> None:
    """Print the words, sorted."""
    files: Counter[str] = Counter()
    for folder in sys.argv[1:]:
        for path in Path(folder).rglob("*.py"):
            text = path.read_text("utf-8", "replace")
            files.update({piece.lower() for piece in _PIECE.findall(text)})
    for word, count in sorted(files.items()):
        if count >= LEAST_FILES and len(word) >= SHORTEST and not _is_hexadecimal(word):
            print(word)


def _is_hexadecimal(word: str) -> bool:
    return bool(_HEXADECIMAL.match(word)) and word not in _WORDS_OF_HEXADECIMAL


if __name__ == "__main__":
    main()
