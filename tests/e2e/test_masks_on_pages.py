"""Masks are chips in the page of a review and of a replay; what only looks like one is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.review_browser import ASTRAL, drive, need_tools
from tests.support.review_page import ServedReview, put_base
from tests.support.sign_off import run_signoff
from tests.support.typist import Typist

from signoff_collector.episode.file.writer import write_episode
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor

pytestmark = pytest.mark.review

HOST = "build01.corp.example.com"
GIVEN = {
    "mask": "REDACTED_HOST_2",
    "typed": "REDACTED_HOST_1",
    "words": "name of a computer (it has the form of one)",
}


def made_episode() -> Path:
    """Return a sealed episode with a mask, and with text that was typed to look like one."""
    typist = Typist()
    old = f"address = '{HOST}'  # REDACTED_HOST_1 {ASTRAL}\n"
    typist.open("a.py", old)
    typist.begin_task("mend the address")
    typist.edit("a.py", 0, len(old), "")
    typist.type_at_end("a.py", f"new_address = '{HOST}'  # REDACTED_HOST_1\n")
    typist.save("a.py")
    typist.command(["make", HOST, "REDACTED_HOST_1"], f"address {HOST} REDACTED_HOST_1\n")
    episode = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    return put_base(write_episode(episode))


@pytest.mark.usefixtures("compiled_engine", "home")
def test_masks_are_chips_on_every_screen_of_a_review(tmp_path: Path) -> None:
    need_tools()
    with ServedReview(made_episode()) as review:
        drive("masks", review.next_way().address, tmp_path / "out", GIVEN)
        assert review.end() == 0


@pytest.mark.usefixtures("compiled_engine", "home")
def test_masks_are_chips_in_a_replay_page(tmp_path: Path) -> None:
    need_tools()
    page = tmp_path / "page.html"
    said = run_signoff("replay", made_episode(), "--html", page)
    assert said.code == 0, said.err
    drive("masks", page.as_uri(), tmp_path / "out", GIVEN | {"isReplay": True})
