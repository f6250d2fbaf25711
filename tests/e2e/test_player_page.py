"""The player in the page tells the story: changes, failing tests (make e2e-review)."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.review_browser import drive, need_tools
from tests.support.review_page import ServedReview
from tests.support.sign_off import run_signoff
from tests.support.told_story import (
    CHANGED_LINES,
    COUNTING,
    FAILING,
    NEEDLE,
    SAYS,
    UNLOADED,
    sealed_story,
)

pytestmark = pytest.mark.review


@pytest.fixture
def page(tmp_path: Path, compiled_engine: None, home: Path) -> Path:
    """A page that plays the story."""
    need_tools()
    story = sealed_story(tmp_path / "project")
    path = tmp_path / "page.html"
    said = run_signoff("replay", story.episode, "--html", path)
    assert said.code == 0, said.err
    return path


def test_differences_open_at_a_change_and_go_on_to_the_next(page: Path, tmp_path: Path) -> None:
    given = {"name": COUNTING.rpartition("/")[2], "lines": list(CHANGED_LINES)}
    drive("player_changes", page.as_uri(), tmp_path / "out", given)


def test_a_failing_test_is_told_by_its_name_and_its_words(page: Path, tmp_path: Path) -> None:
    given = {"name": FAILING, "says": SAYS.removeprefix("E").strip(), "unloaded": UNLOADED}
    drive("player_failing", page.as_uri(), tmp_path / "out", given)


def test_chapters_and_what_is_red_tell_the_story(page: Path, tmp_path: Path) -> None:
    given = {
        "chapters": ["Count lines right", "red → green", "count lines right", "Write down"],
        "name": FAILING.partition("::")[2],
        "says": SAYS.removeprefix("E").strip(),
        "speed": 4,
    }
    drive("player_story", page.as_uri(), tmp_path / "out", given)


def test_a_place_in_an_output_is_shown_there_from_a_search(page: Path, tmp_path: Path) -> None:
    drive("output_hit", page.as_uri(), tmp_path / "out", {"needle": NEEDLE, "isReview": False})


@pytest.mark.usefixtures("compiled_engine", "home")
def test_a_place_in_an_output_is_shown_there_from_what_is_to_check(tmp_path: Path) -> None:
    need_tools()
    story = sealed_story(tmp_path / "project")
    with ServedReview(story.episode) as review:
        given = {"needle": NEEDLE, "isReview": True}
        drive("output_hit", review.next_way().address, tmp_path / "out", given)
        assert review.end() == 0
