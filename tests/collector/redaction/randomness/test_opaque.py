"""No random token stays because of its length, its neighbours or a word beside it."""

from __future__ import annotations

import random
import string
import uuid

from hypothesis import example, given
from hypothesis import strategies as st

from signoff_collector.redaction.detectors.detectors import find_settled
from signoff_collector.redaction.randomness.novel import asked_in
from signoff_collector.redaction.randomness.opaque import is_random
from signoff_collector.redaction.randomness.public_data import is_public_data

HEXADECIMAL = "0123456789abcdef"
ALPHABETS = (
    HEXADECIMAL, HEXADECIMAL.upper(), string.ascii_letters + string.digits,
    string.ascii_letters + string.digits + "+/", string.ascii_letters + string.digits + "-_",
    string.ascii_lowercase + string.digits, string.ascii_uppercase + "234567",
)  # fmt: skip
BESIDE = (
    "{}", "  {}", "+{}", "-{}", "> {}", '    "{}",', "('{}')", 'x = "{}"', "expected = '{}'",
    "assert '{}' == other", "nonce={}", "version: {}", "index {}", "hash {}", "| {} | ok |",
    "https://example.org/a/{}", "at 0x{}", "digest: {}", "chunk {} of it", '"refresh": "{}"',
    "...{}", "trace[{}]", "uuid {}", "checksum={}",
)  # fmt: skip
"""Lines around a token; each of them once made it look harmless."""
WINDOW = 6


@st.composite
def tokens(draw: st.DrawFn, least: int, most: int) -> str:
    """Draw a token, each character by itself, as a generator of secrets does."""
    alphabet = draw(st.sampled_from(ALPHABETS))
    length = draw(st.integers(least, most) | st.sampled_from([43, 44, 60, 64, 72, 76, 80, 86, 88]))
    source = draw(st.randoms(use_true_random=False))
    token = "".join(source.choices(alphabet, k=max(least, length)))
    return token if token[0].isalnum() and token[-1].isalnum() else f"a{token}1"


def left_of(line: str, token: str) -> list[str]:
    """Return the pieces of a token that no mask covers."""
    shown = list(line)
    for hit in find_settled(line):
        shown[hit.start : hit.end] = "\0" * (hit.end - hit.start)
    start = line.find(token)
    pieces = "".join(shown[start : start + len(token)]).split("\0")
    return [piece for piece in pieces if len(piece) >= WINDOW]


@given(tokens(32, 900), st.sampled_from(BESIDE))
@example("0123456789abcdef" * 20, "{}")
def test_a_long_random_token_is_masked_whatever_stands_beside_it(token: str, beside: str) -> None:
    if len(set(token)) < 12 or is_public_data(token) or "0123456789" in token:
        return
    assert left_of(beside.format(token), token) == []


@given(tokens(10, 400), st.sampled_from(BESIDE))
def test_a_random_token_is_masked_or_asked_for(token: str, beside: str) -> None:
    line = beside.format(token)
    if token.isdigit() or token.isalpha() or is_public_data(token):
        return
    asked = list(asked_in(line))
    for piece in left_of(line, token):
        core = piece.strip("=.-/+*~!?#%&^$@_")
        assert len(core) < WINDOW or any(core in one or one in core for one in asked), piece


@given(
    start=st.sampled_from(("acme_", "ACME_", "Acme-", "sk-live-", "key_", "zz9_")),
    length=st.integers(32, 64),
    alphabet=st.sampled_from((HEXADECIMAL, HEXADECIMAL.upper())),
    source=st.randoms(use_true_random=False),
    beside=st.sampled_from(BESIDE),
)
def test_digits_behind_the_name_of_an_issuer_are_masked(
    start: str, length: int, alphabet: str, source: random.Random, beside: str
) -> None:
    token = "".join(source.choices(alphabet, k=length))
    if is_random(token):
        assert left_of(beside.format(start + token), token) == []


@given(
    start=st.sampled_from(("acme_", "ACME-", "Acme-", "RGAPI-", "key_", "x-")),
    value=st.uuids(),
    beside=st.sampled_from(BESIDE),
    is_upper=st.booleans(),
)
def test_a_uuid_behind_the_name_of_an_issuer_is_masked(
    start: str, value: uuid.UUID, beside: str, *, is_upper: bool
) -> None:
    token = str(value).upper() if is_upper else str(value)
    if len(set(token)) > 6:
        assert left_of(beside.format(start + token), token) == []


@given(
    start=st.sampled_from(("https://github.com/a/b/blob/", "https://codeberg.org/a/b/commit/")),
    commit=st.text(HEXADECIMAL, min_size=40, max_size=40),
    end=st.sampled_from(("", "/lib/index.js#L33", "/README.md", ")", '"')),
)
def test_a_commit_in_a_link_to_a_forge_is_asked_for(start: str, commit: str, end: str) -> None:
    line = f"// {start}{commit}{end}"
    assert not [hit for hit in find_settled(line) if commit in line[hit.start : hit.end]]
