"""Collects the names that languages and their libraries bring along, for `library_words.txt`.

    python benchmarks/tables/library_words.py FOLDER… > library_words.txt

A name is taken apart at capitals; a piece is kept if it has four letters and is in no list yet.
From Python files names of the code are taken, and words of its texts and comments that are spelt
like words; from declarations of TypeScript (`*.d.ts`) the names. Names are facts: no text of those
files is in the list. Made once from the library of Python 3.11 without its tests, `lib.*.d.ts` of
TypeScript and `@types/node`.
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from pathlib import Path

from signoff_collector.redaction.randomness.novel import is_known_piece
from signoff_collector.redaction.randomness.randomness import random_bits

SHORTEST_NAME, SHORTEST_WORD = 4, 5
SKIPPED = {"test", "tests", "idle_test", "site-packages", "lib2to3", "__pycache__"}
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_HEXADECIMAL = re.compile(r"[a-f]+\Z")


def main() -> None:
    """Print the words, sorted."""
    found: set[str] = set()
    for folder in map(Path, sys.argv[1:]):
        for path in folder.rglob("*.py"):
            if not SKIPPED & set(path.relative_to(folder).parts):
                found |= of_python(path.read_text("utf-8", "replace"))
        for path in folder.rglob("*.d.ts"):
            code = _COMMENT.sub(" ", path.read_text("utf-8", "replace"))
            found |= pieces(code, SHORTEST_NAME)
    for word in sorted(found):
        if not _HEXADECIMAL.match(word) and not is_known_piece(word):
            print(word)


def of_python(code: str) -> set[str]:
    """Return the pieces of names in a file, and the words of its texts."""
    found: set[str] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.NAME:
                found |= pieces(token.string, SHORTEST_NAME)
            elif token.type in {tokenize.STRING, tokenize.COMMENT}:
                words = pieces(token.string, SHORTEST_WORD)
                found |= {word for word in words if random_bits(word) < 0}
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def pieces(text: str, least: int) -> set[str]:
    """Return the words of a text that are long enough, in lower case."""
    return {one.lower() for one in _PIECE.findall(text) if len(one) >= least}


if __name__ == "__main__":
    main()
