"""Random days: `find`, `restore`, `checkout`, `today` and `replay` tell nothing but the truth.

docs/random_days.md says what is modelled and how to live through more days by hand.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.days.deeds import Deed, deeds, drawn
from tests.days.living import live, shortened

pytestmark = pytest.mark.slow

_DAYS = 20


def _live_from(folder: Path, first: int) -> None:
    """Live through days whose seeds follow each other; tell of the first bad one, made short."""
    for seed in range(first, first + _DAYS):
        has_git, todo = drawn(seed)
        found, log = live(folder, todo, has_git=has_git, is_sealed=seed % 4 == 0)
        if found:
            left = shortened(folder, todo, found[0].kind, has_git=has_git, is_sealed=seed % 4 == 0)
            _, short = live(folder, left, has_git=has_git, is_sealed=seed % 4 == 0)
            lines = [f"seed {seed}: `make days DAYS=1 SEED={seed}`", *log]
            lines += ["without what is not needed:", *short, *map(str, left), f"{has_git=}"]
            pytest.fail("\n".join(lines))


@pytest.mark.parametrize("first", range(0, 160, _DAYS))
def test_no_verb_lies_on_a_day_that_is_the_same_each_time(first: int, tmp_path: Path) -> None:
    _live_from(tmp_path / "day", first)


@pytest.mark.parametrize("_which", range(1))
def test_no_verb_lies_on_a_day_that_nobody_has_lived_before(_which: int, tmp_path: Path) -> None:
    first = secrets.randbelow(1 << 40)
    print(f"days from seed {first}")  # noqa: T201  shown with a failure
    _live_from(tmp_path / "day", first)


def test_no_verb_lies_on_days_that_hypothesis_makes(tmp_path: Path) -> None:
    @settings(max_examples=_DAYS)
    @given(st.booleans(), deeds())
    def check(has_git: bool, todo: tuple[Deed, ...]) -> None:
        found, log = live(tmp_path / "day", todo, has_git=has_git)
        assert not found, "\n".join(log)

    check()
