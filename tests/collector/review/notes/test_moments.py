"""At which moments of a task a person is asked what they were thinking."""

from __future__ import annotations

import pytest
from benchmarks.made_days.known_day import known_day
from hypothesis import given, settings
from tests.support.episodes import open_episode, typing
from tests.support.random_work import work
from tests.support.repaired import PATH, repaired
from tests.support.typist import Typist

from signoff_collector.episode.content import Edit, Episode
from signoff_collector.levels.levels import levels_of
from signoff_collector.review.notes.asking_words import moment_lines, noted_words
from signoff_collector.review.notes.moments import ASKS, AskedMoment, asked_moments


def asked(episode: Episode, *, until: int | None = None) -> tuple[AskedMoment, ...]:
    last = episode.step_count if until is None else until
    return asked_moments(episode, levels_of(episode), lambda seq: seq <= last)


def test_pause_dead_end_and_fix_are_asked_about_in_order() -> None:
    typist, at = repaired(pause_ms=60_000)
    found = asked(typist.episode())
    assert [(one.kind, one.after_seq) for one in found] == [
        ("dead_end", at["dead_end"]),
        ("pause", at["pause"]),
        ("fix", at["fix"]),
    ]
    fix = found[2]
    assert (fix.path, fix.line) == (PATH, "y = right()  # 😀🚀")
    assert (found[1].path, found[1].line) == (None, "")


@pytest.mark.parametrize(("pause_ms", "away"), [(5_000, False), (60_000, True), (3_000_000, False)])
def test_a_short_pause_a_break_and_a_gap_are_no_moment(pause_ms: int, away: bool) -> None:
    typist, _ = repaired(pause_ms=pause_ms, away=away)
    assert "pause" not in {one.kind for one in asked(typist.episode())}


def test_only_moments_of_the_task_are_asked_about() -> None:
    typist, at = repaired(pause_ms=60_000)
    found = asked(typist.episode(), until=at["fix"])  # the run that passed is not in it
    assert [one.kind for one in found] == ["dead_end"]
    assert not asked(typist.episode(), until=2)


def test_work_without_tests_and_wrong_turns_is_asked_about_nothing() -> None:
    typist = Typist()
    typist.open(PATH, "# 😀🚀\n")
    typist.type_at_end(PATH, "x = 1\n")
    assert asked(typist.episode()) == ()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_moments_of_a_made_day_are_where_its_truth_says(seed: int) -> None:
    episode, truth = known_day(seed, tasks=4)
    for first, last in truth.tasks:
        found = asked_moments(
            episode,
            levels_of(episode),
            lambda seq: first <= seq <= last,  # noqa: B023
        )
        assert len(found) <= 3
        assert len({one.kind for one in found}) == len(found)
        for one in found:
            if one.kind == "dead_end":
                assert any(begin <= one.after_seq <= end for begin, end in truth.dead_ends)
            elif one.kind == "fix":
                assert any(red < one.after_seq < green for _, red, green in truth.red_green)


@settings(max_examples=30)
@given(episode=work())
def test_any_work_is_asked_about_at_three_steps_of_it_at_most(episode: Episode) -> None:
    found = asked(episode)
    assert found == asked(episode)
    assert len(found) <= 3
    assert sorted({one.after_seq for one in found}) == [one.after_seq for one in found]
    assert all(0 <= one.after_seq < episode.step_count for one in found)


@settings(max_examples=30)
@given(made=typing())
def test_any_typing_has_a_line_to_show(made: tuple[str, list[Edit], list[str]]) -> None:
    opened, edits, _ = made
    episode = open_episode(opened, edits)
    assert all(len(one.line) <= 100 for one in asked(episode))


def test_what_is_asked_in_a_terminal_plays_no_tricks() -> None:
    row: dict[str, object] = {
        "t_ns": 61 * 10**9,
        "asks": ASKS["fix"],
        "path": "a\x1b[2J.py",
        "line": "x\u202ey 😀🚀",
    }
    said = "\n".join(moment_lines(row, 1, 3))
    assert said.startswith("1 of 3, at 0:01:01: With this the test passed.")
    assert not set(said) & set("\x1b\u202e")
    assert "😀🚀" in said
    assert noted_words(0) == "no note was changed"
    assert noted_words(1).startswith("one note was")
