"""Spell the name of a person as people and programs do: in other orders, with initials, as handle.

`Rothenberg, Wilma`, `W. Rothenberg`, `Wilma R.`, `wrothenberg`. Many names also are words (`Will
Young`, `Al Pine`), so the shorter a form is, the more it takes to be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from signoff_collector.redaction.randomness.novel import common_words, unknown_pieces

_WORD: Final = re.compile(r"[^\W_]+")
_SHORTEST_HANDLE: Final = 6
_SHORTEST_OWN: Final = 4
_SHORTEST_SURNAME: Final = 5
_NO_HANDLES: Final = re.compile(r"(?i)^(?:no-?reply|do-?not-?reply|notifications?|\d+$)")
_NUMBERED: Final = re.compile(r"^\d+\+")
"""What some code hosts put before the handle in a private address."""


class Form(NamedTuple):
    """One form of a name."""

    words: tuple[str, ...]
    """In small letters."""
    is_capital: bool = False
    """Each word begins with a capital letter."""
    sign: str = ""
    """What stands directly behind each initial, with `,` behind the first word; or nothing.

    With `_` one of `._-` stands between the words.
    """


def name_forms(name: str, *, is_own: bool = False) -> Iterator[Form]:
    """Yield the forms of a name; only the developer's own surname stands for him alone."""
    words = tuple(word.lower() for word in _WORD.findall(name))
    yield Form(words)
    if len(words) < 2:
        return
    first, last = words[0], words[-1]
    is_strange = _is_strange(last)
    if len(words) > 2:
        yield Form((first, last), is_capital=not is_strange)
    for order in {(last, first), (last, *words[:-1])}:
        yield Form(order, is_capital=True, sign="" if is_strange else ",")
        if is_strange:
            yield Form(order, sign="_")
    if len(last) > 2:
        initials = tuple(word[0] for word in words[:-1])
        for some in {initials, initials[:1]}:
            yield Form((*some, last), is_capital=True, sign="" if is_strange else ".")
            yield Form((last, *some), is_capital=True, sign="" if is_strange else ".")
    if _is_strange(first):
        yield Form((first, last[0]), is_capital=True, sign=".")
    whole = (first + last, last + first) if len(first) > 2 else ()
    for handle in (*whole, first[0] + last, last + first[0]):
        if len(handle) >= _SHORTEST_HANDLE and _is_strange(handle):
            yield Form((handle,))
    if is_own and len(last) >= _SHORTEST_SURNAME and is_strange:
        yield Form((last,), is_capital=True)


def handle_of(address: str, *, is_own: bool = False) -> str | None:
    """Return the name before the `@` of an address if it is no ordinary word or service."""
    handle = _NUMBERED.sub("", address.partition("@")[0])
    words = _WORD.findall(handle)
    if not words or _NO_HANDLES.match(handle):
        return None
    shortest = _SHORTEST_OWN if is_own else _SHORTEST_HANDLE
    is_long = len(handle) >= shortest and any(map(_is_strange, words))
    return handle if is_long else None


@cache
def _is_strange(word: str) -> bool:
    """Return whether a word is none of everyday code."""
    lowered = word.lower()
    return (
        len(word) >= _SHORTEST_OWN
        and lowered not in common_words()
        and bool(unknown_pieces(lowered, ()))
    )
