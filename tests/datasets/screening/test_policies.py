"""A licence policy is read strictly: what is not understood decides nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_datasets.screening.policies import DEFAULT, MAX_BYTES, parse_policy, read_policy
from signoff_schemas.errors import (
    DamagedError,
    NewerVersionError,
    NotFoundError,
    SignoffError,
    UsageError,
)

GOOD = """\
format = 1
name = "ours"
[unnamed]
contribution = true
[[together]]
licences = ["MIT", "EPL-2.0 WITH Classpath-exception-2.0", "LicenseRef-House"]
exceptions = ["LLVM-exception"]
"""


def test_a_policy_says_what_it_was_written_to_say() -> None:
    policy = parse_policy(GOOD.encode())
    assert (policy.unnamed_contribution, policy.unnamed_repository) == (True, False)
    assert policy.sets[0].holds("MIT", "LLVM-exception")
    assert policy.sets[0].holds("EPL-2.0", "Classpath-exception-2.0")
    assert not policy.sets[0].holds("EPL-2.0", None)
    assert len(policy.sets) == 1


def test_another_content_under_the_same_name_is_another_policy() -> None:
    changed = parse_policy(GOOD.replace('"MIT", ', "").encode())
    assert changed.name == "ours"
    assert changed.identity != parse_policy(GOOD.encode()).identity
    assert len(changed.identity) <= 80


def test_the_default_is_shipped_and_holds_no_licence_that_asks_for_its_own_terms() -> None:
    policy = read_policy(DEFAULT)
    assert policy.name == DEFAULT
    assert len(policy.sets) == 1
    assert not any(word in one for one in policy.sets[0].licences for word in ("GPL", "-NC", "-SA"))
    assert not policy.unnamed_contribution
    assert not policy.unnamed_repository


def test_a_policy_of_ones_own_is_named_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "ours \U0001f98a\U00010348.toml"
    path.write_text(GOOD, "utf-8")
    assert read_policy(str(path)) == parse_policy(GOOD.encode())
    with pytest.raises(NotFoundError):
        read_policy(str(tmp_path / "other.toml"))
    with pytest.raises(UsageError, match="there is any, permissive"):
        read_policy("restrictive")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("format = 1", "", "no line `format = 1`"),
        ("format = 1", "format = true", "no line `format = 1`"),
        ("format = 1", "format = 0", "no line `format = 1`"),
        ('name = "ours"', "", "`name`"),
        ('name = "ours"', 'name = "Ours \U0001f98a"', "`name`"),
        ('name = "ours"', 'name = "ours"\nlicence = "MIT"', "may hold"),
        ("[unnamed]", "[unnamed]\nnobody = true", "[unnamed] may hold"),
        ("contribution = true", "contribution = 1", "neither true nor false"),
        ("[unnamed]\ncontribution = true", "unnamed = 1", "[unnamed] may hold"),
        ("[[together]]", "[together]", "no [[together]]"),
        ("licences", "licenses", "[[together]] may hold"),
        ('"MIT"', "1", "not a list of strings"),
        ('"MIT"', '"mit"', "no licence as the SPDX list spells it"),
        ('"MIT"', '"MIT OR ISC"', "no licence as the SPDX list spells it"),
        ('"MIT"', '"(MIT)"', "no licence as the SPDX list spells it"),
        ('"MIT"', '"NOASSERTION"', "no licence as the SPDX list spells it"),
        ('"MIT"', '"MIT", "MIT"', "twice"),
        ('"LLVM-exception"', '"MIT"', "no exception as the SPDX list spells it"),
        ('"LLVM-exception"', '"LLVM-exception OR MIT"', "no exception as the SPDX list spells it"),
        ('["LLVM-exception"]', '"LLVM-exception"', "not a list of strings"),
        ("format", "\x00", "not TOML"),
    ],
)
def test_what_a_policy_does_not_know_is_refused(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(DamagedError) as caught:
        parse_policy(GOOD.replace(old, new, 1).encode())
    assert said in str(caught.value)
    assert caught.value.hint


def test_a_policy_of_a_newer_release_asks_for_an_upgrade() -> None:
    with pytest.raises(NewerVersionError):
        parse_policy(GOOD.replace("format = 1", "format = 2").encode())


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"a = " + b"[" * 20_000, b"#" * (MAX_BYTES + 1), b"[[together]]\n" * 3],
)
def test_bytes_that_are_no_policy_are_an_error_of_ours(content: bytes) -> None:
    with pytest.raises(DamagedError):
        parse_policy(content)


PIECES = [b"", b"[", b'"', b"=", b"\n", b"\xf0\x9f\xa6\x8a", b"1"]


@given(st.data())
def test_a_policy_with_any_change_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    content = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(
            st.sampled_from([b"", b"[", b'"', b"=", b"\n", b"\xf0\x9f\xa6\x8a", b"1"])
        )
        content[place : place + data.draw(st.integers(0, 9))] = piece
        if not content:
            return
    try:
        policy = parse_policy(bytes(content))
    except SignoffError as error:
        assert error.hint  # noqa: PT017  # either way is fine
    else:
        assert policy.sets
