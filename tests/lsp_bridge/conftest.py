"""Fixtures of the bridge's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.bridge import enable


@pytest.fixture
def workspace(tmp_path: Path, home: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    return folder
