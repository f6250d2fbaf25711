"""Runs every model of a plan and keeps its answers: one file a run, there whole or not at all."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from experiments.worth.data.sessions import read_sessions, write_json
from experiments.worth.figures.scoring import Answers
from experiments.worth.learning import mixture
from experiments.worth.learning.arms import text_of
from signoff_collector.own_files.private_files import make_private_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from experiments.worth.examples import Session
    from experiments.worth.learning.plan import Run

HERE: Final = Path(__file__).resolve().parents[1]
SOURCES: Final = (
    "examples.py",
    "protocol.md",
    "data/unmasked.py",
    "learning/*.py",
    "figures/answers.py",
)
"""What decides an answer, besides the sessions."""
UNMASKED: Final = "unmasked.json"
"""File of the same sessions without masks, beside that of the sessions, where it was made."""
CHARACTERS: Final = 1_500_000
SIDE_BY_SIDE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One kind of model in one setting, and the folder of its answers."""

    name: str
    """`mixture` or `transformer`."""
    setting: str
    """Of the transformer; for the mixture the number of characters of an arm."""
    folder: Path

    def path(self, run: Run) -> Path:
        """Return the file of a run's answers."""
        return self.folder / run.file


def family(name: str, setting: str, sessions: Path, work: Path) -> Family:
    """Return a family whose folder is of these sessions and these sources, and no others."""
    digest = hashlib.sha256(sessions.read_bytes())
    for path in sorted(path for source in SOURCES for path in HERE.glob(source)):
        digest.update(path.read_bytes())
    folder = work / f"{name}-{setting}-{digest.hexdigest()[:16]}"
    make_private_folder(folder)
    return Family(name=name, setting=setting, folder=folder)


def answer(
    of: Family, runs: Sequence[Run], sessions: Path, tell: Callable[[str], None] = lambda _: None
) -> None:
    """Run what has no answers yet, two at a time.

    Raises:
        RuntimeError: a run of the transformer failed; what it said is in its `.log`.
    """
    missing = [run for run in runs if not of.path(run).exists()]
    one = _mixture if of.name == "mixture" else _transformer
    if not missing:
        return
    with ProcessPoolExecutor(SIDE_BY_SIDE) as pool:
        ended = pool.map(partial(one, of, sessions), missing)
        for number, (run, _) in enumerate(zip(missing, ended, strict=True), 1):
            tell(f"{of.name} {number} of {len(missing)}: {run.group}, seed {run.seed}")


def kept(of: Family, run: Run, sessions: Sequence[Session], form: str = "asked") -> Answers:
    """Return what a run's questions cost, in one of the two forms of prompt."""
    parts = run.split(sessions).judge
    edits = [(part.session.name, part.session.edits[at]) for part in parts for at in part.targets]
    told = json.loads(of.path(run).read_bytes())
    return Answers(
        tuple([name for name, _ in edits]),
        tuple([len(edit.inserted) for _, edit in edits]),
        tuple(told[form]),
    )


def exact(of: Family, run: Run, sessions: Sequence[Session]) -> Answers:
    """Return which texts a transformer met exactly, as 1 of 1 edits or 0."""
    met = [float(one) for one in json.loads(of.path(run).read_bytes())["asked exact"]]
    names = kept(of, run, sessions).sessions
    return Answers(names, (1,) * len(names), tuple(met))


def losses(of: Family, run: Run) -> list[float]:
    """Return the loss of each step of a transformer."""
    return [float(one) for one in json.loads(of.path(run).read_bytes())["losses"]]


def seconds(of: Family, run: Run) -> dict[str, float]:
    """Return the seconds that a run took; empty where it does not say."""
    path = of.path(run).with_suffix(".seconds")
    return json.loads(path.read_bytes()) if path.exists() else {}


def _mixture(of: Family, path: Path, run: Run) -> None:
    began, cpu = time.monotonic(), time.process_time()
    sessions = _sessions(_path(path, run))
    model = mixture.trained(text_of(run.drawn(sessions), run.marks, int(of.setting)))
    told: dict[str, list[float]] = {}
    for form, questions in run.questions(sessions).items():
        prompts = tuple([one.prompt(run.marks) for one in questions])
        targets = tuple([one.edit.inserted for one in questions])
        shares = mixture.asked(model, prompts, targets)
        told[form] = mixture.bits(shares, _of_prompts(prompts, targets), targets)
    took = {"wall": time.monotonic() - began, "cpu": time.process_time() - cpu}
    write_json(of.path(run).with_suffix(".seconds"), took)
    write_json(of.path(run), told)


def _path(sessions: Path, run: Run) -> Path:
    return sessions if run.is_masked else sessions.with_name(UNMASKED)


@lru_cache(maxsize=2)
def _sessions(path: Path) -> list[Session]:
    return read_sessions(path)


@lru_cache(maxsize=8)
def _of_prompts(prompts: tuple[str, ...], targets: tuple[str, ...]) -> mixture.Shares:
    """Return what does not depend on any training, so runs that ask alike share it."""
    return mixture.of_prompts(prompts, targets)


def _transformer(of: Family, path: Path, run: Run) -> None:
    place = of.path(run)
    write_json(place.with_suffix(".run"), asdict(run))
    words = (of.setting, run.seed, place.with_suffix(".run"), _path(path, run), place)
    with place.with_suffix(".log").open("wb") as log:
        done = subprocess.run(
            [sys.executable, "-m", "experiments.worth.learning.training", *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
            cwd=HERE.parents[1],
        )
    if done.returncode:
        said = place.with_suffix(".log").read_text("utf-8", "replace").splitlines()[-1:]
        raise RuntimeError(f"{run.group}, seed {run.seed}, ended with {done.returncode}: {said}")
