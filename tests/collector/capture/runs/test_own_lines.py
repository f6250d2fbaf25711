"""Lines that call Signoff itself."""

from __future__ import annotations

import pytest

from signoff_collector.capture.runs.own_lines import is_looking_back, run_by


@pytest.mark.parametrize(
    "line",
    [
        "signoff find wombat", "clear; signoff find wombat | less", ".venv/bin/signoff today",
        "cd src && signoff restore a.py", "LANG=C signoff find '😀𝄞'",
        "python -m signoff_collector find wombat", "  signoff find wombat",
    ],
)  # fmt: skip
def test_looking_at_what_was_recorded_is_looking_back(line: str) -> None:
    assert is_looking_back(line)


@pytest.mark.parametrize(
    "line",
    [
        "signoff run -- pytest", "signoff find wombat; vim wombat.py", "echo wombat", "signoff",
        "git log --grep 'signoff find'", "signoffx find a", "",
    ],
)  # fmt: skip
def test_any_other_line_is_not(line: str) -> None:
    assert not is_looking_back(line)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("signoff run -- pytest -q", ("pytest", "-q")),
        ("signoff run pytest -k 'a b'", ("pytest", "-k", "a b")),
        ("time /opt/signoff run --junit r.xml -- npm test > log", ("npm", "test")),
        ("signoff run -- pytest; git push", None),
        ("signoff run -- pytest | tee log", None),
        ("signoff run -- pytest &", None),
        ("signoff find run", None),
        ("pytest", None),
    ],
)
def test_the_words_of_a_run_are_those_behind_its_options(
    line: str, words: tuple[str, ...] | None
) -> None:
    assert run_by(line) == words
