"""Builds the data sets that the experiment reads, by the verbs that anybody builds one with.

What the run made itself is one data set, by the run's own home. A reader's own episodes are
another one by the reader's home, since only that one knows which of them were taken back.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.sign_off_files import signature_path, statement_path
from signoff_collector.own_files.private_files import make_private_folder
from signoff_schemas.errors import ChildFailedError

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from experiments.worth.data.recording import Recorded, Work

PURPOSE: Final = "model-training"


def build_recorded(work: Work, recorded: Sequence[Recorded]) -> Path:
    """Return the data set of episodes of this run; one that is there is not built again.

    Raises:
        ChildFailedError: a verb refused, or did not take every episode.
    """
    names = sorted(one.sha256 for one in recorded)
    place = work.folder / "datasets" / hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
    if not (place / "dataset").is_dir():
        chosen = place / "episodes"
        make_private_folder(chosen)
        for one in recorded:
            for path in (one.path, signature_path(one.path), statement_path(one.path)):
                shutil.copyfile(path, chosen / path.name)
        _build(place, chosen, {"SIGNOFF_HOME": str(work.home().root)})
    left_out = left_out_of(place / "dataset")
    if left_out:
        raise ChildFailedError(f"the data set lacks what the run made: {left_out}")
    return place / "dataset"


def build_own(work: Work, episodes: Path) -> Path:
    """Return the data set of a reader's own episodes, by their sign-offs; made anew each time.

    Raises:
        ChildFailedError: a verb refused: nothing of it may be used for this, say.
    """
    place = work.folder / "datasets" / "own"
    shutil.rmtree(place, ignore_errors=True)
    _build(place, episodes.absolute(), {})
    return place / "dataset"


def left_out_of(dataset: Path) -> dict[str, int]:
    """Return how many episodes the plan of a data set left out, by reason."""
    plan = json.loads(dataset.with_name("plan.json").read_bytes())
    return {str(reason): int(count) for reason, count in plan["left_out"].items() if count}


def _build(place: Path, episodes: Path, environ: Mapping[str, str]) -> None:
    make_private_folder(place)
    plan = place / "plan.json"
    plan.unlink(missing_ok=True)
    shutil.rmtree(place / "dataset", ignore_errors=True)
    source = ("--from", str(episodes))
    signoff(
        "dataset", "plan", *source, "--purpose", PURPOSE, "--k", "1", "-o", str(plan), **environ
    )
    signoff("dataset", "build", str(plan), *source, "-o", str(place / "dataset"), **environ)


def signoff(*words: str, codes: Container[int] = (0,), **environ: str) -> str:
    """Run a verb to its end with more environment; return what it says.

    Raises:
        ChildFailedError: it ended with another exit code than these.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-m", "signoff_collector", *words],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode not in codes:
        raise ChildFailedError(
            f"signoff {' '.join(words[:2])} ended with {done.returncode}",
            details=done.stderr.decode("utf-8", "replace").splitlines(),
        )
    return done.stdout.decode("utf-8", "replace")
