"""What Tab offers is what the parser takes: every verb, option and choice, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.write_manual import EITHER, VERBS, actions

from signoff_collector.completion.answering import COMMANDS, FILES, FOLDERS, answer
from signoff_collector.completion.table import read_table

TABLE = read_table()
IDS = {"episode": ("last", "0123abcd"), "session": ("2026-01",), "recording": ("last", "2026-01")}


def offered(*words: str, at: int | None = None) -> list[str]:
    def ids(kind: str) -> Sequence[tuple[str, str]]:
        return [(one, "") for one in IDS[kind]]

    place = len(words) - 1 if at is None else at
    return [word for word, _ in answer(TABLE, words, place, ids)]


def test_the_first_word_is_a_verb() -> None:
    assert offered("") == list(VERBS)
    assert offered("re") == [verb for verb in VERBS if verb.startswith("re")]
    assert offered("--v") == ["--version"]
    assert offered("nothing", "") == []


@pytest.mark.parametrize("verb", VERBS)
def test_behind_a_verb_every_option_of_its_parser_is_offered_once(verb: str) -> None:
    known = {max(one.option_strings, key=len) for one in actions(verb) if one.option_strings}
    assert set(offered(verb, "-")) == known | {"--help"}
    if verb != "completion":
        assert "--json" not in offered(verb, "--json", "-")


@pytest.mark.parametrize("verb", VERBS)
def test_every_choice_of_an_option_is_offered_in_each_way_to_write_it(verb: str) -> None:
    for one in actions(verb):
        choices = [str(choice) for choice in one.choices or ()]
        for name in one.option_strings if choices else ():
            assert offered(verb, name, "") == choices
            assert offered(verb, name, "=", "") == choices
            if name.startswith("--"):
                assert offered(verb, f"{name}=") == [f"{name}={choice}" for choice in choices]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("enable", ""), [FOLDERS]),
        (("restore", "a"), [FILES]),
        (("restore", "--to", ""), [FILES]),
        (("show", "la"), ["last"]),
        (("show", ""), ["last", "2026-01"]),
        (("verify", "0"), ["0123abcd"]),
        (("verify", "./"), [FILES]),
        (("verify", "0123abcd", "--sign-off", ""), [FILES]),
        (("seal", "2"), ["2026-01"]),
        (("settings", "red"), ["redaction.strict"]),
        (("settings", "commands.ignore", "--reset", ""), []),
        (("setup", "neovim", "ba"), ["bash"]),
        (("run", ""), [COMMANDS]),
        (("run", "--", "py"), [COMMANDS]),
        (("run", "pytest", "-"), [FILES]),
        (("run", "--", "pytest", "--json"), [FILES]),
        (("find", ""), []),
        (("find", "--in", ""), [FILES]),
        (("find", "--", "-"), []),
        (("task", "fix", ""), []),
    ],
)
def test_what_is_offered_fits_the_place(words: tuple[str, ...], found: list[str]) -> None:
    assert offered(*words) == found


def test_ids_of_sessions_are_offered_where_a_verb_takes_them() -> None:
    for verb, known in TABLE.items():
        kinds = [value.kind for value in known.values]
        assert ("recording" in kinds) is (verb in EITHER or verb == "discard"), verb


@given(
    st.lists(st.sampled_from([*VERBS, "--", "=", "-", "--to", "--owner=", "x", "🎈🎉", "\0"])),
    st.integers(0, 9),
)
def test_no_line_is_too_odd_and_what_is_offered_begins_as_the_word(
    words: list[str], at: int
) -> None:
    current = words[at] if at < len(words) else ""
    for word in offered(*words, at=at):
        if word not in {FILES, FOLDERS, COMMANDS} and current != "=":
            assert word.startswith(current)
