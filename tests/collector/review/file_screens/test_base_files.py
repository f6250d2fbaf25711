"""The base tree is taken along and narrowed at the terminal, by keys alone."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.base_tree import record
from tests.support.review import Screens, at_screens, review_of

from signoff_collector.review.plan.plan_store import PlanStore


def test_the_base_tree_is_taken_along_and_a_file_of_it_left_here(
    compiled_engine: None, tmp_path: Path
) -> None:
    recorded = record(tmp_path / "project", {".env": "TOKEN=1\n"})

    async def person(screens: Screens) -> None:
        await screens.wait_for("[ ]")
        await screens.press("2", "t", "end")
        await screens.wait_for("share the files of the base commit too")
        await screens.press("enter")
        await screens.wait_for("nothing is included yet")
        await screens.press("1", "enter")
        await screens.wait_for("[included]")
        await screens.press("2", "t", "end", "enter")
        await screens.wait_for("6 of 7 files of the base commit are included", "[along] base file")
        await screens.press("end", "enter")
        await screens.wait_for("left out")
        await screens.press("2")
        await screens.wait_for("5 files of the base commit")
        await screens.press("4")
        await screens.wait_for("base tree  5 files, ", "; 2 stay")

    at_screens(recorded.base.path, person)
    plan = PlanStore(recorded.home, recorded.base.sha256).load().plan
    assert plan.with_base is not None
    assert plan.with_base.leave_out == (5,)


def test_why_no_base_tree_can_be_read_is_said(compiled_engine: None, tmp_path: Path) -> None:
    recorded = record(tmp_path / "project")
    shutil.rmtree(recorded.work.root / ".git")
    recorded.work.git("init", "-q")

    async def person(screens: Screens) -> None:
        await screens.wait_for("[ ]")
        await screens.press("1", "enter")
        await screens.wait_for("[included]")
        await screens.press("2", "t", "end", "enter")
        await screens.wait_for("the repository does not have the base commit")

    at_screens(recorded.base.path, person)


def test_how_far_it_is_looked_through_is_told(compiled_engine: None, tmp_path: Path) -> None:
    recorded = record(tmp_path / "project")
    told: list[str] = []
    with review_of(recorded.base.path, recorded.home) as app:
        app.desk.read_base_tree(told.append)
        assert app.desk.previews.tree == recorded.tree()
    assert told[0] == "reading the commit"
    assert told[-1] == "0 of 6 files are checked"
