"""Head and tail of long outputs: masked first, then cut between lines."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.capture.runs.output_keeping import (
    HEAD_BYTES,
    SLACK_BYTES,
    TAIL_BYTES,
    KeptOutput,
    OutputKeeper,
    keep_ends,
)

SECRET = "tok-" + "".join(random.Random(7).choices("abcdefghij0123456789", k=40))  # noqa: S311  the seed is 7


def mask(text: str) -> str:
    return text.replace(SECRET, "REDACTED_VALUE")


def keep(output: bytes, size: int = 1 << 16) -> KeptOutput:
    keeper = OutputKeeper()
    for start in range(0, len(output), size):
        keeper.add(output[start : start + size])
    return keeper.finish(mask)


def test_a_short_output_is_whole() -> None:
    kept = keep("naïve 🎉𝄞\n".encode())
    assert (kept.head, kept.tail, kept.output_state) == ("naïve 🎉𝄞\n", "", "full")
    assert kept.output_bytes == len("naïve 🎉𝄞\n".encode())


def test_a_long_output_keeps_whole_lines_of_both_ends() -> None:
    lines = [f"line {number} 🎉𝄞\n" for number in range(60_000)]
    kept = keep("".join(lines).encode())
    assert kept.output_state == "head_tail"
    assert "".join(lines).startswith(kept.head)
    assert "".join(lines).endswith(kept.tail)
    assert kept.head.endswith("\n")
    assert kept.tail.startswith("line ")
    assert HEAD_BYTES - 100 < len(kept.head.encode()) <= HEAD_BYTES
    assert TAIL_BYTES - 100 < len(kept.tail.encode()) <= TAIL_BYTES


def test_the_size_of_the_middle_is_a_power_of_two() -> None:
    kept = keep(b"x" * 99 + b"\n" + b"y" * 9_999_999)
    assert kept.middle_bytes == 1 << 24
    assert kept.middle_lines == 0


@pytest.mark.parametrize("cut", [HEAD_BYTES, -TAIL_BYTES])
@pytest.mark.parametrize("shift", range(-44, 45, 4))
@pytest.mark.parametrize("filler", [b"word ", b"w", b"line\n"])
def test_no_part_of_a_secret_at_a_cut_stays(cut: int, shift: int, filler: bytes) -> None:
    total = HEAD_BYTES + TAIL_BYTES + 3 * SLACK_BYTES
    place = (cut if cut > 0 else total + cut) + shift
    output = (filler * total)[:place] + SECRET.encode()
    output += (filler * total)[: total - len(output)]
    kept = keep(output)
    shown = kept.head + kept.tail
    assert not any(SECRET[start : start + 6] in shown for start in range(len(SECRET) - 6))


@given(st.lists(st.binary(max_size=40_000), max_size=20))
def test_any_pieces_give_bounded_text_that_depends_only_on_their_sum(pieces: list[bytes]) -> None:
    one, many = OutputKeeper(), OutputKeeper()
    one.add(b"".join(pieces))
    for piece in pieces:
        many.add(piece)
    assert one.finish(mask) == many.finish(mask)
    kept = one.finish(mask)
    if kept.output_state == "head_tail":
        assert len(kept.head.encode()) <= HEAD_BYTES
        assert len(kept.tail.encode()) <= TAIL_BYTES


def test_ends_that_are_all_of_an_output_are_whole() -> None:
    kept = keep_ends("one 🎉", "𝄞 two\n", len("one 🎉𝄞 two\n".encode()), mask)
    assert (kept.head, kept.tail, kept.output_state) == ("one 🎉𝄞 two\n", "", "full")


@pytest.mark.parametrize("cut", [1, 7, len(SECRET) // 2, len(SECRET) - 1])
def test_no_piece_of_a_secret_is_left_where_another_program_cut(cut: int) -> None:
    filler = "".join(f"line {number} 🎉𝄞\n" for number in range(2_000))
    head, tail = filler + SECRET[:cut], SECRET[cut:] + "\n" + filler
    kept = keep_ends(head, tail, 1 << 24, mask)
    shown = kept.head + kept.tail
    pieces = {SECRET[at : at + 6] for at in range(len(SECRET) - 5)}
    assert not [piece for piece in pieces if piece in shown]
    assert kept.head.endswith("\n")
    assert kept.tail.startswith("line ")
    assert kept.middle_bytes & (kept.middle_bytes - 1) == 0
    assert kept.output_bytes == len(shown.encode()) + kept.middle_bytes


@given(st.text(max_size=40), st.text(max_size=40), st.integers(0, 1 << 53))
def test_any_ends_keep_no_more_than_was_given(head: str, tail: str, size_bytes: int) -> None:
    kept = keep_ends(head, tail, size_bytes, mask)
    is_whole = size_bytes <= len((head + tail).encode("utf-8", "replace"))
    assert (kept.output_state == "full") == is_whole
    if not is_whole:
        assert (kept.head, kept.tail) == ("", "")  # all of it lies within the reach of the cut
