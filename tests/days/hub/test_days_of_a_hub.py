"""Random days of a whole hub: whatever it tells is what a plain model says.

`SIGNOFF_HUB_DAYS=500 SIGNOFF_HUB_DAYS_FROM=1 SIGNOFF_HUB_DEEDS=40` lives through as many, from
that seed on, with as many deeds a day.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

import pytest
from tests.days.hub.living import live
from tests.support.hubs import DATABASE, STORE

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1_200),  # a day is long, and nothing in it waits for a person
    pytest.mark.skipif(bool(DATABASE or STORE), reason="it takes files away, and searches them"),
]
_DEEDS = int(os.environ.get("SIGNOFF_HUB_DEEDS", "12"))


@pytest.fixture(autouse=True)
def small_pages() -> Iterator[None]:
    """Have pages of two lines, so that even a small feed has several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("signoff_hub.withdrawing.feed.MAX_ENTRIES", 2)
        yield


@pytest.mark.parametrize("seed", range(4))
def test_on_days_that_are_the_same_each_time_a_hub_does_not_lie(seed: int) -> None:
    live(seed, _DEEDS)


def test_on_days_that_nobody_has_lived_before_a_hub_does_not_lie() -> None:
    first = int(os.environ.get("SIGNOFF_HUB_DAYS_FROM") or secrets.randbelow(1 << 40))
    print(f"days of a hub from seed {first}")  # noqa: T201  shown with a failure
    for seed in range(first, first + int(os.environ.get("SIGNOFF_HUB_DAYS", "2"))):
        live(seed, _DEEDS)
