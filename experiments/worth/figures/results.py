"""All figures of an experiment as one value, the same for the same sessions and seeds."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from experiments.worth.figures import answers
from experiments.worth.figures.scoring import Answers, Contrast, contrast, mean
from experiments.worth.figures.verdicts import Control, of_all, of_family
from experiments.worth.learning import after_red, places, plan
from experiments.worth.learning.arms import ARMS, examples, judged
from experiments.worth.learning.splits import by_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from experiments.worth.examples import Session
    from experiments.worth.figures.answers import Family
    from experiments.worth.learning.plan import Run

ALL: Final = "all"
"""Name of all sessions of a kind together."""

Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What was run."""

    sessions: Sequence[Session]
    unmasked: Sequence[Session]
    """The same without masks; empty where nobody made them."""
    families: Sequence[Family]
    runs: Mapping[str, Sequence[Run]]
    """Of each family."""
    seeds: Mapping[str, int]
    """Of each family: as many again are the control of `true`."""
    facts: Mapping[str, object]
    """What whoever read the sessions tells of them."""
    shortfalls: Sequence[str]


def results(experiment: Experiment) -> Json:
    """Return all figures, from the answers that are kept."""
    families = {one.name: _Figures(experiment, one) for one in experiment.families}
    ran = {run.kind for runs in experiment.runs.values() for run in runs}
    kinds = [kind for kind in plan.KINDS if kind in ran]
    return {
        "protocol_sha256": hashlib.sha256((answers.HERE / "protocol.md").read_bytes()).hexdigest(),
        "versions": _versions(one.name for one in experiment.families),
        "facts": dict(experiment.facts),
        "seeds": dict(experiment.seeds),
        "settings": {one.name: one.setting for one in experiment.families},
        "sessions": [_sizes(session) for session in experiment.sessions],
        "families": {
            name: {kind: told for kind in kinds if (told := figures.of_kind(kind))}
            for name, figures in families.items()
        },
        "verdicts": _verdicts(families, held=False),
        "held_verdicts": _verdicts(families, held=True),
        "places": {kind: told for kind in kinds if (told := _places(experiment.sessions, kind))},
        "after_red": _after_red(experiment.sessions),
        "shortfalls": list(experiment.shortfalls),
    }


class _Figures:
    """The figures of one family."""

    def __init__(self, experiment: Experiment, family: Family) -> None:
        self._sessions = experiment.sessions
        self._unmasked = experiment.unmasked
        self._family = family
        self._seeds = experiment.seeds[family.name]
        self._answers: dict[str, Answers] = {}
        self._groups: dict[str, list[Run]] = {}
        for run in experiment.runs[family.name]:
            again = " again" if run.seed >= self._seeds else ""
            self._groups.setdefault(run.group + again, []).append(run)

    def of_kind(self, kind: str) -> Json:
        """Return all tables of one kind of session; empty where nothing was run."""
        if not self._has(f"{kind} true"):
            return {}
        told: Json = {
            "bits": self._arms(kind, self.answers),
            "own": self._arms(kind, self._own),
            "contrasts": self._contrasts(kind, self.answers),
            "own_contrasts": self._contrasts(kind, self._own),
            "controls": [
                {"name": one.name, "failed": one.has_failed, **asdict(one.contrast)}
                for one in self.controls(kind)
            ],
            "learning": {
                str(share): {
                    arm: _rates(self.answers(group))
                    for arm in plan.PRIMARY
                    if self._has(group := self._of_share(kind, arm, share))
                }
                for share in (*plan.SHARES, 1.0)
                if self._has(self._of_share(kind, "true", share))
            },
            "ablations": self._ablations(kind),
            "held": {
                name: {
                    "bits": self._arms(f"{kind} held {name}", self.answers),
                    "contrasts": self._contrasts(f"{kind} held {name}", self.answers),
                }
                for name in self.units(kind)
                if self._has(f"{kind} held {name} true")
            },
        }
        if self._family.name == "transformer":
            told["exact"] = self._arms(kind, self._exact)
            told["losses"] = {
                arm: [sum(step) / len(step) for step in zip(*self._losses(kind, arm), strict=True)]
                for arm in ARMS
                if self._has(f"{kind} {arm}")
            }
        return told

    def units(self, kind: str) -> list[str]:
        """Return the sessions of a kind that were asked about, and all of them together."""
        return _units(self.answers(f"{kind} true")) if self._has(f"{kind} true") else []

    def controls(self, kind: str) -> list[Control]:
        """Return the differences that have to be 0, but for a margin."""
        pairs = {
            "labels shuffled: true less shuffled": ("true labels", "shuffled labels"),
            "true less true with other seeds": ("true", "true again"),
        }
        return [
            Control(name, contrast(self.answers(f"{kind} {one}"), self.answers(f"{kind} {other}")))
            for name, (one, other) in pairs.items()
            if self._has(f"{kind} {one}") and self._has(f"{kind} {other}")
        ]

    def primary(self, prefix: str, unit: str) -> tuple[Contrast, Contrast] | None:
        """Return `true` less `code` and less `shuffled`; null where they were not run.

        Counts of five characters cannot be taught an order, so the mixture is asked for it in the
        own form of each arm: does the order of a history help it?
        """
        if not all(self._has(f"{prefix} {arm}") for arm in plan.PRIMARY):
            return None
        of_order = self._own if self._family.name == "mixture" else self.answers
        pairs = ((self.answers, "code"), (of_order, "shuffled"))
        (to_code, to_shuffled) = [
            [_unit(of(f"{prefix} {arm}"), unit) for arm in ("true", other)] for of, other in pairs
        ]
        return (contrast(*to_code), contrast(*to_shuffled)) if to_code[0].sessions else None

    def answers(self, group: str) -> Answers:
        """Return what the edits cost the runs of a group, their seeds averaged."""
        if group not in self._answers:
            self._answers[group] = self._mean(
                group, lambda run: answers.kept(self._family, run, self._sessions)
            )
        return self._answers[group]

    def _own(self, group: str) -> Answers:
        return self._mean(group, lambda run: answers.kept(self._family, run, self._sessions, "own"))

    def _exact(self, group: str) -> Answers:
        return self._mean(group, lambda run: answers.exact(self._family, run, self._sessions))

    def _mean(self, group: str, of: Callable[[Run], Answers]) -> Answers:
        return mean([of(run) for run in self._groups[group]])

    def _ablations(self, kind: str) -> Json:
        true = f"{kind} true"
        told: Json = {
            name: _by_unit(self.answers(group), self.answers(true))
            for name in plan.ABLATIONS
            if self._has(group := f"{true} without {name}")
        }
        if self._has(f"{true} unmasked"):
            told["masks"] = _by_unit(*self._same_edits(f"{true} unmasked", true))
        return told

    def _same_edits(self, unmasked: str, masked: str) -> tuple[Answers, Answers]:
        """Return what the edits cost with and without masks that insert the same text in both."""
        first, second = self._groups[unmasked][0], self._groups[masked][0]
        texts = [
            [one.edit.inserted for one in run.questions(sessions)["asked"]]
            for run, sessions in ((first, self._unmasked), (second, self._sessions))
        ]
        blocks = SequenceMatcher(None, *texts, autojunk=False).get_matching_blocks()
        pairs = [(one.a + at, one.b + at) for one in blocks for at in range(one.size)]
        found = self._mean(unmasked, lambda run: answers.kept(self._family, run, self._unmasked))
        return (
            found.at([at for at, _ in pairs]),
            self.answers(masked).at([at for _, at in pairs]),
        )

    def _losses(self, kind: str, arm: str) -> list[list[float]]:
        return [answers.losses(self._family, run) for run in self._groups[f"{kind} {arm}"]]

    def _has(self, group: str) -> bool:
        return group in self._groups

    def _of_share(self, kind: str, arm: str, share: float) -> str:
        return f"{kind} {arm}" + ("" if share == 1 else f" share {share}")

    def _arms(self, prefix: str, of: Callable[[str], Answers]) -> Json:
        names = (*ARMS, "true labels", "shuffled labels")
        found = {arm: f"{prefix} {arm}" for arm in names if self._has(f"{prefix} {arm}")}
        return {arm: _rates(of(group)) for arm, group in found.items()}

    def _contrasts(self, prefix: str, of: Callable[[str], Answers]) -> Json:
        true = of(f"{prefix} true")
        others = [arm for arm in ARMS if arm != "true" and self._has(f"{prefix} {arm}")]
        return {arm: _by_unit(true, of(f"{prefix} {arm}")) for arm in others}


def _verdicts(families: Mapping[str, _Figures], *, held: bool) -> Json:
    """Return the outcome of each session of code, and of all; of held-out ones each alone."""
    void = {
        name: [one.name for one in figures.controls("code") if one.has_failed]
        for name, figures in families.items()
    }
    units = {
        unit: f"code held {unit}" if held else "code"
        for figures in families.values()
        for unit in figures.units("code")
        if not (held and unit == ALL)
    }
    told: Json = {}
    for unit, prefix in units.items():
        pairs = {name: figures.primary(prefix, unit) for name, figures in families.items()}
        found = {name: of_family(*pair) for name, pair in pairs.items() if pair is not None}
        judged_by = {name: None if void[name] else found[name] for name in found}
        outcome, why = of_all(judged_by)
        told[unit] = {
            "outcome": str(outcome),
            "why": why,
            "families": {
                name: {"outcome": str(one), "why": reason, "void": void[name]}
                for name, (one, reason) in found.items()
            },
        }
    return told


def _places(sessions: Sequence[Session], kind: str) -> Json:
    """Return how well each arm's distances meet the places of each session's judged edits."""
    split = by_time(plan.of_kind(sessions, kind))
    number = sum(len(part.targets) for part in split.train)
    asked = {part.session.name: judged([part]) for part in split.judge if part.targets}
    if not number or not asked:
        return {}
    models = {arm: places.learned(examples(arm, split.train, 0), number) for arm in ARMS}
    return {
        name: {arm: asdict(places.score(model, found)) for arm, model in models.items()}
        for name, found in asked.items()
    }


def _after_red(sessions: Sequence[Session]) -> Json:
    """Return what follows a failing test, for made days and recorded episodes."""
    told: Json = {}
    for source in ("made", "own"):
        rows = [one.actions for one in sessions if one.source == source]
        scores = {
            "by time": (after_red.by_time(rows), after_red.by_time(rows, 0)),
            "held out": (after_red.held_out(rows), after_red.held_out(rows, 0)),
        }
        found = {
            split: {"three": asdict(three), "none": asdict(none)}
            for split, (three, none) in scores.items()
            if three is not None and none is not None
        }
        told |= {source: found} if found else {}
    return told


def _sizes(session: Session) -> Json:
    split = by_time([session])
    inserted = [
        [len(session.edits[at].inserted) for at in part.targets]
        for part in (*split.train, *split.judge)
    ]
    return {
        "name": session.name,
        "source": session.source,
        "kind": plan.kind_of(session),
        "bursts": len(session.edits),
        "trained_edits": len(inserted[0]),
        "trained_characters": sum(inserted[0]),
        "judged_edits": len(inserted[1]),
        "judged_characters": sum(inserted[1]),
        "actions": len(session.actions),
    }


def _versions(families: Iterable[str]) -> Json:
    names = ["numpy", *(["torch"] if "transformer" in families else [])]
    found: Json = {"python": platform.python_version(), "machine": platform.machine()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def _unit(found: Answers, unit: str) -> Answers:
    return found if unit == ALL else found.of(unit)


def _units(found: Answers) -> list[str]:
    return [*dict.fromkeys(found.sessions), ALL]


def _rates(found: Answers) -> Json:
    return {unit: _unit(found, unit).per_character for unit in _units(found)}


def _by_unit(one: Answers, other: Answers) -> Json:
    return {unit: asdict(contrast(_unit(one, unit), _unit(other, unit))) for unit in _units(one)}
