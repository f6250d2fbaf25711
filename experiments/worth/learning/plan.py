"""Which runs there are: what each is trained on, and what it is asked."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

from experiments.worth.learning.arms import ARMS, CONTROLS, examples, judged, own_form
from experiments.worth.learning.prompts import Marks
from experiments.worth.learning.splits import Split, by_time, without

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from experiments.worth.examples import Session
    from experiments.worth.learning.prompts import Example

PRIMARY: Final = ("code", "shuffled", "true")
SHARES: Final = (0.125, 0.25, 0.5)
ABLATIONS: Final = {
    "times": Marks(times=False),
    "views": Marks(views=False),
    "authors": Marks(authors=False),
}
KINDS: Final = ("code", "prose", "made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One model: an arm, a seed, and whatever else differs from the plain form."""

    kind: str
    """Of `KINDS`: models are trained on sessions of one kind together."""
    arm: str
    seed: int
    held: str = ""
    """Name of the session that is held out; empty for the split by time."""
    share: float = 1.0
    """Of the training part that is used, the latest."""
    marks: Marks = field(default_factory=Marks)
    is_masked: bool = True

    @property
    def group(self) -> str:
        """Return what runs have in common that differ in nothing but their seed."""
        missing = "".join([f" without {name}" for name, on in asdict(self.marks).items() if not on])
        held = f" held {self.held}" if self.held else ""
        share = "" if self.share == 1 else f" share {self.share}"
        return (
            f"{self.kind}{held} {self.arm}{share}{missing}{'' if self.is_masked else ' unmasked'}"
        )

    @property
    def file(self) -> str:
        """Return the name of the file that its answers are in."""
        return f"{re.sub(r'[^A-Za-z0-9.]+', '-', self.group)}-{self.seed}.json"

    def split(self, sessions: Sequence[Session]) -> Split:
        """Return what trains and judges, of the sessions of its kind."""
        mine = of_kind(sessions, self.kind)
        return without(mine, self.held) if self.held else by_time(mine, self.share)

    def drawn(self, sessions: Sequence[Session]) -> Iterator[Example]:
        """Return its training examples, without end."""
        return examples(self.arm, self.split(sessions).train, self.seed)

    def questions(self, sessions: Sequence[Session]) -> dict[str, list[Example]]:
        """Return what it is asked: by the prompt of all, and in its own form."""
        split = self.split(sessions)
        return {"asked": judged(split.judge), "own": own_form(self.arm, split)}


def kind_of(session: Session) -> str:
    """Return the kind that a session counts under."""
    if session.source == "made":
        return "made"
    return "code" if session.is_code else "prose"


def of_kind(sessions: Sequence[Session], kind: str) -> list[Session]:
    """Return the sessions of a kind, in their order."""
    return [session for session in sessions if kind_of(session) == kind]


def main_runs(kind: str, seeds: int, arms: Sequence[str] = (*ARMS, *CONTROLS)) -> list[Run]:
    """Return all arms and controls of the split by time; `true` with as many other seeds again."""
    runs = [Run(kind=kind, arm=arm, seed=seed) for arm in arms for seed in range(seeds)]
    return runs + [Run(kind=kind, arm="true", seed=seed) for seed in range(seeds, 2 * seeds)]


def held_runs(sessions: Sequence[Session], kind: str, seeds: int) -> list[Run]:
    """Return the arms of the primary contrasts for each session held out, if there are two."""
    names = [session.name for session in of_kind(sessions, kind)]
    return [
        Run(kind=kind, arm=arm, seed=seed, held=name)
        for name in names
        if len(names) > 1
        for arm in PRIMARY
        for seed in range(seeds)
    ]


def learning_runs(kind: str, seeds: int) -> list[Run]:
    """Return the arms of the primary contrasts with less of the training part."""
    return [
        Run(kind=kind, arm=arm, seed=seed, share=share)
        for share in SHARES
        for arm in PRIMARY
        for seed in range(seeds)
    ]


def ablation_runs(sessions: Sequence[Session], kind: str, seeds: int) -> list[Run]:
    """Return `true` without marks that the sessions of a kind do tell."""
    edits = [edit for session in of_kind(sessions, kind) for edit in session.edits]
    told = {
        "times": any(edit.pause_ms is not None for edit in edits),
        "views": any(edit.views for edit in edits),
        "authors": any(edit.author != "unknown" for edit in edits),
    }
    return [
        Run(kind=kind, arm="true", seed=seed, marks=marks)
        for name, marks in ABLATIONS.items()
        if told[name]
        for seed in range(seeds)
    ]


def unmasked_runs(kind: str, seeds: int) -> list[Run]:
    """Return `true` on the same sessions without masks."""
    return [Run(kind=kind, arm="true", seed=seed, is_masked=False) for seed in range(seeds)]


def can_train(sessions: Sequence[Session], run: Run) -> bool:
    """Say whether there is an edit to train on and one to be asked about."""
    split = run.split(sessions)
    return all(any(part.targets for part in parts) for parts in (split.train, split.judge))
