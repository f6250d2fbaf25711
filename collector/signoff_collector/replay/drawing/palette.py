"""Styles in the 16 colours of the terminal, each with a sign for people who see no colours.

Every colour is redundant with a letter, a glyph or an underline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.style import Style

from signoff_schemas.words import ActorClass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorLook:
    """Sign and style of one class of actors."""

    letter: str
    words: str
    style: Style


def _actor(letter: str, words: str, colour: str | None) -> ActorLook:
    return ActorLook(letter=letter, words=words, style=Style(color=colour, bold=True))


ACTORS: Final[Mapping[ActorClass, ActorLook]] = {
    ActorClass.TYPED: _actor("T", "typed", "green"),
    ActorClass.PASTED: _actor("P", "pasted", "yellow"),
    ActorClass.COMMAND: _actor("X", "editor command", "cyan"),
    ActorClass.COMPLETION: _actor("C", "completion", "bright_cyan"),
    ActorClass.UNDO: _actor("U", "undo", "bright_black"),
    ActorClass.REDO: _actor("R", "redo", "bright_black"),
    ActorClass.FORMATTER: _actor("F", "formatter", "blue"),
    ActorClass.ASSISTANT: _actor("A", "assistant", "magenta"),
    ActorClass.GIT: _actor("G", "git", "bright_magenta"),
    ActorClass.EXTERNAL: _actor("E", "another program", "bright_yellow"),
    ActorClass.PREEXISTING: _actor("O", "there before", "white"),
    ActorClass.UNKNOWN: _actor("?", "not known who", None),
}
"""The letter is shown in the gutter of the lines that the actor changed."""

LOOKS: Final[Mapping[str, Style]] = {
    "plain": Style(),
    "dim": Style(dim=True),
    "strong": Style(bold=True),
    "added": Style(color="green"),
    "removed": Style(color="red"),
    "changed": Style(bold=True, underline=True),
    "hit": Style(bold=True, reverse=True, underline=True),
    "mask": Style(color="yellow", reverse=True),
    "cursor": Style(reverse=True),
    "chosen": Style(reverse=True),
    "bar": Style(reverse=True),
    "good": Style(color="green"),
    "bad": Style(color="red", bold=True),
    "warning": Style(color="yellow"),
    "key": Style(color="cyan", bold=True),
    **{f"by {cls}": look.style + Style(underline=True) for cls, look in ACTORS.items()},
}
"""Styles by name, so that callers need no colours; `by typed` and so on for actors."""

SYNTAX: Final[Mapping[str, Style]] = {
    "Comment": Style(color="bright_black", italic=True),
    "Keyword": Style(color="blue", bold=True),
    "Operator.Word": Style(color="blue", bold=True),
    "Name.Function": Style(color="cyan"),
    "Name.Class": Style(color="cyan", bold=True),
    "Name.Decorator": Style(color="magenta"),
    "Name.Builtin": Style(color="cyan"),
    "Name.Tag": Style(color="blue"),
    "Literal.String": Style(color="yellow"),
    "Literal.Number": Style(color="magenta"),
    "Generic.Deleted": Style(color="red"),
    "Generic.Inserted": Style(color="green"),
    "Generic.Heading": Style(bold=True),
}
"""Style by token type; subtypes inherit it."""
