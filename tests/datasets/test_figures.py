"""Figures of a card measure nobody, also for who compares two cards."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_datasets.cards.figures import NONE, Contribution, figures_of, told, told_cells

NAMED_RATE = 20 / 400
"""Of the cases of notes on statistics: a cell of tens tells of one who leaves in one of twenty."""
PEOPLE = 400


def people() -> list[tuple[int, str]]:
    """Return people, each with a team and a language: 32 cells, some with fewer than ten."""
    source = random.Random(0)  # noqa: S311  # repeatable
    return [
        (n, f"{source.choice('abcdefgh')} {source.choice(('py', 'ts', 'go', 'rs'))}")
        for n in range(PEOPLE)
    ]


def betrayed(cells: Sequence[dict[str, int]], before: dict[str, int]) -> int:
    """Return in how many cases two releases differ, so that one learns where somebody was."""
    return sum(after != before for after in cells)


def test_exact_counts_of_ten_and_more_betray_who_left_and_ours_seldom_do() -> None:
    everyone = people()
    whole = Counter(cell for _, cell in everyone)
    without = [whole - Counter([cell]) for _, cell in everyone]

    def exact(counts: Counter[str]) -> dict[str, int]:
        return {cell: count for cell, count in counts.items() if count >= 10}

    assert betrayed([exact(one) for one in without], exact(whole)) > 300
    ours = betrayed([told_cells(one, k=10) for one in without], told_cells(whole, k=10))
    assert 0 < ours <= NAMED_RATE * PEOPLE


def episodes_of(languages: Sequence[str]) -> list[Contribution]:
    """Return two episodes of each of some people, one language each."""
    return [
        Contribution(contributor=f"c{number}", languages=(language,))
        for number, language in enumerate(languages)
        for _ in range(2)
    ]


def test_two_cards_seldom_tell_which_language_who_left_wrote() -> None:
    source = random.Random(1)  # noqa: S311  # repeatable
    languages = source.choices(["python", "go", "rust", "zig"], [60, 25, 12, 3], k=PEOPLE)
    before = figures_of(episodes_of(languages), k=10).languages
    assert "python" in before
    told_of = 0
    cases = range(0, PEOPLE, 8)
    for gone in cases:
        left = [*languages[:gone], *languages[gone + 1 :]]
        told_of += figures_of(episodes_of(left), k=10).languages != before
    assert told_of <= NAMED_RATE * len(cases)


def test_a_version_that_replaces_another_has_no_figures_to_compare() -> None:
    assert figures_of(episodes_of(["python"] * 50), k=10, version=2) == NONE
    assert figures_of(episodes_of(["python"] * 50), k=10, version=1) != NONE


COUNTS = st.integers(0, 100_000)


@given(COUNTS, COUNTS, st.integers(1, 50))
def test_every_figure_is_a_multiple_of_ten_of_at_least_ten_people(
    count: int, who: int, k: int
) -> None:
    said = told(count, who, k=k)
    if said is None:
        assert who < max(k, 10) or count < 10
    else:
        assert said % 10 == 0
        assert 10 <= said <= count < 2 * said
        assert who >= max(k, 10)


CELLS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 60))


@given(CELLS, st.integers(1, 20))
def test_one_cell_alone_is_never_hidden(cells: dict[str, int], k: int) -> None:
    shown = told_cells(cells, k=k)
    assert len(cells) - len(shown) != 1 or not shown
    assert all(cells[name] >= max(k, 10) for name in shown)


@given(st.lists(st.sampled_from(["python", "go"]), max_size=9))
def test_nothing_is_told_of_nine_people(languages: list[str]) -> None:
    assert figures_of(episodes_of(languages), k=1) == NONE


def test_no_count_of_episodes_is_told_where_one_person_has_most_of_them() -> None:
    even = episodes_of(["go"] * 30)
    assert figures_of(even, k=10).episodes == 60
    mine = [Contribution(contributor="c0", languages=("go",))] * 100
    figures = figures_of([*even, *mine], k=10)
    assert figures.episodes is None
    assert figures.contributors == 30


@pytest.mark.parametrize(
    "name", ["Zoë \U0001f98a\U00010348", "<script>", "a|b", "", "x" * 31, "go\n"]
)
def test_a_language_that_is_no_name_of_an_editor_is_not_told(name: str) -> None:
    figures = figures_of(episodes_of([name] * 20 + ["go"] * 20 + ["c++"] * 20), k=10)
    assert set(figures.languages) == {"go", "c++"}
