"""Every screen of the page in every size, in both themes, with axe (make e2e-review)."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest
from tests.support.review_browser import ASTRAL, codename, drive, need_tools, sealed_day
from tests.support.review_page import ServedReview
from tests.support.sign_off import run_signoff

from signoff_collector.episode.file.reader import read_episode

pytestmark = pytest.mark.review

SEED = 20260119
PICTURES = os.environ.get("SIGNOFF_SIZE_PICTURES")
"""A folder that keeps a picture of every screen, to be looked at."""
LONG_TITLE = (
    f"Count words right {ASTRAL} where blanks, tabs and line ends part them, as the reports of the "
    "week asked for, in https://tracker.example.org/" + "words/" * 20
)
"""Longer than any screen is wide, with a piece in which no line can be broken."""


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


def _given(episode: Path, project: str | None) -> dict[str, object]:
    """Return what every screen has to say of an episode, by its header."""
    header = read_episode(episode).header
    assert header.started_wall_ns is not None
    start = datetime.fromtimestamp(header.started_wall_ns // 10**9).astimezone()
    return {
        "origin": [project or header.workspace, f"{start:%Y-%m-%d}", f"{start:%H:%M}-"],
        "clock": f"{start:%H}:",
        "pictures": PICTURES,
    }


@pytest.mark.usefixtures("compiled_engine", "home")
def test_every_screen_of_the_review_fits_every_size(tmp_path: Path) -> None:
    day = sealed_day(tmp_path / "project", SEED, title=LONG_TITLE)
    store = tmp_path / "store"
    store.mkdir()
    given = {**_given(day.episode, "project"), "store": f"file://{store}"}
    with ServedReview(day.episode) as review:
        result = drive("every_size", review.next_way().address, tmp_path / "out", given)
        assert review.end() == 0
    assert result == {"faults": [], "looked": 128}


@pytest.mark.usefixtures("compiled_engine", "home")
def test_every_screen_of_a_page_from_disk_fits_every_size(tmp_path: Path) -> None:
    """And such a page can be passed on: it names neither the folder nor the file it came from."""
    name = codename(SEED + 1)
    day = sealed_day(tmp_path / name, SEED, title=LONG_TITLE)
    episode = tmp_path / f"{name}.episode"
    episode.write_bytes(day.episode.read_bytes())
    page = tmp_path / "page.html"
    said = run_signoff("replay", episode, "--html", page)
    assert said.code == 0, said.err
    assert name not in page.read_text("utf-8") + repr(read_episode(episode).header)
    given = _given(episode, None)
    result = drive("every_size_replay", page.as_uri(), tmp_path / "out", given)
    assert result["faults"] == []
    assert result["looked"] == 48
    assert all(words in str(result["title"]) for words in given["origin"])  # type: ignore[attr-defined]
    assert name not in str(result)
