"""Search: everything that ever stood in a file, and everything that was said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL, edit, open_episode, sample_episode, typing

from signoff_collector.episode.content import Edit
from signoff_collector.replay.reel import Reel
from signoff_collector.replay.seeking import seek


def places(episode_words: str) -> list[int]:
    return [one.place for one in seek(Reel(sample_episode()), episode_words)]


def test_words_are_found_in_tasks_tests_commands_git_and_files() -> None:
    assert places("FIX IT") == [0]
    assert places("t::a") == [10]
    assert places("ls -l") == [11]
    assert places("hello") == [12, 17]  # it came, and under another name
    assert places("from git") == [20]
    assert places(ASTRAL[1]) == [0, 1]
    assert places("nowhere") == []
    assert places("") == []


def test_what_was_typed_and_deleted_again_is_found_where_it_was_whole() -> None:
    keys = [edit(n + 1, n, 0, char, t_ms=n) for n, char in enumerate(f"x{ASTRAL}wrong")]
    gone = edit(len(keys) + 1, 0, sum(len(key.text) for key in keys), "", t_ms=99)
    found = seek(Reel(open_episode("", [*keys, gone])), "WRONG")
    assert [(one.place, one.offset) for one in found] == [(len(keys), 3)]


@given(typing(max_size=30), st.text(alphabet=f"abxyz{ASTRAL}", min_size=1, max_size=3))
def test_a_place_is_found_exactly_where_an_edit_touches_the_words(
    typed: tuple[str, list[Edit], list[str]], words: str
) -> None:
    opened, edits, states = typed
    found = {one.place: one for one in seek(Reel(open_episode(opened, edits)), words)}
    for place, state in enumerate([opened, *states]):
        if place in found:
            at = found[place].offset
            assert state[at : at + len(words)].lower() == words.lower()
        elif place == 0:
            assert words.lower() not in state.lower()
        else:
            before = [opened, *states][place - 1]
            assert state.lower().count(words.lower()) <= before.lower().count(words.lower()) + 1
    if any(words.lower() in state.lower() for state in (opened, *states)):
        assert found
