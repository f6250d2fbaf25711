"""Count who or what wrote an episode's text: inserted, and still there at the end.

Text that `signoff restore` put back counts as whoever wrote it first.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from signoff_collector.redaction.texts.texts import Key, TextStates
from signoff_collector.review.checking.restored import restored_texts
from signoff_schemas.steps import AnyStep, OpenStep, StepBase
from signoff_schemas.words import ACTOR_CLASSES, BASES, ActorClass, Basis

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode


_WRITERS: Final = frozenset(
    {ActorClass.TYPED, ActorClass.PASTED, ActorClass.COMPLETION, ActorClass.ASSISTANT}
)
"""Who writes anew, also where the same text stood before."""


class _Author(NamedTuple):
    cls: ActorClass
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one class of actors wrote, with one basis."""

    actor: str
    basis: str
    written: int
    """Characters put in by edits, or brought in with whole contents."""
    surviving: int
    """Those of them that are still in some text at the end."""
    edits: int

    def row(self) -> dict[str, object]:
        """Return the JSON form; `class` is the word of the format."""
        row = asdict(self)
        return {"class": row.pop("actor"), **row}


def shares_of(episode: Episode) -> list[Share]:
    """Return who wrote how much, most first. Walks the episode once."""
    restored = restored_texts(episode)
    states = TextStates(episode)
    authors: dict[_Author, int] = {}
    edits: dict[int, int] = {}
    widths: list[int] = []
    numbers: list[int] = []
    for step in episode.ordered():
        before = states.id_count
        if isinstance(step, StepBase):
            author = _author_of(step)
            touched = states.apply_step(step)
        else:
            author = _Author(ACTOR_CLASSES[step.actor], BASES[step.basis])
            states.apply_edit(step)
            touched = (Key(step.file, step.buffer),)
        is_anew = author.cls in _WRITERS
        if restored.takes(states, touched, before, seq=step.seq, is_anew=is_anew):
            author = _Author(ActorClass.PREEXISTING, author.basis)
        width = states.id_count - before
        is_edit = not isinstance(step, StepBase)
        if width or is_edit:
            number = authors.setdefault(author, len(authors))
            edits[number] = edits.get(number, 0) + is_edit
            widths.append(width)
            numbers.append(number)
    by_id = np.repeat(np.array(numbers, np.int64), np.array(widths, np.int64))
    original = restored.originals(states.id_count)
    is_new = original == np.arange(states.id_count)
    alive = np.zeros(states.id_count, bool)
    for text in states.texts.values():
        alive[original[np.frombuffer(text.ids, np.int32)]] = True
    written = np.bincount(by_id[is_new], minlength=len(authors)).tolist()
    surviving = np.bincount(by_id[alive], minlength=len(authors)).tolist()
    shares = [
        Share(
            actor=author.cls.value,
            basis=author.basis.value,
            written=written[number],
            surviving=surviving[number],
            edits=edits[number],
        )
        for author, number in authors.items()
    ]
    return sorted(shares, key=lambda one: (-one.surviving, -one.written, one.actor, one.basis))


def _author_of(step: AnyStep) -> _Author:
    """Return the author of a whole content; text that existed when a file was opened is older."""
    if isinstance(step, OpenStep) and step.actor.cls is ActorClass.UNKNOWN:
        return _Author(ActorClass.PREEXISTING, step.actor.basis)
    return _Author(step.actor.cls, step.actor.basis)
