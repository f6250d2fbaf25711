"""Whole ways are gone with verbs that are started afresh, as a person's shell starts them."""

from __future__ import annotations

import pytest
from tests.support import verbs


@pytest.fixture(autouse=True)
def started_verbs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start Python for every verb."""
    monkeypatch.setattr(verbs, "is_forked", False)
