"""The first minute in a real VS Code: what is said before a file is open (make e2e-vscode)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.vscode import SCENARIOS, Account, need_tools, retried

pytestmark = pytest.mark.vscode


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """An account with the extension and a project that is not recorded."""
    made = Account(folder=tmp_path, tools=need_tools()).make()
    (made.project / "a.py").write_text("a = 1\n")
    made.signoff("setup", "vscode", "--yes")
    yield made
    made.end_programs()


@retried
def test_an_opt_in_is_told_right_away_and_everywhere(account: Account, tmp_path: Path) -> None:
    del tmp_path
    said = account.drive(SCENARIOS / "beginning.mjs")
    assert not any("program" in step.lower() for step in said["steps"])  # it was found
    assert account.rows("list") == []  # no session begins before something is done
