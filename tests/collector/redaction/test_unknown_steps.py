"""Kinds and fields that this release does not know: every leaf is masked, or the step is a gap."""

from __future__ import annotations

import io

import msgpack
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_schemas.steps import GapStep, UnknownStep

SECRET = random_secret(51, 24)
NUMBER = 40128889  # of an exact value below, which is all digits


def _redacted(**fields: object) -> Episode:
    typist = Typist()
    typist.open("a.py", "x = 1\n😀🚀\n")
    typist.add(UnknownStep, **({"kind": "hologram"} | fields))
    typist.type_at_end("a.py", "y = 2\n")
    policy = RedactionPolicy(exact_values=of_values([SECRET, str(NUMBER)]))
    return Redactor(policy).redact_episode(typist.episode())


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        ["a", [SECRET]],
        {"deep": [{"er": f"x {SECRET} 😀🚀"}], "n": 3, "none": None, "yes": True},
    ],
)
def test_every_string_leaf_of_an_unknown_kind_is_masked(value: object) -> None:
    redacted = _redacted(payload=value)
    (step,) = (one for one in redacted.steps if isinstance(one, UnknownStep))
    assert "REDACTED_SECRET_1" in str(step.model_extra)
    assert leaks_in_episode(redacted, [SECRET]) == []
    assert leaks_in_bytes(write_episode(redacted), [SECRET]) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"payload": SECRET.encode()},
        {"payload": {SECRET: 1}},
        {SECRET: 1},
        {"payload": {1: "x"}},
        {"payload": [NUMBER]},
        {"kind": SECRET},
        {"source": SECRET},
    ],
    ids=["bytes", "a name", "a field", "a number as name", "a number", "the kind", "the source"],
)
def test_an_unknown_step_that_cannot_be_masked_becomes_a_gap(fields: dict[str, object]) -> None:
    redacted = _redacted(**fields)
    assert not any(isinstance(one, UnknownStep) for one in redacted.steps)
    assert [one.reason for one in redacted.steps if isinstance(one, GapStep)] == ["redacted"]
    assert leaks_in_episode(redacted, [SECRET]) == []
    assert [one.seq for one in redacted.ordered()] == list(range(redacted.header.steps))


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**40), 2**40), st.floats(allow_nan=False),
    st.text(max_size=12), st.binary(max_size=8), st.just(SECRET), st.just(f"q {SECRET[:9]} 😀🚀"),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8) | st.just(SECRET), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_no_unknown_field_whatever_it_holds_shows_a_secret(value: object) -> None:
    data = write_episode(_redacted(payload=value))
    assert leaks_in_bytes(data, [SECRET]) == []
    with zstandard.ZstdDecompressor().stream_reader(
        io.BytesIO(data), read_across_frames=True
    ) as reader:
        frames = list(msgpack.Unpacker(reader, strict_map_key=False))
    assert frames[0][0] == "parts"
