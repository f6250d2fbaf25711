"""The page shows recorded text as `linearise` does: both read one table of examples."""

from __future__ import annotations

import json
from pathlib import Path

from signoff_collector.text.linear import linearise, linearise_path

FIXTURE = Path(__file__).parents[3] / "editor_extensions/review_page/test/fixtures/linear.json"
TEXTS = (
    "",
    "plain\n\ttext\n",
    "\N{SLIGHTLY SMILING FACE}\N{GOTHIC LETTER HWAIR}\n",
    "a\rb\r\nc\x1b[31mred\x1b[0m\x07\x00\x7f\x85",
    "zero\u200bwidth\u2060joiner\ufeffmark",
    "bidi \u202eesrever\u202c \u2066isolate\u2069 \u200f",
    "tags \U000e0041\U000e007f and \U000e0101 selector \ufe0f",
    "spaces\u00a0\u2003\u3000\u1680 \u2800 \u3164 \uffa0 \u034f\u115f",
    "lines\u2028and\u2029paragraphs",
    "private \ue000 \U000f0000 \U0010fffd",
    "\n\n\n",
    "\n\n\n\n",
    "a\n \n\t\n  \t\n\nb",
    "a  \n\n\n\n   b",
    "x" + "\n" * 10_000 + "y",
    "\r\n\r\n\r\n\r\n\r\n",
    "a\n\n\n\n\u200b\n\n\n\n\n  ",
    "l" * 2000,
    "l" * 2001,
    "\N{SLIGHTLY SMILING FACE}" * 4001 + "\nshort\n" + "\u200b" * 300,
    "k" * 1998 + "\u200b" + "k" * 3000 + "\n\n\n\n\n\n" + "m" * 2500,
    "Cyrillic \u0430 Greek \u03bf combining e\u0301",
    "half \ud83d of a pair \ude42",
)
PATHS = (
    "src/app.py",
    "src/\u0430pp.py",
    "a\nb\tc.py",
    "it's.py",
    "it's \u00e9.py",
    "both ' and \" \u00e9.py",
    "back\\slash\u200b.py",
    "\N{SLIGHTLY SMILING FACE}\N{GOTHIC LETTER HWAIR}.txt",
    "\x1b[31m\x7f\x85.txt",
    "<script>alert(1)</script>",
)


def _table() -> str:
    shown = {
        "texts": [[text, linearise(text)] for text in TEXTS],
        "paths": [[path, linearise_path(path)] for path in PATHS],
    }
    return json.dumps(shown, ensure_ascii=True, indent=1) + "\n"


def test_the_examples_that_the_page_is_tested_with_are_current() -> None:
    assert FIXTURE.read_text("ascii") == _table(), "run this file with --write"


if __name__ == "__main__":
    FIXTURE.write_text(_table(), "ascii")
