"""An episode as chapters: tasks, tests that turned, operations of git."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.made_days.day import make_day
from hypothesis import given
from tests.support.episodes import episodes
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.upgrade import upgraded
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.levels.chapters import Chapter, chapters
from signoff_schemas.steps import GitStep

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = sorted((ROOT / "tests" / "golden").glob("version_*/*.episode"))
TEST = "tests/test_words.py::test_apostrophe"


def told() -> Episode:
    typist = Typist()
    typist.begin_task("Keep apostrophes 😀🚀")
    typist.open("words.py", "# 😀🚀\n")
    run_tests(typist, {TEST: "failed"})
    typist.type_at_end("words.py", "x = 1\n")
    typist.save("words.py")
    run_tests(typist, {TEST: "passed"})
    typist.commit("Keep them\n\nAll of them.")
    return typist.episode()


def test_a_session_is_told_as_chapters() -> None:
    episode = told()
    found = chapters(episode, Moments(episode))
    assert [(one.kind, one.title, one.outcome) for one in found] == [
        ("task", "Keep apostrophes 😀🚀", "tests green"),
        ("red_green", "red → green: test_apostrophe", "green"),
        ("git", "commit: Keep them", None),
    ]
    assert found[0].seq_first == 0
    assert found[0].seq_last == episode.step_count - 1
    assert found[1].seq_last == found[2].seq_first - 1


def test_what_stays_red_is_a_chapter_too() -> None:
    typist = Typist()
    typist.open("words.py", "# 😀🚀\n")
    run_tests(typist, {TEST: "failed", "tests/test_words.py::test_b": "failed"})
    last = run_tests(typist, {TEST: "failed"}, selection=("-k", "apostrophe"))
    (one,) = (one for one in chapters_of(typist.episode()) if one.kind == "red_green")
    assert (one.title, one.outcome) == ("still red: test_apostrophe and 1 more", "red")
    assert one.seq_last == last


def test_the_steps_of_one_operation_of_git_are_one_chapter() -> None:
    typist = Typist()
    typist.open("words.py", "# 😀🚀\n")
    for _ in range(3):
        typist.add(GitStep, operation="checkout", branch="side")
        typist.wait(300)
    typist.add(GitStep, operation="fetch")
    typist.commit("one")
    typist.commit("two")
    titles = [one.title for one in chapters_of(typist.episode()) if one.kind == "git"]
    assert titles == ["checkout: side", "commit: one", "commit: two"]


def chapters_of(episode: Episode) -> tuple[Chapter, ...]:
    return chapters(episode, Moments(episode))


def check(episode: Episode) -> None:
    found = chapters(episode, Moments(episode))
    times = episode.times() // 1_000_000
    for one in found:
        assert 0 <= one.seq_first <= one.seq_last < episode.step_count
        assert one.t_ms >= int(times[one.seq_first])
    assert [one.seq_first for one in found] == sorted(one.seq_first for one in found)
    tasks = [one for one in found if one.kind == "task"]
    bounds = [(one.seq_first, one.seq_last) for one in tasks]
    assert [first for first, _ in bounds] == [0, *(last + 1 for _, last in bounds[:-1])][
        : len(bounds)
    ]
    assert not bounds or bounds[-1][1] == episode.step_count - 1


@given(episodes())
def test_chapters_lie_inside_any_episode_and_its_tasks_cover_it(episode: Episode) -> None:
    check(episode)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_chapters_of_a_golden_file_lie_inside_it(path: Path) -> None:
    check(read_episode(upgraded(path.read_bytes())))


@pytest.mark.parametrize("seed", range(3))
def test_chapters_of_a_made_day_lie_inside_it(seed: int) -> None:
    check(make_day(seed, scale=0.02))
