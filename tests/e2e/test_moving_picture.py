"""The README's moving picture: light, closed in itself, and true, since a real session makes it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.support.deadline import deadline

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples" / "moving_picture.py"
SVG = "{http://www.w3.org/2000/svg}"
STORY = ("def top(", "git reset --hard", "+def top(", "1 failed", "2 passed", "red→green")


def screens(picture: Path) -> list[str]:
    """Return the text of each screen, from top to bottom."""
    root = ET.fromstring(picture.read_text("utf-8"))  # noqa: S314  our own file
    rows = {
        f"#{row.get('id')}": "".join(text.text or "" for text in row.iter(f"{SVG}text"))
        for row in root.findall(f"{SVG}defs/{SVG}g")
    }
    strip = next(group for group in root.iter(f"{SVG}g") if group.get("id") == "strip")
    return [
        "\n".join(rows[str(use.get("href"))] for use in screen.iter(f"{SVG}use"))
        for screen in strip
    ]


def tells_the_story(picture: Path) -> None:
    shown = iter(screens(picture))
    for words in STORY:
        assert any(words in screen for screen in shown), f"{words} does not come, or too early"


def test_the_picture_tells_the_story_and_needs_nothing_else() -> None:
    picture = ROOT / "docs" / "lost_and_found.svg"
    text = picture.read_text("utf-8")
    assert len(text.encode()) < 1_000_000
    assert not re.findall(r"<script|<foreignObject|<image|@import|url\(|on\w+=", text)
    assert set(re.findall(r'href="(.)', text)) == {"#"}
    assert set(re.findall(r"https?://[^\"]+", text)) == {"http://www.w3.org/2000/svg"}
    seconds = float(re.findall(r"animation:play ([\d.]+)s", text)[0])
    assert 12 < seconds < 18
    assert "prefers-reduced-motion" in text
    tells_the_story(picture)
    assert str(Path.home()) not in text
    readme = (ROOT / "README.md").read_text("utf-8")
    assert readme.index("docs/lost_and_found.svg") < readme.index("## ")


@pytest.mark.editors
def test_a_real_session_makes_the_picture(tmp_path: Path) -> None:
    picture = tmp_path / "picture.svg"
    done = subprocess.run(
        [sys.executable, "-I", SCRIPT, picture],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=4 * deadline(),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    tells_the_story(picture)
