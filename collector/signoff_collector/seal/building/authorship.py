"""Attributes a change to an actor, from evidence reported by the editor (docs/actors.md).

A class is assigned on direct evidence only, else it is unknown: agents too stream one
character at a time into buffers, so size and rhythm prove nothing. The table is in
`docs/sealing.md`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from signoff_schemas.words import RESTORED, ActorClass, Basis

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
"""Closing brackets and quotes, which an editor may insert by itself."""
_MOST_LEADER: Final = 3
"""Characters that an editor may insert after a line break to continue a comment."""
_MARKS: Final = frozenset({"Mn", "Me", "Cf"})
"""Unicode categories that combine with the character before: accents, variation selectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One `signoff/evidence` notification (PROTOCOL.md)."""

    reason: str
    detail: str | None = None
    changes: int = 1
    alone: Authorship | None = None
    """Precomputed result for the usual case: the only evidence, and one change of one character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorship:
    """Class, basis and evidence of the actor of one change."""

    cls: ActorClass
    basis: Basis
    evidence: tuple[str, ...] = ()


Said = tuple[Evidence, ...]
"""All evidence for one document version, in order of arrival."""
UNKNOWN: Final = Authorship(cls=ActorClass.UNKNOWN, basis=Basis.NONE)


@lru_cache(maxsize=256)
def known_evidence(reason: str, detail: str | None, changes: int) -> Said | None:
    """Return the evidence of a notification, or None when its reason is unknown.

    Cached: there is a notification for nearly every edit, and few are different.
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
"""Actors of a reload: the buffer then equals what git or another program wrote to disk."""


@lru_cache(maxsize=256)
def taken_over(by: str) -> Authorship:
    """Return the actor of changes that reload into a buffer what `by` wrote to its file.

    `by` is `git`, `external`, `RESTORED`, or the evidence of an agent's tool call, which
    announced the write.
    """
    known = TAKEN_OVER.get(by)
    if known is not None:
        return known
    evidence = (by, "equals the file on disk")
    if by == RESTORED:
        return Authorship(cls=ActorClass.EXTERNAL, basis=Basis.OBSERVED, evidence=evidence)
    return Authorship(cls=ActorClass.ASSISTANT, basis=Basis.OBSERVED, evidence=evidence)


def attribute(said: Sequence[Evidence], texts: Sequence[str]) -> list[Authorship]:
    """Return the actor of each content change of one document version.

    Several reasons for one version are assigned only where each change has its own; else all
    are unknown.

    Args:
        said: all evidence for that version, in order of arrival.
        texts: inserted text of each content change.
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
    """Return the actor of changes that all have the same reason."""
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
    """Say whether the reported number of keys can have inserted this much text.

    The same text in several places counts as one key: an editor with several cursors.
    """
    keys = sum(item.changes for item in said)
    different = set(texts)
    return len(different) <= keys and sum(map(_least_keys, different)) <= keys


def _least_keys(text: str) -> int:
    """Return the least number of keys that can insert this text.

    A line break may bring indentation, which is not counted, and a comment leader. Otherwise an
    editor may close what was opened, at most one character for each typed.
    """
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
