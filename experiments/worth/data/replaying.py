"""Proof without a model: each exported action, done again, reaches the recorded files.

    python -m experiments.worth.data.replaying --work DIR [--traces DIR] [--made N] [EPISODE …]

Data sets and single episodes are exported by the verbs, the records are done again in an empty
folder or in the files that an episode began with, and after each action the files are compared with
the recorded ones (`tests/support/redoing.py`, which the tests of all exports use too).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.redoing import FORMS, redone

from experiments.worth.data.building import build_recorded, signoff
from experiments.worth.data.recording import Work, record
from experiments.worth.data.traces import folder_of_traces
from signoff_collector.episode.file.reader import read_episode
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.support.redoing import Redone

    from experiments.worth.data.recording import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One session in one form; of a trace in several parts each part counts."""

    session: str
    source: str
    redone: Redone


def replay(work: Work, dataset: Path, recorded: Sequence[Recorded]) -> Iterator[Row]:
    """Export a data set of this run in each form, and do it again.

    Raises:
        ChildFailedError: the export refused, or left an episode out.
    """
    by_sha256 = {one.sha256: one for one in recorded}
    for form in FORMS:
        out = dataset.parent / "exports" / form
        if not out.is_dir():
            out.parent.mkdir(exist_ok=True)
            episodes = str(dataset.with_name("episodes"))
            words = ("dataset", "export", str(dataset), "--from", episodes, "--format", form)
            signoff(*words, "-o", str(out), SIGNOFF_HOME=str(work.home().root))
        for path in sorted(out.glob("*/*.json*")):
            one = by_sha256[path.name.partition(".")[0]]
            yield _row(form, path.read_bytes(), one.path, session=one.name, source=one.source)


def replay_episode(episode: Path) -> Iterator[Row]:
    """Export one episode of a reader's own in each form, and do it again.

    Raises:
        ChildFailedError: the export refused.
    """
    for form in FORMS:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, f"record.{form}")
            signoff("export", str(episode), "--format", form, "-o", str(out), codes=(0, 3))
            yield _row(form, out.read_bytes(), episode, session=episode.stem[:12], source="own")


def _row(form: str, content: bytes, path: Path, *, session: str, source: str) -> Row:
    episode = read_episode(path.read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        found = redone(form, content, episode, Path(folder))
    return Row(session=session, source=source, redone=found)


def table_of(rows: Sequence[Row]) -> str:
    """Return a table in Markdown: a line for each session and form."""
    head = (
        *("session", "source", "form", "actions recorded", "exported", "reached"),
        *("moments compared", "tree hashes"),
    )
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for (session, source, form), of in _grouped(rows).items():
        counts = [
            sum(getattr(one, name) for one in of)
            for name in ("recorded", "exported", "reached", "compared", "trees")
        ]
        told = " | ".join(f"{count:,}" for count in counts)
        lines.append(f"| {session} | {source} | {form} | {told} |")
    return "\n".join(lines)


def _grouped(rows: Sequence[Row]) -> dict[tuple[str, str, str], list[Redone]]:
    found: dict[tuple[str, str, str], list[Redone]] = {}
    for row in rows:
        found.setdefault((row.session, row.source, row.redone.form), []).append(row.redone)
    return found


def main() -> int:
    """Print the table; 1 where an action did not reach what was recorded."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True, help="kept for the next run")
    parser.add_argument("--traces", type=Path, help="folder of editing traces")
    parser.add_argument("--made", type=int, default=2, metavar="N", help="made days")
    parser.add_argument("episodes", type=Path, nargs="*", metavar="EPISODE", help="of your own")
    arguments = parser.parse_args()
    rows: list[Row] = []
    try:
        work = Work(folder=arguments.work)
        traces = folder_of_traces(arguments.traces)
        recorded = record(work, traces=traces, made=range(arguments.made), tell=_tell)
        rows += replay(work, build_recorded(work, recorded), recorded)
        for episode in arguments.episodes:
            rows += replay_episode(episode)
    except SignoffError as error:
        _tell(f"error: {error}")
        for line in error.details:
            _tell(line)
        return error.exit_code
    print(table_of(rows))
    wrong = [(row.session, row.redone) for row in rows if not row.redone.is_whole]
    for session, one in wrong:
        print(f"{session}, {one.form}: {one.reached} of {one.exported}; {one.differences[:5]}")
    return 1 if wrong else 0


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
