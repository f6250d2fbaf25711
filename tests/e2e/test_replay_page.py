"""`signoff replay --html` in a real browser without a network (make e2e-review)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.support.review_browser import ASTRAL, drive, need_tools, sealed_day
from tests.support.sign_off import run_signoff

from signoff_collector.episode.file.reader import read_episode

pytestmark = pytest.mark.review

SEED = 20260118
HOSTILE = (
    "<script>globalThis.__hit = 1</script>\n"
    "<img src=x onerror='globalThis.__hit = 2'></script><!-- <script>\n"
    "\x1b[31mred\x1b[0m \u202emoc.live\u202c zero\u200bwidth line\u2028end\u2029 tag\U000e0041\n"
    f"https://127.0.0.1:9/beacon {ASTRAL}\n"
) + "\n" * 300
NAME = f"src/<img src=x onerror=alert(1)>\u202egpj.\u2028 {ASTRAL}.py"
EPISODE = f"<!--<script>alert(1)\u2028\u202e{ASTRAL}.episode"


@pytest.mark.usefixtures("compiled_engine", "home")
def test_a_page_from_disk_plays_and_reaches_nothing(tmp_path: Path) -> None:
    need_tools()
    day = sealed_day(tmp_path / "project", SEED, more=HOSTILE, name=NAME)
    shutil.copyfile(day.episode, tmp_path / EPISODE)
    page = tmp_path / "page.html"
    episode = read_episode(day.episode)
    put = next(edit for edit in episode.edits.edits() if "onerror" in episode.files[edit.file])
    said = run_signoff("replay", tmp_path / EPISODE, "--html", page, "--from", f"step:{put.seq}")
    assert said.code == 0, said.err
    result = drive("replay_page", page.as_uri(), tmp_path / "out")
    first, played, most = (int(str(result[name])) for name in ("first", "played", "most"))
    assert first < played <= most
