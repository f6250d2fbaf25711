"""What were you thinking here? Asked and answered in a real browser (make e2e-review)."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.leaks import leaks_in_bytes, random_secret
from tests.support.repaired import repaired_base
from tests.support.review_browser import ASTRAL, drive, need_tools
from tests.support.review_page import ServedReview, open_page

from signoff_collector.episode.file.reader import read_episode
from signoff_schemas.steps import NoteStep

pytestmark = pytest.mark.review


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


@pytest.mark.usefixtures("compiled_engine", "home")
def test_moments_are_answered_by_keys_alone_and_a_secret_in_an_answer_is_masked(
    tmp_path: Path,
) -> None:
    token = random_secret(96, 36)
    said = f"it was the order {ASTRAL}, not ghp_{token}"
    with ServedReview(repaired_base()) as review:
        found = drive("thinking", review.next_way().address, tmp_path / "out", {"said": said})
        client, _ = open_page(review.press_enter())
        shared = client.get("/api/keeps/0/preview").body
        assert review.end() == 0
    assert found == {
        "kinds": ["dead_end", "pause", "fix"],
        "focus": [0, 1, 2],
        "kept": ["", said, ""],
        "isWithin": True,
    }
    (note,) = [step for step in read_episode(shared).steps if isinstance(step, NoteStep)]
    assert note.stated == "review"
    assert note.text.startswith(f"it was the order {ASTRAL}, not REDACTED_")
    assert leaks_in_bytes(shared, [token]) == []
