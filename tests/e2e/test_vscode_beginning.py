"""The first day in a real VS Code: what is said, and how often (make e2e-vscode)."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.bridge import EMOJI
from tests.support.vscode import SCENARIOS, Account, retried

pytestmark = pytest.mark.vscode


@retried
def test_an_opt_in_is_told_right_away_and_a_day_brings_one_notification(
    account: Account, tmp_path: Path
) -> None:
    del tmp_path
    (account.project / "a.py").write_text("# a line of some length that would be missed\n" * 20)
    account.signoff("setup", "vscode", "--yes")
    said = account.drive(SCENARIOS / "beginning.mjs", given={"emoji": EMOJI})
    assert not any("program" in step.lower() for step in said["steps"])  # it was found
    assert said["loads"] == [0, 0, 0]
    assert [one.partition(":")[0] for one in said["notified"]] == ["Today"], said["notified"]
