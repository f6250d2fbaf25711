"""Figures tell of no single contributor, also to who compares two releases."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_hub.statistics.cells import Cell, Figures, Tally, released

ROWS, COLUMNS = "abcd", ("py", "ts", "go")


def tally_of(people: list[tuple[str, Cell, int]]) -> Tally:
    tally = Tally()
    for name, cell, episodes in people:
        for _ in range(episodes):
            tally.add(name, cell)
    return tally


def told(tally: Tally, k: int = 10) -> dict[Cell, Figures]:
    return {cell: one for cell, one in released(tally, k=k).items() if one is not None}


PEOPLE = st.lists(
    st.tuples(
        st.integers(0, 60).map(str),
        st.tuples(st.sampled_from(ROWS), st.sampled_from(COLUMNS)),
        st.integers(1, 12),
    ),
    max_size=200,
)


@given(people=PEOPLE, k=st.integers(1, 25))
def test_no_figure_is_of_few_or_of_one_and_all_are_multiples_of_ten(
    people: list[tuple[str, Cell, int]], k: int
) -> None:
    tally = tally_of(people)
    for cell, figures in told(tally, k).items():
        held = tally.held[cell]
        assert len(held) >= max(k, 10)
        assert max(held.values()) <= sum(held.values()) / 5
        assert figures.contributors % 10 == 0
        assert 0 < figures.contributors <= len(held) < figures.contributors + 10
        if figures.episodes is not None:
            assert figures.episodes % 10 == 0
            assert 0 < figures.episodes <= sum(held.values())


@given(people=PEOPLE)
def test_no_line_has_exactly_one_hidden_cell_beside_others(
    people: list[tuple[str, Cell, int]],
) -> None:
    all_cells = released(tally_of(people), k=10)
    for axis in (0, 1):
        for line in {cell[axis] for cell in all_cells}:
            cells = [one for cell, one in all_cells.items() if cell[axis] == line]
            assert cells.count(None) != 1 or len(cells) == 1


@given(people=PEOPLE, seed=st.integers(0, 9))
def test_the_order_in_which_episodes_came_tells_nothing(
    people: list[tuple[str, Cell, int]], seed: int
) -> None:
    mixed = list(people)
    Random(seed).shuffle(mixed)  # noqa: S311
    assert released(tally_of(people), k=10) == released(tally_of(mixed), k=10)


def test_one_contributor_with_more_than_a_fifth_hides_the_cell() -> None:
    cell = ("a", "py")
    even = [(str(number), cell, 1) for number in range(40)]
    assert told(tally_of([*even, ("busy", cell, 10)]))
    assert not told(tally_of([*even, ("busy", cell, 11)]))


@pytest.mark.parametrize("k", [1, 3, 10])
def test_a_smaller_k_of_a_hub_is_not_taken(k: int) -> None:
    nine = [(str(number), ("a", "py"), 1) for number in range(9)]
    assert not told(tally_of(nine), k)


def _visible(people: list[tuple[str, Cell, int]], *, exact: bool) -> int:
    """Count whose withdrawal changes what is released (receiving.md, 3.6)."""

    def release(of: list[tuple[str, Cell, int]]) -> object:
        tally = tally_of(of)
        if exact:
            return {cell: len(held) for cell, held in tally.held.items() if len(held) >= 10}
        return released(tally, k=10)

    whole = release(people)
    return sum(release(people[:at] + people[at + 1 :]) != whole for at in range(len(people)))


def test_comparing_two_releases_betrays_few_withdrawals_where_exact_counts_betray_most() -> None:
    random = Random(0)  # noqa: S311
    people = [
        (str(number), (random.choice("abcdefgh"), random.choice(["py", "ts", "go", "rs"])), 1)
        for number in range(400)
    ]
    assert _visible(people, exact=True) >= 300
    assert _visible(people, exact=False) <= 20


def test_who_shared_many_episodes_is_hidden_as_well() -> None:
    random = Random(1)  # noqa: S311
    people = [
        (str(number), (random.choice("abcd"), random.choice(["py", "ts"])), random.randint(1, 9))
        for number in range(400)
    ]
    assert _visible(people, exact=True) >= 300
    assert _visible(people, exact=False) <= 80
