"""Files of fingerprints are read strictly, hold no text, and those shipped are whole."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_datasets.screening.contamination import PARTS, literal_runs, winnowed
from signoff_datasets.screening.fingerprints import (
    MAGIC,
    benchmark_repositories,
    parse_fingerprints,
    shipped_fingerprints,
    write_fingerprints,
)
from signoff_schemas.errors import DamagedError

TEXT = " ".join(f"word{number} \U0001f98a\U00010348" for number in range(40))
NAMES = {"benchmark": "Made", "version": "1", "source": "here", "licence": "CC0-1.0"}


def content() -> bytes:
    numbers = winnowed(literal_runs(TEXT))
    parts = dict.fromkeys(PARTS, numbers[:0]) | {"statement": numbers}
    return write_fingerprints(
        {"Made/0": parts, "Made/1": dict.fromkeys(PARTS, numbers[:0])}, **NAMES
    )


def test_what_is_written_is_read_back() -> None:
    prints = parse_fingerprints(content())
    assert (prints.benchmark, prints.problems) == ("Made", ("Made/0", "Made/1"))
    assert sorted(prints.numbers) == winnowed(literal_runs(TEXT)).tolist()
    assert set(prints.numbers.values()) == {(0, "statement")}
    assert prints.sizes[1, "form"] == 0


def test_what_stands_in_two_problems_names_neither() -> None:
    numbers = winnowed(literal_runs(TEXT))
    parts = dict.fromkeys(PARTS, numbers)
    made = write_fingerprints({"Made/0": parts, "Made/1": parts}, **NAMES)
    assert not parse_fingerprints(made).numbers


def test_no_word_of_a_text_is_in_the_file() -> None:
    assert not re.search(rb"word\d", content())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (MAGIC, b"signoff-fingerprints-2\n"),
        (b'"benchmark"', b'"benchmarks"'),
        (b'"Made"', b"7"),
        (b'"Made"', b'""'),
        (b'["Made/1",0,', b'["Made/1",'),
        (b'["Made/1",0,', b'["Made/1",true,'),
        (b'["Made/1",0,', b'["Made/1",-1,'),
        (b'["Made/1",0,', b'["Made/1",1,'),
        (b'"Made/1"', b"1"),
        (b"}", b""),
        (b'"problems":[', b'"problems":[7,'),
    ],
)
def test_a_file_with_a_fault_is_refused(old: bytes, new: bytes) -> None:
    assert old in content()
    with pytest.raises(DamagedError):
        parse_fingerprints(content().replace(old, new, 1))


def test_a_file_that_is_cut_or_does_not_rise_is_refused() -> None:
    whole = content()
    with pytest.raises(DamagedError):
        parse_fingerprints(whole[:-1])
    with pytest.raises(DamagedError):
        parse_fingerprints(whole[:-12] + whole[-6:] + whole[-12:-6])


@given(st.data())
def test_any_change_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    changed = bytearray(content())
    place = data.draw(st.integers(0, len(changed) - 1))
    changed[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=9))
    try:
        parse_fingerprints(bytes(changed))
    except DamagedError as error:
        assert error.hint  # noqa: PT017  # either way is fine


def test_human_eval_is_shipped_whole_and_small() -> None:
    (prints,) = shipped_fingerprints()
    assert prints.benchmark == "HumanEval"
    assert prints.problems == tuple(f"HumanEval/{number}" for number in range(164))
    assert all(prints.sizes[number, "statement"] >= 3 for number in range(164))


def test_the_list_of_repositories_is_lower_case_and_has_those_everybody_knows() -> None:
    repositories = benchmark_repositories()
    assert {"django/django", "sympy/sympy", "psf/requests", "mrdoob/three.js"} <= repositories
    assert all(re.fullmatch(r"[a-z0-9_.-]+/[a-z0-9_.-]+", one) for one in repositories)
