"""What the review page says of a recording that is damaged or went on (make e2e-review)."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.review_browser import drive, need_tools
from tests.support.review_days import odd_day, session_of_day
from tests.support.review_page import ServedReview, put_base

from signoff_collector.capture.sessions.session_folder import create_session
from signoff_collector.own_files.home import resolve_home

pytestmark = pytest.mark.review


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


@pytest.mark.usefixtures("compiled_engine", "home")
def test_a_session_that_went_on_is_said_and_can_be_reviewed(tmp_path: Path) -> None:
    base = odd_day()
    session, clock = session_of_day(resolve_home(), base, tmp_path / "project")
    clock.advance(60)
    create_session(resolve_home(), session.root, clock=clock)
    with ServedReview(base) as review:
        drive("went_on", review.next_way().address, tmp_path / "out")
        assert review.end() == 0


@pytest.mark.usefixtures("compiled_engine", "home")
def test_a_damaged_recording_is_shown_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    data = bytearray(odd_day().read_bytes())
    data[-5] ^= 0x55
    with ServedReview(put_base(bytes(data))) as review:
        drive("damaged", review.next_way().address, tmp_path / "out")
        assert review.end() == 0
