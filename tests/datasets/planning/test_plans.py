"""Where no episode is left, the hint is of the reason that something can be done about."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.support.datasets import request
from tests.support.datasets_built import SALT

from signoff_datasets.planning.choosing import Chosen
from signoff_datasets.planning.plans import draw
from signoff_schemas.errors import RefusedError


@pytest.mark.parametrize(
    ("left_out", "hint"),
    [
        ({"fewer-than-k": 3}, "`--k 1`"),
        ({"licence-unnamed": 3, "purpose": 1}, "`--licences any`"),
        ({"repository-licence-unnamed": 2}, "`--licences any`"),
        ({"imported": 9, "fewer-than-k": 1}, "`--k 1`"),
        ({"imported": 9}, "can never be signed"),
        ({"damaged": 1}, "docs/datasets.md"),
        ({}, "docs/datasets.md"),
    ],
)
def test_the_hint_is_of_the_most_frequent_reason(left_out: dict[str, int], hint: str) -> None:
    chosen = Chosen(left_out=Counter(left_out))
    with pytest.raises(RefusedError) as found:
        draw("made", chosen, request(), salt=SALT, versions={})
    assert hint in str(found.value.hint)
