"""Show the unknown word that a base file is flagged for, with the lines around it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.detectors.detectors import is_opaque
from signoff_collector.redaction.randomness.novel import common_words, tokens_in, unknown_characters
from signoff_collector.review.checking.group_values import Sample

if TYPE_CHECKING:
    from signoff_collector.review.base_tree.tree import BaseFile

_AROUND: Final = 120
"""Characters shown on each side; a line may be as long as the file."""
_MOST_MARKED: Final = 400


def unknown_word_samples(file: BaseFile) -> list[dict[str, object]]:
    """Return up to three lines of a file as one `Sample` row; none if it is not flagged.

    The word is marked, or the whole line if several words of it qualify: the tree stores only the
    line. The text is raw, not linearised.
    """
    if file.unknown_word_line is None:
        return []
    lines = file.content.decode("utf-8", "replace").split("\n")
    place = file.unknown_word_line - 1
    if place >= len(lines):
        return []
    line = lines[place]
    word = _word_of(line)
    at = line.find(word)
    low = max(0, at - _AROUND)
    before = f"{lines[place - 1][-2 * _AROUND :]}\n" if place > 0 else ""
    after = f"\n{lines[place + 1][: 2 * _AROUND]}" if place + 1 < len(lines) else ""
    length = min(len(word), _MOST_MARKED)
    shown = line[low : at + length + _AROUND]
    start = len(before) + at - low
    sample = Sample(
        seq=None, path="", context=f"{before}{shown}{after}", start=start, length=length
    )
    return [asdict(sample)]


def _word_of(line: str) -> str:
    words = common_words()
    found = {one for one in tokens_in(line) if is_opaque(one) and unknown_characters(one, words)}
    return found.pop() if len(found) == 1 else line
