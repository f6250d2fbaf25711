"""Suggest what a person may have meant by an unknown word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST: Final = 3
_NEAR: Final = 0.65
_CANDIDATES: Final = 20_000
_LONGEST: Final = 200


def did_you_mean(word: str, known: Iterable[str]) -> list[str]:
    """Return the nearest of the known words, nearest first; empty when none is near.

    Words that begin with it count as near: the person may have stopped typing.
    """
    from difflib import get_close_matches
    from itertools import islice

    asked = word[:_LONGEST].casefold()
    spelled = {one.casefold(): one for one in islice(known, _CANDIDATES)}
    near = get_close_matches(asked, spelled, n=_MOST, cutoff=_NEAR)
    begun = [one for one in sorted(spelled) if len(asked) >= 2 and one.startswith(asked)]
    return [spelled[one] for one in dict.fromkeys((*near, *begun[:_MOST]))][:_MOST]


def hint_of(word: str, known: Iterable[str]) -> str:
    """Return `Did you mean …?`, empty where nothing is near."""
    near = did_you_mean(word, known)
    if not near:
        return ""
    return f"Did you mean {' or '.join(f'`{one}`' for one in near)}?"
