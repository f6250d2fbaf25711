"""A value that code writes as several literals is known as one value too."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.leaks import leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_schemas.steps import AssistStep

_SEAMS = ('" + "', '" "', "' + '", '" . "', '" .. "', '" & "', '" +\n    "')


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    length=st.integers(18, 40),
    cut=st.integers(7, 11),
    seam=st.sampled_from(_SEAMS),
    width=st.integers(6, 11),
)
def test_what_straddles_the_seam_of_joined_literals_is_masked(
    seed: int, length: int, cut: int, seam: str, width: int
) -> None:
    secret = random_secret(seed, length)
    quote = seam[0]
    typist = Typist()
    typist.open("a.py", "# 😀🚀\n")
    typist.edit("a.py", 0, 0, f"token = {quote}{secret[:cut]}{seam}{secret[cut:]}{quote}\n")
    typist.save("a.py")
    labels = [secret[at : at + width] for at in range(max(0, cut - width + 1), cut)]
    typist.add(AssistStep, path="a.py", feature="completion", provider="words", offered=labels)
    redacted = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    assert leaks_in_episode(redacted, [secret]) == []
