"""A disk that folds names, mounted once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.folding_disk import folding_disk


@pytest.fixture(scope="session")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with folding_disk(tmp_path_factory.mktemp("folding")) as mount:
        yield mount


@pytest.fixture
def disk(mounted: Path, request: pytest.FixtureRequest) -> Path:
    """Return a folder of its own for a test, on the disk that folds names."""
    number = len(list(mounted.iterdir()))
    folder = mounted / f"Place{number}-{request.node.originalname[:20]}"
    folder.mkdir()
    return folder
