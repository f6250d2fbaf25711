"""Where sessions come from: traces, made days and a reader's episodes, each by a data set."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from experiments.worth.building import build_own, build_recorded, left_out_of
from experiments.worth.reading import read_sessions
from experiments.worth.recording import Work, record
from experiments.worth.sessions import write_json, write_sessions
from experiments.worth.traces import folder_of_traces

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MADE_DAYS: Final = range(12)
"""Seeds of the made days."""


def read_sources(
    work: Path, traces: Path | None, own: Path | None, tell: Callable[[str], None]
) -> tuple[Path, dict[str, object], dict[str, str]]:
    """Record, build and read what is not there yet.

    Args:
        work: folder of the run.
        traces: folder of editing traces; null for the usual places.
        own: folder of signed episodes of a reader; null for none.
        tell: is called with what is done now.

    Returns:
        The file of all sessions; what became of their bursts; SHA-256 of each manifest, which
        another run signs with another key.

    Raises:
        SignoffError: there are no traces, or something of them cannot be played or built.
    """
    place = Work(folder=work)
    recorded = record(place, traces=folder_of_traces(traces), made=MADE_DAYS, tell=tell)
    datasets = {"recorded": build_recorded(place, recorded)}
    if own is not None:
        datasets["own"] = build_own(place, own)
    reads = {name: read_sessions(dataset, recorded) for name, dataset in datasets.items()}
    sessions = [session for read in reads.values() for session in read.sessions]
    path = work / "sessions.json"
    write_sessions(path, sessions)
    counts = {name: dict(of) for read in reads.values() for name, of in read.counts.items()}
    facts: dict[str, object] = {"bursts": counts}
    if own is not None:
        facts["left out of the reader's episodes"] = left_out_of(datasets["own"])
    write_json(work / "bursts.json", facts)
    manifests = {
        f"SHA-256 of the manifest of the data set {name}": hashlib.sha256(
            (dataset / "manifest.json").read_bytes()
        ).hexdigest()
        for name, dataset in datasets.items()
    }
    return path, facts, manifests
