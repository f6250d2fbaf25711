"""A drawn file, and which kind of one a file's name asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeVar

from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = TypeVar("Kind", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnFile:
    """The bytes of a picture or a film, and what it says of itself."""

    content: bytes
    facts: Mapping[str, object]


def kind_in(name: str, kinds: tuple[Kind, ...], what: str) -> Kind:
    """Return the kind that the ending of a file's name says.

    Args:
        name: of the file.
        kinds: those that are made, as endings without the dot.
        what: what is made, in a word.

    Raises:
        UsageError: none of them.
    """
    ending = PurePath(name).suffix.lower().removeprefix(".")
    for kind in kinds:
        if kind == ending:
            return kind
    raise UsageError(
        f"{PurePath(name).name!r} is no {what} that can be made",
        hint=f"End its name with .{', .'.join(kinds)}.",
    )
