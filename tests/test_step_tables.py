"""Tables that hold kinds of steps as strings name only kinds that exist."""

from __future__ import annotations

import pytest

from signoff_collector.history.search.kinds import KINDS_WITH_TEXT as SEARCHED
from signoff_collector.replay.drawing.timeline import MARKS
from signoff_collector.replay.outputs import KINDS_ON_A_SCREEN as SHOWN_IN_FULL
from signoff_collector.replay.reel import STOPS
from signoff_collector.seal.times import last_input
from signoff_schemas.steps import STEP_MODELS


@pytest.mark.parametrize(
    "kinds",
    [
        SEARCHED,
        SHOWN_IN_FULL,
        frozenset[str]().union(*STOPS.values()),
        MARKS.keys() - {"red", "green", "failed", "problem"},
        last_input._INPUT_KINDS,
    ],
)
def test_a_table_of_kinds_names_only_kinds_that_exist(kinds: frozenset[str]) -> None:
    assert set(kinds) <= STEP_MODELS.keys()
