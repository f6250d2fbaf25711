"""The page `docs/first_minutes.md` is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.deadline import deadline
from tests.support.editors import need, neovim_program

pytestmark = pytest.mark.editors
ROOT = Path(__file__).resolve().parents[2]


def test_the_first_minutes_go_as_the_page_says(tmp_path: Path) -> None:
    need(neovim_program(), "Neovim 0.10 or newer")
    done = subprocess.run(
        [sys.executable, "-I", ROOT / "examples" / "first_minutes.py", "--write", tmp_path / "new"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=deadline() * 8,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    old, new = (
        path.read_text("utf-8") for path in (ROOT / "docs" / "first_minutes.md", tmp_path / "new")
    )
    assert _outline(new) == _outline(old)
    assert "It works: Neovim" in new


def _outline(page: str) -> list[str]:
    """The commands, the headings of differences, what a person answered."""
    kinds = (r"\$ .*", r" *(?:---|\+\+\+) .*", r".*\[[yYnN]/[yYnN]\] .*", r"## .*")
    return re.findall(rf"^(?:{'|'.join(kinds)})$", page, re.MULTILINE)
