"""What a public benchmark's problems hold is found in an episode's text, and nothing else is."""

from __future__ import annotations

import random

import pytest
from benchmarks.near_copies import laid_out_anew
from hypothesis import given
from hypothesis import strategies as st

from signoff_datasets.screening.contamination import (
    WINDOW,
    Fingerprints,
    form_runs,
    listed_repository,
    literal_runs,
    overlaps,
    winnowed,
)
from signoff_datasets.screening.fingerprints import parse_fingerprints, write_fingerprints

FOX = "\U0001f98a\U00010348"


def words(seed: int, count: int) -> str:
    """Return words that nothing else holds."""
    source = random.Random(seed)  # noqa: S311  # repeatable
    return " ".join(f"w{source.getrandbits(40):x}" for _ in range(count))


def solution(seed: int) -> str:
    """Return a program whose form is its own."""
    source = random.Random(seed)  # noqa: S311  # repeatable
    signs = ["+", "-", "*", "/", "%", "<", ">", "and", "or", "in", "[", "]", "(", ")", ":", FOX]
    return "\n".join(
        f"value{source.randint(0, 99)} = " + " ".join(source.choice(signs) + " v" for _ in range(9))
        for _ in range(8)
    )


def made() -> Fingerprints:
    problems = {
        f"Made/{number}": {
            "statement": winnowed(literal_runs(words(number, 80))),
            "solution": winnowed(literal_runs(solution(number))),
            "tests": winnowed(literal_runs(words(100 + number, 80))),
            "form": winnowed(form_runs(solution(number))),
        }
        for number in range(20)
    }
    names = {"benchmark": "Made", "version": "1", "source": "here", "licence": "CC0-1.0"}
    return parse_fingerprints(write_fingerprints(problems, **names))


PRINTS = made()


def found(*texts: str) -> set[tuple[str, str]]:
    return {(one.problem, one.part) for one in overlaps(texts, PRINTS)}


def test_a_statement_is_found_within_other_text() -> None:
    assert found(f"{FOX} {words(1000, 50)}\n{words(7, 80)}\n{words(1001, 50)}") == {
        ("Made/7", "statement")
    }


def test_what_lies_in_two_texts_of_an_episode_is_found_as_one() -> None:
    half = words(107, 80).split()
    assert found(" ".join(half[:50]), " ".join(half[30:])) == {("Made/7", "tests")}
    (one,) = overlaps([" ".join(half[:50]), " ".join(half[30:])], PRINTS)
    assert one.share > 0.9
    (less,) = overlaps([" ".join(half[:55])], PRINTS)
    assert 0.5 <= less.share < 0.8


def test_a_little_of_a_problem_is_not_said() -> None:
    assert found(" ".join(words(107, 80).split()[:30])) == set()


def test_a_solution_is_found_in_another_layout() -> None:
    text = laid_out_anew(solution(3), random.Random(1))  # noqa: S311  # repeatable
    assert ("Made/3", "solution") in found(text)


def test_a_solution_with_other_names_is_found_by_its_form_alone() -> None:
    assert found(solution(3).replace("value", "other").replace(" v", " w")) == {("Made/3", "form")}


def test_text_of_none_of_the_problems_is_none() -> None:
    assert found(words(9999, 5000), solution(9999)) == set()
    assert found() == set()


@given(st.lists(st.integers(0, 1 << 40), min_size=WINDOW, max_size=60))
def test_of_every_run_that_is_copied_a_number_is_kept(values: list[int]) -> None:
    import numpy as np

    kept = set(winnowed(np.array(values, np.uint64)).tolist())
    for begin in range(len(values) - WINDOW + 1):
        assert kept & set(values[begin : begin + WINDOW])


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/Django/django",
        "https://github.com/django/django.git",
        "https://www.github.com/django/django/",
        "git@github.com:django/django.git",
        "ssh://git@github.com/django/django",
    ],
)
def test_a_repository_of_a_list_is_known_by_any_of_its_addresses(url: str) -> None:
    assert listed_repository(url, frozenset({"django/django"}))


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://github.com/django/django-fork",
        "https://github.com/other/django",
        "https://example.org/github.com/django/django",
        "https://github.com.example.org/django/django",
        f"https://github.com/django/django{FOX}",
    ],
)
def test_another_address_is_none_of_the_list(url: str | None) -> None:
    assert not listed_repository(url, frozenset({"django/django"}))
