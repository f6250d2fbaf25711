"""Fixtures of the hub's tests: readers are processes, started once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signoff_hub.admitting.readers import Readers

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def readers() -> Iterator[Readers]:
    made = Readers(1, memory_bytes=4 << 30, cpu_s=60, wall_s=120)
    yield made
    made.close()
