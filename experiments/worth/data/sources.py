"""Where sessions come from: traces, made days and a reader's episodes, each by a data set."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from experiments.worth.data.building import build_own, build_recorded, left_out_of
from experiments.worth.data.reading import masked_share, read_data_set
from experiments.worth.data.recording import Work, record
from experiments.worth.data.sessions import write_sessions
from experiments.worth.data.traces import folder_of_traces, read_traces
from experiments.worth.data.unmasked import read_unmasked
from experiments.worth.figures.answers import UNMASKED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from experiments.worth.examples import Session

MADE_DAYS: Final = range(12)
"""Seeds of the made days."""

Facts = dict[str, object]


def read_sources(
    work: Path,
    traces: Path | None,
    own: Path | None,
    tell: Callable[[str], None],
    *,
    is_unmasked_wanted: bool,
) -> tuple[Path, Facts, dict[str, str]]:
    """Record and build what is not there yet, and read it.

    Args:
        work: folder of the run.
        traces: folder of editing traces; null for the usual places.
        own: folder of signed episodes of a reader; null for none.
        tell: is called with what is done now.
        is_unmasked_wanted: whether traces are read without masks too, for that one comparison.

    Returns:
        The file of all sessions, that of unmasked ones beside it; what became of their bursts;
        SHA-256 of each manifest, which another run signs with another key.

    Raises:
        SignoffError: there are no traces, or something of them cannot be played or built.
    """
    place, folder = Work(folder=work), folder_of_traces(traces)
    recorded = record(place, traces=folder, made=MADE_DAYS, tell=tell)
    datasets = {"recorded": build_recorded(place, recorded)}
    if own is not None:
        datasets["own"] = build_own(place, own)
    reads = {name: read_data_set(dataset, recorded) for name, dataset in datasets.items()}
    sessions = [session for read in reads.values() for session in read.sessions]
    path = work / "sessions.json"
    write_sessions(path, sessions)
    facts: Facts = {
        "bursts": {name: dict(of) for read in reads.values() for name, of in read.counts.items()}
    }
    if own is not None:
        facts["left out of the reader's episodes"] = left_out_of(datasets["own"])
    if is_unmasked_wanted:
        facts["characters that are masked, of all"] = _write_unmasked(path, folder, sessions, tell)
    manifests = {
        f"SHA-256 of the manifest of the data set {name}": hashlib.sha256(
            (dataset / "manifest.json").read_bytes()
        ).hexdigest()
        for name, dataset in datasets.items()
    }
    return path, facts, manifests


def _write_unmasked(
    path: Path, folder: Path, sessions: Sequence[Session], tell: Callable[[str], None]
) -> dict[str, str]:
    """Write all sessions, those of traces without masks; return how much of each is masked."""
    plain: dict[str, Session] = {}
    for trace in read_traces(folder):
        tell(f"reading {trace.name} without masks")
        plain |= {one.name: one for one in read_unmasked(trace).sessions}
    write_sessions(path.with_name(UNMASKED), [plain.get(one.name, one) for one in sessions])
    shares = {one.name: masked_share(one, plain[one.name]) for one in sessions if one.name in plain}
    return {name: f"{gone} of {told}" for name, (gone, told) in shares.items()}
