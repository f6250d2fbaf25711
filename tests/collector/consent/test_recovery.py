"""The recovery seed and its code on paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.consent.recovery import (
    Seed,
    contributor_pseudonym,
    find_seed,
    make_seed,
    parse_recovery_code,
    recovery_code,
    repository_pseudonym,
    seed_path,
    take_code_to_show,
    withdrawal_handle,
    withdrawal_secret,
)
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.own_files.home import resolve_home
from signoff_schemas.errors import DamagedError, UsageError

HERE, THERE = Audience("file:///here"), Audience("file:///there")


@given(st.binary(min_size=32, max_size=32))
def test_a_code_copied_by_hand_gives_the_seed_back(content: bytes) -> None:
    code = recovery_code(Seed(content))
    assert [len(group) for group in code.split("-")] == [7] * 8
    assert parse_recovery_code(f"  {code.lower().replace('-', ' ')}\n") == content


@given(st.binary(min_size=32, max_size=32), st.integers(0, 55), st.sampled_from("ABC234"))
def test_a_code_with_one_wrong_letter_is_noticed(content: bytes, at: int, letter: str) -> None:
    letters = recovery_code(Seed(content)).replace("-", "")
    wrong = letters[:at] + letter + letters[at + 1 :]
    if wrong != letters:
        with pytest.raises(UsageError):
            parse_recovery_code(wrong)


@given(st.text(max_size=80))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_recovery_code(text)


def test_the_seed_is_made_once_private_and_its_code_shown_once(home: Path) -> None:
    place = resolve_home().ensure()
    assert find_seed(place) is None
    seed = make_seed(place)
    assert make_seed(place) == seed
    assert seed_path(place).stat().st_mode & 0o777 == 0o600
    assert take_code_to_show(place, seed) == recovery_code(seed)
    assert take_code_to_show(place, seed) is None


def test_a_seed_of_another_length_is_damage(home: Path) -> None:
    place = resolve_home().ensure()
    seed_path(place).write_bytes(b"short")
    with pytest.raises(DamagedError):
        find_seed(place)


def test_names_differ_between_audiences_and_say_nothing_of_each_other() -> None:
    seed = Seed(bytes(32))
    names = {
        contributor_pseudonym(seed, HERE),
        contributor_pseudonym(seed, THERE),
        repository_pseudonym(seed, HERE, "w"),
        repository_pseudonym(seed, THERE, "w"),
        repository_pseudonym(seed, HERE, "v"),
        withdrawal_handle(withdrawal_secret(seed, HERE, "r")),
        withdrawal_handle(withdrawal_secret(seed, THERE, "r")),
        withdrawal_handle(withdrawal_secret(seed, HERE, "s")),
    }
    assert len(names) == 8
