"""The history of a file in a real VS Code: looked at, put back, found (make e2e-vscode)."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.bridge import EMOJI
from tests.support.vscode import SCENARIOS, Account, retried

pytestmark = pytest.mark.vscode


@retried
def test_lost_text_comes_back_into_the_editor_and_old_states_are_not_recorded(
    account: Account, tmp_path: Path
) -> None:
    del tmp_path
    (account.project / "count.py").write_text("def count(items):\n    return 0\n")
    account.run("git", "add", ".")
    account.run("git", "commit", "-qm", "begin")
    account.signoff("enable", "--yes", "--owner", "mine")
    account.signoff("setup", "vscode", "--yes")
    result = account.drive(SCENARIOS / "history.mjs", given={"emoji": EMOJI})
    assert result["journals"]
    assert not any(result["journals"])
    # What was put back is nobody's anew: its characters count apart from those that were typed.
    saved = (account.project / "count.py").read_text("utf-8")
    (day,) = account.rows("today")
    assert day["restored"] == len(saved)
    assert day["authors"] == {"typed": len(f"# kept {EMOJI}"), "redo": len(saved)}
