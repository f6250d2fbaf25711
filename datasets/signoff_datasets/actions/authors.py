"""Who did an action, and whether a trainer should learn to do it (weight 1) or only see it (0).

Weight 0: anything that is not known to be a person's (unknown, an assistant, a formatter, git,
another program), what a mask stands in, and mistakes that were repaired later. Everything else: 1.
Of a recording of another tool only what it observed to be a person's is one.
The weight is a proposal; mistakes stay where they happened, since what follows answers them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.imported import imported_of
from signoff_collector.levels.writing.shares import group_of
from signoff_collector.levels.wrong_turns import wrong_turns
from signoff_datasets.actions.action import Author
from signoff_schemas.steps import TaskStep
from signoff_schemas.words import ACTOR_CLASSES, BASES, ActorClass, Basis, is_restored

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.episode.content import EditTable, Episode
    from signoff_collector.levels.levels import Levels
    from signoff_datasets.actions.action import Action, Label, ZeroReason
    from signoff_schemas.header import EpisodeHeader
    from signoff_schemas.steps import NoteStep
    from signoff_schemas.values import Actor

UNKNOWN: Final = Author(cls=ActorClass.UNKNOWN, basis=Basis.NONE)
PERSON: Final = Author(cls=ActorClass.TYPED, basis=Basis.OBSERVED, is_person=True)
"""Of the words of a task or a note that the person who records gave."""
MIXED: Final = "mixed"


def author_of(actor: Actor) -> Author:
    """Return the author that a step names."""
    return Author(
        cls=actor.cls,
        basis=actor.basis,
        evidence=actor.evidence,
        is_person=_is_person(actor.cls, actor.basis, actor.evidence),
    )


def author_of_words(step: TaskStep | NoteStep, header: EpisodeHeader) -> Author:
    """Return who said a task or a note: the person who records, or nobody that is known.

    What an importer made a note of, and a task that an issue, a branch or a prompt gave, are no
    words of the person's.
    """
    is_given = isinstance(step, TaskStep) and step.origin != "person"
    return UNKNOWN if is_given or imported_of(header) is not None else PERSON


def author_of_edits(edits: EditTable, *, is_whole: bool) -> Author:
    """Return the author of some edits.

    Args:
        edits: at least one.
        is_whole: False where the change holds more than these edits.
    """
    rows = list(edits.edits())
    inserted: dict[str, int] = {}
    evidence: dict[str, None] = {}
    basis = 0
    people = set[bool]()
    for row in rows:
        cls = ACTOR_CLASSES[row.actor]
        own = edits.evidence_sets[row.evidence]
        inserted[cls] = inserted.get(cls, 0) + len(row.text) + row.deleted
        evidence.update(dict.fromkeys(own))
        basis = max(basis, row.basis)
        people.add(_is_person(cls, BASES[row.basis], own))
    is_one = is_whole and (len(inserted) == 1 or people == {True})
    return Author(
        cls=max(inserted, key=lambda cls: inserted[cls]) if is_one else MIXED,
        basis=BASES[basis],
        evidence=tuple(evidence),
        is_person=is_one and people == {True},
    )


def _is_person(cls: ActorClass, basis: Basis, evidence: Iterable[str]) -> bool:
    return group_of(cls) == "person" and basis is not Basis.NONE and not is_restored(evidence)


def is_afterwards(action: Action) -> bool:
    """Say whether a note was written in the review, about a moment that was over."""
    return action.kind == "message" and action.scope == "review"


class Weighing:
    """Weighs the actions of one episode."""

    def __init__(self, episode: Episode, levels: Levels) -> None:
        names = sorted(episode.header.masks, key=len, reverse=True)
        found = "|".join(f"{re.escape(name)}(?![0-9])" for name in names)
        self._mask = re.compile(f"(?<![A-Za-z0-9_])(?:{found})") if found else None
        self._wrong = list(wrong_turns(levels))
        self._is_imported = imported_of(episode.header) is not None

    def weighed(self, action: Action) -> Action:
        """Return the action with its weight, and why it is 0."""
        labels = self._labels(action)
        because: list[ZeroReason] = []
        author = action.author
        is_guess = self._is_imported and author.basis != Basis.OBSERVED
        if is_guess or not author.is_person:
            because.append("author")
        if self._is_masked(action):
            because.append("placeholder")
        if "mistake" in labels:
            because.append("mistake")
        if is_afterwards(action):
            because.append("afterwards")
        return replace(
            action, weight=0 if because else 1, zero_because=tuple(because), labels=labels
        )

    def _is_masked(self, action: Action) -> bool:
        if self._mask is None:
            return False
        said = [action.text, action.path or "", action.cwd or ""]
        for change in action.changes if action.kind != "bash" else ():
            content = change.content.decode("utf-8", "replace")
            said += [change.old, change.new, change.path, content]
        return any(self._mask.search(text) for text in said)

    def _labels(self, action: Action) -> tuple[Label, ...]:
        if action.kind not in {"str_replace", "create"}:
            return ()
        found: dict[Label, None] = {}
        for one in self._wrong:
            is_inside = one.first <= action.seq_first and action.seq_last <= one.last
            if one.path == action.path and is_inside:
                found[one.side] = None
        # What takes a wrong turn back is its repair, also where it stands in a longer wrong turn.
        return ("recover",) if "recover" in found else tuple(found)
