"""What survives of each burst, against a plain model that follows single characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import open_episode, typing

from signoff_collector.episode.content import Edit
from signoff_collector.levels.levels import levels_of


@given(typing(), st.data())
def test_what_survives_is_what_a_plain_model_says(
    drawn: tuple[str, list[Edit], list[str]], data: st.DataObject
) -> None:
    """The model follows single characters, each with the number of the edit that put it there."""
    opened, edits, _ = drawn
    pauses = [data.draw(st.booleans()) for _ in edits]
    t_ns, timed = 0, list[Edit]()
    for edit, is_long in zip(edits, pauses, strict=True):
        t_ns += 3_000_000_000 if is_long else 50_000_000
        timed.append(edit._replace(t_ns=t_ns))
    levels = levels_of(open_episode(opened, timed))
    after = _followed(opened, timed)
    for one in levels.survival:
        (burst,) = (burst for burst in levels.bursts if burst.first == one.first)
        stood = _tokens(after[burst.last], range(burst.first, burst.last + 1))
        left = {number for number in after[edits[-1].seq] if number[1] >= 0}
        assert one.tokens == len(stood)
        assert one.surviving == sum(token <= left for token in stood)


Character = tuple[str, int, int]
"""The character, the `seq` of its edit (-1: it was there), and its place in that edit."""


def _followed(opened: str, edits: list[Edit]) -> dict[int, list[Character]]:
    text: list[Character] = [(char, -1, place) for place, char in enumerate(opened)]
    after: dict[int, list[Character]] = {}
    for edit in edits:
        put = [(char, edit.seq, place) for place, char in enumerate(edit.text)]
        text = [*text[: edit.start], *put, *text[edit.start + edit.deleted :]]
        after[edit.seq] = text
    return after


def _tokens(text: list[Character], seqs: range) -> list[frozenset[Character]]:
    tokens: list[list[Character]] = []
    is_open = False
    for char in text:
        is_word = char[0].isalnum() or char[0] == "_"
        if char[1] not in seqs or char[0].isspace():
            is_open = False
            continue
        if is_open and is_word:
            tokens[-1].append(char)
        else:
            tokens.append([char])
        is_open = is_word
    return [frozenset(token) for token in tokens]
