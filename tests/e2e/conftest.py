"""Whole ways are gone with verbs that are started afresh, as a person's shell starts them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import verbs
from tests.support.vscode import Account, need_tools


@pytest.fixture(autouse=True)
def started_verbs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start Python for every verb."""
    monkeypatch.setattr(verbs, "is_forked", False)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """A fresh account with an empty project under git, for a real VS Code."""
    made = Account(folder=tmp_path, tools=need_tools()).make()
    yield made
    made.end_programs()
