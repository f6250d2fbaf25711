"""Minified code beside the word `key` is no secret; a random value there is one.

A short piece may be taken for one; what counts is that no statement is, whose pieces would then be
masked all over the file.
"""

from __future__ import annotations

import random
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from signoff_collector.redaction.detectors.detectors import find_settled

PRINTABLE = string.ascii_letters + string.digits + "!#$%&*+-./:?@^_|~"
SEEDS = st.integers(0, 2**32)


def statements(draw: random.Random, count: int) -> str:
    """Return code as a minifier writes it."""

    def name() -> str:
        return "".join(draw.choices(string.ascii_letters, k=draw.randint(1, 2)))

    forms = (
        lambda: f"{name()}={name()}[{name()}]",
        lambda: f"{name()}={name()}.key",
        lambda: f"{name()}={name()}.index",
        lambda: f"{name()}?.({name()})",
        lambda: f"{name()}=({name()},{name()})=>{{let {name()}=1}}",
    )
    return ";".join(draw.choice(forms)() for _ in range(count))


@settings(deadline=None)
@given(seed=SEEDS, word=st.sampled_from(["key", "tokenKey", "Object.keys", "realToken"]))
def test_code_is_not_taken_for_the_value_of_a_key(seed: int, word: str) -> None:
    draw = random.Random(seed)  # noqa: S311  test data
    code = statements(draw, 12)
    line = f"var n=e.{word},f=e[0];n=f.key,s=f,l=f.key;{code};let r=1"
    assert all(hit.end - hit.start <= 16 for hit in find_settled(line) if hit.rule == "assignment")


@settings(deadline=None)
@given(seed=SEEDS, name=st.sampled_from(["token", "API_KEY", "secret"]))
def test_a_random_value_with_signs_is_still_found(seed: int, name: str) -> None:
    draw = random.Random(seed)  # noqa: S311  test data
    value = "".join(draw.choices(string.ascii_letters, k=4) + draw.choices(PRINTABLE, k=36))
    line = f'{name} = "{value}"'
    assert any(line[hit.start : hit.end] in value for hit in find_settled(line))
