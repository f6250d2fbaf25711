"""The lists of an instance: found by running alone, five times before and five after."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.stated_task import ASTRAL, GREEN, RED, STATEMENT, StatedTask

from signoff_datasets.exports.swebench.shutting_in import Cell
from signoff_datasets.exports.swebench.task_repository import Made, Source, make_instances
from signoff_datasets.exports.swebench.verifying import agreed

pytestmark = pytest.mark.slow

SHA = "ab" * 32


def made(task: StatedTask, *, runs: int = 1) -> Made:
    source = Source(repository=task.tree.root)
    return make_instances(
        task.episode(), SHA, source, cell=Cell.of(Path(sys.executable)), runs=runs
    )


def test_what_turned_what_stayed_and_what_wavers(tmp_path: Path) -> None:
    wavering = (
        "\n\n@__import__('pytest').mark.parametrize('number', range(12))\n"
        "def test_wavers(number):\n    import time\n\n    assert time.monotonic_ns() // 1000 % 2\n"
        "\n\n@__import__('pytest').mark.parametrize('word', ['a b'])\n"
        "def test_spaced(word):\n    pass\n"
    )
    task = StatedTask.begin(tmp_path / "gauge")
    path = task.tree.root / "tests" / "test_shop.py"
    path.write_text(path.read_text("utf-8") + wavering, "utf-8")
    task.tree.git("commit", "-qam", "Wavering")
    task.base = task.tree.head
    (one,) = made(task.all(), runs=5).verified
    assert one.lists is not None
    assert RED in one.lists.fail_to_pass
    assert all("wavers" in name for name in one.lists.flaky)
    assert one.lists.flaky
    assert GREEN in one.lists.pass_to_pass
    assert set(one.lists.cut) == {"tests/test_shop.py::test_spaced[a"}
    assert not {name for name in one.lists.pass_to_pass if "spaced" in name}
    assert one.lists.walls == Cell.of(Path(sys.executable)).walls
    assert one.candidate.task.statement == STATEMENT
    assert ASTRAL in one.candidate.task.statement
    row = one.row()
    assert RED in row["FAIL_TO_PASS"]
    assert "test_discount" not in row["patch"]
    assert "test_discount" in row["test_patch"]
    assert row["base_commit"] == task.base


def test_no_test_that_turned_is_refused(tmp_path: Path) -> None:
    task = StatedTask.begin(tmp_path / "gauge")
    task.state()
    task.open()
    task.write_test("\n\ndef test_discount():\n    assert total([3], 0) == 3\n")
    task.fix()
    assert made(task).left_out() == {"no_fail_to_pass": 1}


def test_a_base_that_does_not_collect_is_refused(tmp_path: Path) -> None:
    task = StatedTask.begin(tmp_path / "gauge", tests="from nowhere import nothing\n")
    assert made(task.all()).left_out() == {"base_fails": 1}


def test_a_run_that_takes_too_long_is_stopped_and_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = StatedTask.begin(tmp_path / "gauge")
    task.state()
    task.open()
    task.write_test("\n\ndef test_discount():\n    import time\n\n    time.sleep(1000)\n")
    task.fix()
    monkeypatch.setattr(
        "signoff_datasets.exports.swebench.verifying.verified.__kwdefaults__",
        {"runs": 1, "timeout_s": 4.0, "told": lambda _: None},
    )
    (refused,) = made(task).refused
    assert refused.reason == "stopped"
    assert "took too long" in refused.said


OUTCOME = st.sampled_from(["PASSED", "FAILED", "ERROR", "SKIPPED", ""])


@given(st.lists(OUTCOME, min_size=5, max_size=5), st.lists(OUTCOME, min_size=5, max_size=5))
def test_a_test_is_of_at_most_one_list_and_only_if_all_runs_agree(
    before: list[str], after: list[str]
) -> None:
    told = [[{"t": one} if one else {} for one in side] for side in (before, after)]
    lists = agreed(told[0], told[1], frozenset(), {})
    assert ("t" in lists.fail_to_pass) == (
        set(after) == {"PASSED"} and {"PASSED", "SKIPPED"}.isdisjoint(before)
    )
    assert ("t" in lists.pass_to_pass) == ({*before, *after} == {"PASSED"})
    named = (lists.fail_to_pass, lists.pass_to_pass, lists.flaky)
    assert sum("t" in one for one in named) <= 1
    is_steady = len(set(before)) == len(set(after)) == 1
    assert not (is_steady and lists.flaky)
