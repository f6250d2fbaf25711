"""A window of a real VS Code is loaded anew; then scripts write what it had open."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.bridge import EMOJI
from tests.support.vscode import SCENARIOS, Account, retried

pytestmark = pytest.mark.vscode


@retried
def test_a_window_that_is_loaded_anew_hides_nothing(account: Account, tmp_path: Path) -> None:
    del tmp_path
    for name in ("a.py", "b.py", "c.py", "never.py"):
        (account.project / name).write_text(f"# {name}\n")
    account.run("git", "add", ".")
    account.run("git", "commit", "-qm", "begin")
    account.signoff("enable", "--yes", "--owner", "mine")
    account.signoff("setup", "vscode", "--yes")
    said = account.drive(SCENARIOS / "reload.mjs", given={"emoji": EMOJI})
    assert said["reloaded"]["unsaved"] == []
    assert said["written"]["unsaved"] == []
    assert said["written"]["found"] == [["a.py", False], ["never.py", False]]
    assert said["unsaved"] == {"unsaved": ["b.py"], "found": [["b.py", False]]}
    # The window is closed, the editor ended: VS Code keeps the text for its next start. It hides
    # nothing here.
    (account.project / "b.py").write_text("quokka = 3\n")
    assert [row["deleted"] for row in account.rows("find", "wombat")] == [True]
    assert not any(row["unsaved"] for row in account.rows("today"))
    whys = [row["why"] for row in account.rows("restore", "b.py", "--all")]
    assert "before the editor was quit without saving" in whys
