"""Arguments that mean nothing, or are as long as a system lets them be: refused in a few words."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.cli import signoff

HUGE = "\U0001f600\U0001f603" + "a" * 100_000
ARGUMENTS: list[tuple[str, ...]] = [
    *((verb, HUGE) for verb in ("show", "check", "verify", "withdraw", "discard", "forget")),
    *((verb, HUGE) for verb in ("replay", "enable", "setup", "watch", "restore", "")),
    ("upload", HUGE, "--to", "file:///nowhere"),
    ("pause", "--for", HUGE),
    ("find", "x", "--since", HUGE),
    (HUGE,),
]


@pytest.mark.usefixtures("home")
def test_a_huge_argument_is_refused_in_words_that_fit_on_a_screen(tmp_path: Path) -> None:
    every = [signoff(*argv, cwd=tmp_path) for argv in ARGUMENTS]
    for argv, said in zip(ARGUMENTS, every, strict=True):
        about = (argv[0][:8], said.code, said.err[:2000])
        assert said.code in {2, 10}, about
        assert "error: " in said.err, about
        assert "hint: " in said.err, about
        assert len(said.err) < 4000, about


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("word", ["x" * 300, "it's " * 60, "😀𝄞" * 150, "'" * 81])
@pytest.mark.parametrize(
    ("argv", "known"),
    [
        (("enable", "--yes", "--owner"), "(choose from 'mine', 'open-source', 'employer', "),
        (("find", "x", "--kind"), "(choose from 'edit', 'task', "),
        (("find", "x", "--replay"), "invalid int value: "),
        (("status", "here"), "unrecognized arguments: "),
    ],
)
def test_a_long_word_is_repeated_in_part_and_the_choices_whole(
    argv: tuple[str, ...], known: str, word: str, tmp_path: Path
) -> None:
    said = signoff(*argv, word, cwd=tmp_path)
    (error,) = [line for line in said.err.splitlines() if line.startswith("error: ")]
    assert said.code == 2, said
    assert known in error
    assert len(error) < 300, error


@pytest.mark.usefixtures("home")
def test_an_empty_name_is_not_the_last_episode() -> None:
    said = signoff("upload", "", "--to", "file:///nowhere")
    assert (said.code, "no episode is called ''" in said.err) == (10, True), said


@pytest.mark.usefixtures("home")
def test_forgetting_a_file_that_is_no_episode_of_ours_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign \U0001f600\U0001f603"
    foreign.write_bytes(b"x")
    said = signoff("forget", "--yes", foreign)
    assert (said.code, "is not an episode on this machine" in said.err) == (10, True), said
    assert foreign.read_bytes() == b"x"


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "argv", [("find", "x", "--kind", "nothing"), ("sign",), ("review", "--nothing\x1b[31m")]
)
def test_what_a_verb_does_not_understand_ends_in_a_hint(argv: tuple[str, ...]) -> None:
    said = signoff(*argv)
    *_, error, hint = said.err.splitlines()
    assert (said.code, hint) == (2, f"hint: `signoff {argv[0]} --help` explains each.")
    assert error.startswith("error: ")
    assert "\x1b" not in said.err
