"""A file of the base that is asked about can be looked at where the word stands."""

from __future__ import annotations

import pytest
from tests.support.leaks import random_secret

from signoff_collector.review.base_tree.tree import BaseFile
from signoff_collector.review.base_tree.unknown_words import unknown_word_samples

WORD = random_secret(81, 24)


def samples(text: str, line: int | None) -> list[tuple[str, str]]:
    file = BaseFile(path="a.py", mode="100644", content=text.encode(), unknown_word_line=line)
    found: list[tuple[str, str]] = []
    for row in unknown_word_samples(file):
        context, start, length = row["context"], row["start"], row["length"]
        assert isinstance(context, str)
        assert isinstance(start, int)
        assert isinstance(length, int)
        found.append((context, context[start : start + length]))
    return found


def test_the_word_is_marked_between_the_lines_around_it() -> None:
    text = f"first\n# 😀🦊\nname = '{WORD}'  # 𝄞\nlast\nmore\n"
    assert samples(text, 3) == [(f"# 😀🦊\nname = '{WORD}'  # 𝄞\nlast", WORD)]
    assert samples(f"x {WORD}", 1) == [(f"x {WORD}", WORD)]


def test_where_more_than_one_word_may_be_meant_the_line_is_marked() -> None:
    line = f"{WORD} {random_secret(82, 24)}"
    assert samples(f"a\n{line}\n", 2) == [(f"a\n{line}\n", line)]
    assert samples("a\nplain words\nb", 2) == [("a\nplain words\nb", "plain words")]


def test_of_a_very_long_line_only_what_is_near_is_shown() -> None:
    ((context, marked),) = samples(f"{'word ' * 9000}{WORD}{' word' * 9000}\n{'b' * 9000}", 1)
    assert marked == WORD
    assert len(context) < 600


@pytest.mark.parametrize(("text", "line"), [("a\n", None), ("a\n", 99), ("", 2)])
def test_where_nothing_is_asked_nothing_is_shown(text: str, line: int | None) -> None:
    assert samples(text, line) == []
