"""Which program a line ran, as `today` counts them."""

from __future__ import annotations

import pytest

from signoff_collector.text.command_lines import program_of


@pytest.mark.parametrize(
    ("line", "program"),
    [
        ("clear", ""),
        ("clear; git status", "git"),
        ("time make -j4", "make"),
        ("time -p /usr/bin/make", "make"),
        ("sudo env A=1 B='x y' nice -n 5 pytest -q", "pytest"),
        ("FOO=1 ./run.sh", "run.sh"),
        ("cd src && ls", "ls"),
        ("cat a | grep b", "cat"),
        ("timeout 5s cargo test", "cargo"),
        ("export A=1", ""),
        ("", ""),
        ("echo '\U0001f98a\U0001f600'", ""),
    ],
)
def test_a_line_counts_as_the_program_that_did_the_work(line: str, program: str) -> None:
    assert program_of(line) == program
