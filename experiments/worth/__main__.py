"""`python -m experiments.worth [--quick|--gpu|--probe] [--traces DIR] [--from DIR] [--out DIR]`.

Every phase leaves files, and what is there is not done again, so a killed run goes on: sessions,
the answers of each run, then `results.json`, `seconds.json` and the report.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from experiments.worth.data.sessions import read_sessions, write_json
from experiments.worth.data.sources import read_sources
from experiments.worth.figures import answers
from experiments.worth.figures.report import report
from experiments.worth.figures.results import Experiment, results
from experiments.worth.learning import plan
from experiments.worth.learning.arms import ARMS, CONTROLS
from signoff_collector.own_files.private_files import make_private_folder, replace_private
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from experiments.worth.examples import Session
    from experiments.worth.figures.answers import Family
    from experiments.worth.learning.plan import Run

SEEDS = {"mixture": 3, "quick": 2, "gpu": 3, "tiny": 2}
"""Seeds of each family and setting; as many again are the control of `true`."""


def run(
    form: str, work: Path, sessions_path: Path, facts: Mapping[str, object], differs: object = None
) -> Path:
    """Answer, compute and report; return the folder of the report.

    Args:
        form: `probe` (the mixture, one seed, primary contrasts), `quick`, `gpu` or `tiny`.
        work: where answers are kept.
        sessions_path: the sessions, as `write_sessions` wrote them.
        facts: what whoever read them tells of them.
        differs: what they tell that is another in each run.
    """
    began = time.monotonic()
    sessions = read_sessions(sessions_path)
    plain = sessions_path.with_name(answers.UNMASKED)
    families, runs, seeds = planned(form, work, sessions, sessions_path)
    for family in families:
        answers.answer(family, runs[family.name], sessions_path, _tell)
    experiment = Experiment(
        sessions=sessions,
        unmasked=read_sessions(plain) if plain.exists() else (),
        families=families,
        runs=runs,
        seeds=seeds,
        facts=facts,
        shortfalls=shortfalls(sessions, runs),
    )
    out = work / f"report-{form}"
    make_private_folder(out)
    write_json(out / "results.json", results(experiment))
    aside = {"differs": differs, "seconds": _seconds(families, runs, time.monotonic() - began)}
    write_json(out / "aside.json", aside)
    # what is reported is what the files say
    told = [json.loads((out / f"{name}.json").read_bytes()) for name in ("results", "aside")]
    for name, text in report(*told).items():
        replace_private(out / name, text.encode())
    return out


def _seconds(
    families: Sequence[Family], runs: Mapping[str, Sequence[Run]], wall: float
) -> dict[str, float]:
    """Return what the runs took, those of earlier processes too, and this process since."""
    took = {"since the sessions were read": wall}
    for family in families:
        each = [answers.seconds(family, one) for one in runs[family.name]]
        took[f"CPU of {family.name}"] = sum(one.get("cpu", 0.0) for one in each)
    return took


def planned(
    form: str, work: Path, sessions: Sequence[Session], path: Path
) -> tuple[list[Family], dict[str, list[Run]], dict[str, int]]:
    """Return the families of a form, their runs, and how many seeds each has."""
    wanted = ("code",) if form == "probe" else plan.KINDS
    kinds = [kind for kind in wanted if plan.of_kind(sessions, kind)]
    characters = 30_000 if form == "tiny" else answers.CHARACTERS
    families = [answers.family("mixture", str(characters), path, work)]
    seeds = {"mixture": 1 if form == "probe" else SEEDS["mixture"]}
    runs: dict[str, list[Run]] = {"mixture": []}
    for kind in kinds:
        number = seeds["mixture"]
        if form == "probe":
            runs["mixture"] += plan.main_runs(kind, number, (*plan.PRIMARY, *CONTROLS))
            continue
        runs["mixture"] += plan.main_runs(kind, number, (*ARMS, *CONTROLS))
        runs["mixture"] += plan.learning_runs(kind, number)
        runs["mixture"] += plan.ablation_runs(sessions, kind, number)
        runs["mixture"] += plan.held_runs(sessions, kind, number)
        if kind != "made" and path.with_name(answers.UNMASKED).exists():
            runs["mixture"] += plan.unmasked_runs(kind, number)
    if form != "probe":
        families.append(answers.family("transformer", form, path, work))
        seeds["transformer"] = SEEDS[form]
        runs["transformer"] = plan.main_runs("code", SEEDS[form])
        if form != "quick":  # another hour
            runs["transformer"] += plan.held_runs(sessions, "code", SEEDS[form])
    able = {
        name: [one for one in each if plan.can_train(sessions, one)] for name, each in runs.items()
    }
    return families, able, seeds


def shortfalls(sessions: Sequence[Session], runs: dict[str, list[Run]]) -> list[str]:
    """Return what the protocol names and these sessions or this form do not give."""
    found: list[str] = []
    code = plan.of_kind(sessions, "code")
    if not code:
        found.append("There is no session of code, so there is no verdict.")
    if len(code) == 1:
        found.append("One session of code alone, so none could be held out.")
    silent = [name for name in plan.ABLATIONS if not _is_told(code, name)]
    if silent:
        found.append(f"No session of code tells {' or '.join(silent)}: no ablation of them there.")
    if "transformer" not in runs:
        found.append("The probe runs the mixture alone, so nothing is decided.")
    else:
        found.append(
            "Learning curve and ablations are of the mixture alone, and so are sessions of prose"
            " and made days: training transformers for them would take longer than the form may."
        )
    if len(code) > 1 and not any(one.held for one in runs.get("transformer", ())):
        found.append("Sessions held out were judged by the mixture alone, so nothing is decided.")
    found.append(
        "The mixture cannot learn from the order of work: its counts see five characters, so"
        " `true` and `shuffled` train it on the same characters but for those where a history"
        " begins or ends. Its verdict takes order from each arm's own form of prompt."
    )
    if not any(not one.is_masked for one in runs["mixture"]):
        found.append("Masked against unmasked text was not compared.")
    return found


def _is_told(sessions: Sequence[Session], name: str) -> bool:
    runs = plan.ablation_runs(sessions, "code", 1)
    return any(one.marks == plan.ABLATIONS[name] for one in runs)


def main(arguments: Sequence[str]) -> int:
    """Run the experiment; return the exit code, of an error that of the same error of a verb."""
    parser = argparse.ArgumentParser(prog="python -m experiments.worth", description=__doc__)
    forms = parser.add_mutually_exclusive_group()
    for form, said in {
        "quick": "both families on two cores (the default)",
        "gpu": "larger transformers on one card",
        "probe": "the mixture alone, one seed",
        "tiny": "both families, too small to tell anything: for tests",
    }.items():
        forms.add_argument(f"--{form}", dest="form", action="store_const", const=form, help=said)
    parser.add_argument("--traces", type=Path, help="public editing traces (SIGNOFF_TRACES)")
    parser.add_argument("--from", dest="own", type=Path, help="signed episodes of your own")
    parser.add_argument(
        "--out",
        type=Path,
        default=user_cache_path("signoff-worth", appauthor=False),
        help="folder of all phases, outside of any repository (%(default)s)",
    )
    chosen = parser.parse_args(arguments)
    make_private_folder(chosen.out)
    try:
        form = chosen.form or "quick"
        path, facts, differs = read_sources(
            chosen.out, chosen.traces, chosen.own, _tell, is_unmasked_wanted=form != "probe"
        )
        out = run(form, chosen.out, path, facts, differs)
    except SignoffError as error:
        _tell(f"error: {error}")
        for line in (*error.details, *([f"hint: {error.hint}"] if error.hint else ())):
            _tell(line)
        return error.exit_code
    _tell(f"the report is {out / 'worth.md'}")
    return 0


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
