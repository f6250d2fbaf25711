"""How much it takes from opening the page to a signature, counted in a real browser (e2e-review).

Run with `-s` to read the counts; docs/review.md has them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.editors import need, neovim_program
from tests.support.review_browser import drive, need_tools, sealed_day
from tests.support.review_page import ServedReview

pytestmark = pytest.mark.review

ROOT = Path(__file__).resolve().parents[2]
SEED = 20260121
DEMO_S = 400


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


def counted(episode: Path, folder: Path, home: Path | None = None) -> dict[str, int]:
    """Go the way once; return how many acts and decisions it took."""
    store = folder / "store"
    store.mkdir(parents=True)
    env = None if home is None else {"SIGNOFF_HOME": str(home)}
    given = {"store": store.as_uri()}
    with ServedReview(episode, env=env) as review:
        way = review.next_way().address
        result = drive("to_a_signature", way, folder / "out", given)
        assert review.end() == 0
    acts = result["acts"]
    assert isinstance(acts, list)
    assert Path(str(result["statement"])).exists()
    found = {"acts": len(acts), "decisions": int(str(result["decisions"]))}
    print(f"{folder.name}: {found}: {', '.join(acts)}")  # noqa: T201
    return found


@pytest.mark.usefixtures("compiled_engine", "home")
def test_a_made_day_is_signed_in_few_acts(tmp_path: Path) -> None:
    day = sealed_day(tmp_path / "project", SEED)
    quick = counted(day.episode, tmp_path / "made")
    assert quick["decisions"] <= 6
    assert quick["acts"] <= 10 + quick["decisions"]


def test_a_real_day_in_neovim_git_and_pytest_is_signed_in_few_acts(tmp_path: Path) -> None:
    need(neovim_program(), "Neovim 0.10 or newer")
    folder = tmp_path / "day"
    argv = [sys.executable, "-I", ROOT / "examples" / "demo.py", "--editor", "neovim"]
    done = subprocess.run(
        [*argv, "--folder", folder, "--until", "sealed"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEMO_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    home = folder / "signoff-home"
    (episode,) = (home / "data" / "episodes").glob("*.episode")
    found = counted(episode, tmp_path / "real", home)
    assert found["decisions"] <= 6
    assert found["acts"] <= 10 + found["decisions"]
