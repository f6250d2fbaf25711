"""A mistyped word is answered with what is near."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.cli import signoff

from signoff_collector.screen.suggestions import did_you_mean, hint_of


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("restor",), "Did you mean `restore`"),
        (("find", "x", "--kind", "edits"), "Did you mean `edit`"),
        (("find", "x", "--delted"), "Did you mean `--deleted`"),
        (("show", "lats"), "Did you mean last?"),
    ],
)
def test_a_mistyped_word_is_answered_with_the_nearest(
    words: tuple[str, ...], said: str, home: Path, tmp_path: Path
) -> None:
    del home
    done = signoff(*words, cwd=tmp_path)
    assert done.code != 0
    assert said in done.err


def test_what_is_near_nothing_is_answered_with_nothing() -> None:
    assert not did_you_mean("zzzz", ["restore", "find"])
    assert hint_of("fin", ["find", "restore"]) == "Did you mean `find`?"
    assert not did_you_mean("x" * 100_000, ["restore"])
