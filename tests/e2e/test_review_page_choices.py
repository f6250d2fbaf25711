"""What is parted, cut and ticked on the review page, in a real browser (make e2e-review)."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.leaks import leaks_in_bytes
from tests.support.review_browser import drive, need_tools
from tests.support.review_days import OVERLAY, PAUSED, SEEN, UNSEEN_LINE, WORKED, odd_day
from tests.support.review_page import ServedReview, open_page

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.moments.moments import Moments

pytestmark = pytest.mark.review


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


@pytest.mark.usefixtures("compiled_engine", "home")
def test_tasks_are_parted_and_joined_and_stay_so_when_the_page_is_opened_again(
    tmp_path: Path,
) -> None:
    with ServedReview(odd_day()) as review:
        first = drive("parts", review.next_way().address, tmp_path / "first")
        again = drive("parted", review.press_enter().address, tmp_path / "second")
        assert review.end() == 0
    assert first == {"before": 2, "parted": 3, "undone": 2, "joined": 1}
    assert again == {"rows": 1}


@pytest.mark.usefixtures("compiled_engine", "home")
def test_files_and_kinds_are_cut_and_what_was_held_back_is_ticked(tmp_path: Path) -> None:
    given = {"overlay": OVERLAY, "paused": PAUSED, "seen": SEEN, "worked": WORKED}
    with ServedReview(odd_day()) as review:
        way = review.next_way()
        drive("cuts_and_ticks", way.address, tmp_path / "out", given)
        client, _ = open_page(review.press_enter())
        shared = client.get("/api/keeps/0/preview").body
        assert review.end() == 0
    episode = read_episode(shared)
    kinds = {step.kind for step in episode.steps}
    assert "view" not in kinds
    assert leaks_in_bytes(shared, ["def count", WORKED]) == []
    last = Moments(episode)
    assert UNSEEN_LINE in str(last.disk(SEEN, episode.step_count))
    assert "written in a pause" in str(last.disk(PAUSED, episode.step_count))
    assert "plans" in str(last.disk(OVERLAY, episode.step_count))
