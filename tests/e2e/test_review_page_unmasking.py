"""Unmasking on the review page: what it shows again is named before (make e2e-review)."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.history import ended_session
from tests.support.leaks import random_secret
from tests.support.review_browser import ASTRAL, drive, need_tools, sealed_day
from tests.support.review_page import ServedReview
from tests.support.seal_journals import Journal

from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.review

SEED = 20260201


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


@pytest.mark.usefixtures("compiled_engine")
def test_unmasking_asks_twice_and_the_plan_goes_on(tmp_path: Path, home: Path) -> None:
    day = sealed_day(tmp_path / "project", SEED)
    with ServedReview(day.episode) as review:
        given = {"secret": day.secret}
        result = drive("unmasks", review.next_way().address, tmp_path / "out", given)
        assert review.end() == 0
    assert (result["focused"], result["asked"]) == ("Leave it masked", 0)
    assert "1 value in 1 place" in str(result["question"])
    assert "src/client.py" in str(result["question"])
    assert day.secret not in str(result["question"])
    drafts = [path for path in (home / "state" / "reviews").iterdir() if path.suffix == ".draft"]
    assert drafts
    assert not [path.name for path in drafts if day.secret.encode() in path.read_bytes()]


@pytest.mark.usefixtures("compiled_engine", "home")
def test_a_value_that_the_machine_knows_is_asked_for_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = random_secret(SEED, 32)
    monkeypatch.setenv("SERVICE_TOKEN", value)
    root = tmp_path / "project"
    journal = Journal(root=root)
    journal.open("app.py", f"# {ASTRAL}\n")
    journal.change("app.py", (1, 0), (1, 0), f'key = "{value}"\n')
    journal.save("app.py", f'# {ASTRAL}\nkey = "{value}"\n')
    sealed = seal_session(ended_session(root, journal), resolve_home(), SystemClock())
    with ServedReview(sealed.path) as review:
        given = {"secret": value}
        result = drive("unmasks_exact", review.next_way().address, tmp_path / "out", given)
        assert review.end() == 0
    assert result["focused"] == "Leave it masked"
    assert value not in str(result["warned"])
