"""Makes signed episodes of what the experiment is about: traces, made days, a reader's own.

    WORK/episodes/NAME.N-KEY.episode  .signoff.json[.sig]  .source.json   kept for the next run
    WORK/home                                                             keys of this run

Traces are played and sealed (`playing.py`), made days are a program's (`benchmarks/made_days`).
Each is signed with the key that the run made for itself, for the folder `WORK/nowhere`: nothing
was reviewed, and the statement says so (no file seen). Nothing of it leaves the machine. A
reader's own episodes are taken as they are, with their sign-offs; no key of the run touches them.

KEY is of the bytes that it was made of and of the rules here, so a second run makes nothing anew.
The sign-off is written last: what a killed run left without one is made again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from experiments.worth.data.playing import play_and_seal
from experiments.worth.data.signing import sign
from experiments.worth.data.traces import after, is_code, read_traces
from signoff_collector import __version__
from signoff_collector.consent.sign_off_files import (
    statement_path,
    take_snapshot,
    write_sign_off,
)
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.own_files.home import resolve_home
from signoff_collector.own_files.private_files import make_private_folder, replace_private
from signoff_collector.redaction.detectors.detectors import VERSION as DETECTORS_VERSION
from signoff_schemas.errors import DamagedError, NotFoundError
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from experiments.worth.data.traces import Played
    from signoff_collector.own_files.home import Home

RULES: Final = 1
"""Rises when the same input gives another episode."""
MADE_TASKS: Final = 8

Kind = Literal["trace", "made"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One episode, and what it was made of."""

    sha256: str
    source: Kind
    name: str
    """Of the trace, or `made-SEED`; parts of one trace share it."""
    part: int
    """Number of the part, from 0."""
    is_code: bool
    path: Path
    """Of the episode; its sign-off lies beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The folder that a run works in; it must not lie in a repository."""

    folder: Path

    @property
    def episodes(self) -> Path:
        """Where the episodes of all runs lie."""
        return self.folder / "episodes"

    def home(self) -> Home:
        """Return the run's own home, made where it is not there.

        Raises:
            RefusedError: it lies in a repository.
        """
        return resolve_home({"SIGNOFF_HOME": str(self.folder.absolute() / "home")}).ensure()


def record(
    work: Work,
    *,
    traces: Path | None,
    made: Iterable[int] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> list[Recorded]:
    """Return all episodes of some traces and made days, those that were there already too.

    Args:
        work: where they are kept.
        traces: folder of editing traces; None for none.
        made: seeds of made days.
        tell: is called with what is made now.

    Raises:
        SignoffError: a trace cannot be read or played. What was made before is kept.
    """
    make_private_folder(work.folder)
    make_private_folder(work.episodes)
    found: list[Recorded] = []
    for trace in [] if traces is None else read_traces(traces):
        found += _of_trace(work, trace, tell)
    for seed in made:
        found.append(_of_made(work, seed, tell))
    return found


def _of_trace(work: Work, trace: Played, tell: Callable[[str], None]) -> list[Recorded]:
    """Return the parts of a trace: those of earlier runs, and what is played now."""
    found: list[Recorded] = []
    text, home = trace.start, work.home()
    for at, changes in enumerate(trace.parts):
        key = _key("trace", trace.path, trace.digest, str(at))
        kept = _kept(work, trace.name, at, key)
        if kept is not None:
            found.append(kept)
            text = after(text, changes)
            continue
        tell(f"playing {trace.name}, part {at + 1} of {len(trace.parts)}")
        root = work.folder / "played" / trace.name
        sealed, text = play_and_seal(home, root, trace.path, text, changes)
        shutil.rmtree(root)
        made = Recorded(
            sha256=sealed.sha256,
            source="trace",
            name=trace.name,
            part=at,
            is_code=is_code([trace.path]),
            path=_place(work, trace.name, at, key),
        )
        sealed.path.replace(made.path)
        _keep(home, made, licence="CC-BY-4.0", owner=Owner.OPEN_SOURCE)
        found.append(made)
    if text != trace.end:
        raise DamagedError(f"{trace.name}: played, it gives another text than its endContent")
    return found


def _of_made(work: Work, seed: int, tell: Callable[[str], None]) -> Recorded:
    """Return a made day as its maker wrote it: with authors, views and test runs."""
    from benchmarks.made_days.known_day import known_day

    name, key = f"made-{seed}", _key("made", str(seed), str(MADE_TASKS))
    kept = _kept(work, name, 0, key)
    if kept is not None:
        return kept
    tell(f"making the day {seed}")
    day, _ = known_day(seed, tasks=MADE_TASKS)
    session = hashlib.sha256(name.encode()).hexdigest()[:32]
    header = day.header.model_copy(update={"session": session, "workspace": name})
    content = write_episode(replace(day, header=header))
    made = Recorded(
        sha256=hashlib.sha256(content).hexdigest(),
        source="made",
        name=name,
        part=0,
        is_code=True,
        path=_place(work, name, 0, key),
    )
    replace_private(made.path, content)
    _keep(work.home(), made, licence="CC0-1.0", owner=Owner.MINE)
    return made


def _key(*parts: str) -> str:
    """Return 16 digits that name an input under these rules, and under those of masking."""
    told = json.dumps([RULES, __version__, DETECTORS_VERSION, *parts])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _place(work: Work, name: str, part: int, key: str) -> Path:
    return work.episodes / f"{name}.{part}-{key}.episode"


def _source_path(episode: Path) -> Path:
    return episode.with_name(f"{episode.name.removesuffix('.episode')}.source.json")


def _kept(work: Work, name: str, part: int, key: str) -> Recorded | None:
    """Return what an earlier run made whole; its bytes are those that were signed."""
    path = _place(work, name, part, key)
    if not statement_path(path).is_file():
        return None
    try:
        fields = json.loads(_source_path(path).read_bytes())
        if take_snapshot(path).sha256 != fields["sha256"]:
            return None
        return Recorded(**fields, path=path)
    except (OSError, ValueError, KeyError, TypeError, NotFoundError, DamagedError):
        return None


def _keep(home: Home, made: Recorded, *, licence: str, owner: Owner) -> None:
    """Write what an episode is beside it, then its sign-off."""
    fields = {name: value for name, value in asdict(made).items() if name != "path"}
    replace_private(_source_path(made.path), (json.dumps(fields) + "\n").encode())
    write_sign_off(made.path, sign(home, made.path, made.name, licence=licence, owner=owner))
