"""Who caused a change, from what the acting program said (docs/actors.md).

A class is given only on a direct sign. Without one it is unknown: agents stream one
character at a time into buffers too, so size and rhythm prove nothing. `docs/sealing.md`
holds the table.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from signoff_schemas.words import ActorClass, Basis

_CLASS_BY_REASON: Final[Mapping[str, ActorClass]] = {
    "key": ActorClass.TYPED,
    "undo": ActorClass.UNDO,
    "redo": ActorClass.REDO,
    "paste": ActorClass.PASTED,
    "completion": ActorClass.COMPLETION,
    "inline_suggestion": ActorClass.COMPLETION,
    "agent": ActorClass.ASSISTANT,
    "formatter": ActorClass.FORMATTER,
    "command": ActorClass.COMMAND,
    "external": ActorClass.EXTERNAL,
}
_MAX_DETAIL: Final = 64
_CLOSERS: Final = frozenset(")]}>\"'`")
"""An editor may close a bracket or quote by itself."""
_MOST_LEADER: Final = 3
"""A comment goes on after a line break; indentation is not counted at all."""
_MARKS: Final = frozenset({"Mn", "Me", "Cf"})
"""What joins the character before it: accents, variation selectors, joiners."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One `signoff/evidence` notification (PROTOCOL.md)."""

    reason: str
    detail: str | None = None
    changes: int = 1
    alone: Authorship | None = None
    """Who made a version of which this is all that was said, if its one change is short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorship:
    """The answer for one change."""

    cls: ActorClass
    basis: Basis
    evidence: tuple[str, ...] = ()


Said = tuple[Evidence, ...]
"""All evidence for one version, in the order it came."""
UNKNOWN: Final = Authorship(cls=ActorClass.UNKNOWN, basis=Basis.NONE)


@lru_cache(maxsize=256)
def known_evidence(reason: str, detail: str | None, changes: int) -> Said | None:
    """Return what a notification says, or None when it says nothing this release knows.

    Equal notifications share one value: there is one for nearly every edit.
    """
    if reason not in _CLASS_BY_REASON:
        return None
    evidence = Evidence(
        reason=reason,
        detail=detail[:_MAX_DETAIL] if detail else None,
        changes=changes if 0 < changes < 1 << 20 else 1,
    )
    return (replace(evidence, alone=_one([evidence], [""])),)


TAKEN_OVER: Final[Mapping[str, Authorship]] = {
    by: Authorship(cls=cls, basis=Basis.INFERRED, evidence=("equals the file on disk",))
    for by, cls in (("git", ActorClass.GIT), ("external", ActorClass.EXTERNAL))
}
"""Changes after which a buffer is what git, or something else, had written to its file."""


@lru_cache(maxsize=256)
def taken_over(by: str) -> Authorship:
    """Return who made changes after which a buffer is what `by` had written to its file.

    What is neither git nor something unknown is a tool call of an agent, which said so itself.
    """
    known = TAKEN_OVER.get(by)
    if known is not None:
        return known
    evidence = (by, "equals the file on disk")
    return Authorship(cls=ActorClass.ASSISTANT, basis=Basis.OBSERVED, evidence=evidence)


def attribute(said: Sequence[Evidence], texts: Sequence[str]) -> list[Authorship]:
    """Return who made each content change of one document version.

    Several reasons for one version are told apart only where each change had its own.

    Args:
        said: all evidence for that version, in the order it came.
        texts: what its content changes put in.
    """
    reasons = {item.reason for item in said}
    if len(reasons) == 1:
        return [_one(said, texts)] * len(texts)
    in_order = [item for item in said for _ in range(min(item.changes, len(texts) + 1))]
    if len(in_order) == len(texts):
        return [_one([item], [text]) for item, text in zip(in_order, texts, strict=True)]
    unknown = Authorship(cls=ActorClass.UNKNOWN, basis=Basis.NONE, evidence=_words(said))
    return [unknown] * len(texts)


def _one(said: Sequence[Evidence], texts: Sequence[str]) -> Authorship:
    """Return the class of changes that all have the same reason."""
    cls = _CLASS_BY_REASON[said[0].reason]
    if cls is ActorClass.TYPED and not _keys_suffice(said, texts):
        return Authorship(cls=ActorClass.UNKNOWN, basis=Basis.NONE, evidence=_words(said))
    return Authorship(cls=cls, basis=Basis.OBSERVED, evidence=_words(said))


def _words(said: Sequence[Evidence]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            f"{item.reason}:{item.detail}" if item.detail else item.reason for item in said
        )
    )


def _keys_suffice(said: Sequence[Evidence], texts: Sequence[str]) -> bool:
    """Say whether so many keys can have put in so much text, and made so many changes.

    The same text in several places is one key's: an editor with several cursors.
    """
    keys = sum(item.changes for item in said)
    different = set(texts)
    return len(different) <= keys and sum(map(_least_keys, different)) <= keys


def _least_keys(text: str) -> int:
    """Return the fewest keys that put in this text."""
    if len(text) <= 1:
        return len(text)
    shown = [
        character
        for character in "".join(text.split())
        if unicodedata.category(character) not in _MARKS
    ]
    if "\n" in text or "\r" in text:
        return max(1, len(shown) - _MOST_LEADER)
    opened = sum(character not in _CLOSERS for character in shown)
    return max(opened, (len(shown) + 1) // 2)
