"""Examples as rows of bytes: what the transformer reads, and how much each byte counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from experiments.worth.learning.prompts import END_MARK, TARGET_MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from experiments.worth.learning.prompts import Example, Marks

PROMPT_WEIGHT: Final = 0.3
TARGET_WEIGHT: Final = 1.0

Row: TypeAlias = tuple[bytes, list[float]]


def encoded(example: Example, marks: Marks) -> tuple[bytes, bytes]:
    """Return prompt and target as bytes, the target with its end; half a surrogate is a `?`."""
    prompt = example.prompt(marks) + TARGET_MARK
    target = example.edit.inserted + END_MARK
    return prompt.encode(errors="replace"), target.encode(errors="replace")


def rows(drawn: Iterable[Example], marks: Marks, length: int) -> Iterator[Row]:
    """Return rows of exactly `length` bytes and the weight of each as something to predict.

    One example a row, its oldest history cut; one that is shorter is led by the end of the row
    before, so that every step of every arm sees as many bytes.
    """
    last = b""
    for example in drawn:
        prompt, target = encoded(example, marks)
        lead = max(0, length - len(prompt) - len(target))
        row = (last[len(last) - min(lead, len(last)) :] + prompt + target)[-length:]
        weights = [PROMPT_WEIGHT] * (len(row) - len(target)) + [TARGET_WEIGHT] * len(target)
        last = row
        if len(row) == length:  # only the very first ones can be too short
            yield row, weights[-length:]


def windows(prompt: bytes, target: bytes, length: int) -> Iterator[tuple[bytes, int]]:
    """Cut what is asked into rows of at most `length` bytes; return how many of its last count.

    Every byte of the target counts once, with half a row before it or more.
    """
    whole = prompt + target
    done = len(prompt)
    while done < len(whole):
        end = min(len(whole), done + length // 2)
        yield whole[max(0, end - length) : end], end - done
        done = end
