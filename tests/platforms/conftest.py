"""What tests of this folder share: a disk that folds names, a Mac's Python, a Windows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.fake_mac import FakeMac
from tests.support.folding_disk import folding_disk
from tests.support.windows import Windows, place, windows


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


@pytest.fixture(scope="session")
def mac(tmp_path_factory: pytest.TempPathFactory) -> FakeMac:
    try:
        return FakeMac.make(tmp_path_factory.mktemp("mac"))
    except LookupError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def system() -> Windows:
    found = place()
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Windows under Wine, and CI must have it (.ci/wine.sh)")
        pytest.skip("no Windows under Wine (.ci/wine.sh makes it)")
    return windows(found)
