"""What the screens of a review are driven over."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.review import put_base


@pytest.fixture
def base(home: Path) -> Path:
    """A sealed day in a fresh home."""
    return put_base()
