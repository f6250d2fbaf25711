"""Published editing traces, read for the experiment: what was edited, when, and in which parts.

A session of the recorder lasts 30 days at most (`docs/journal.md`), a trace may span a year: a
longer one is cut where its author was away, and each part is a session of its own.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.peers.traces import TraceFile, trace_files

from signoff_collector.capture.sessions.session_folder import IDLE_NS
from signoff_collector.imports.editing_trace import make_episode, parse_times, parse_trace
from signoff_collector.imports.reading import MAX_BYTES
from signoff_collector.own_files.private_files import read_regular
from signoff_schemas.errors import DamagedError, NotFoundError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from signoff_collector.imports.editing_trace import Trace

PART_NS: Final = 29 * 24 * 3600 * 10**9
"""A part is shorter than this."""
KNOWN_PATHS: Final[Mapping[str, str]] = {
    "automerge-paper": "paper.tex",
    "json-crdt-blog-post": "post.md",
    "json-crdt-patch": "patch.ts",
    "rustcode": "main.rs",
    "seph-blog1": "post.md",
    "sveltecomponent": "component.svelte",
}
"""What the text of a published trace is, as its publishers say; a trace tells no name of a file."""
CODE: Final = frozenset(
    {".c", ".code", ".go", ".java", ".js", ".jsx", ".py", ".rb", ".rs", ".svelte", ".ts", ".tsx"}
)
"""Endings of files that count as code."""
_CODE_SHARE: Final = 0.5
_ENDS_OF_CODE: Final = ";{}()[],:>"

Change = tuple[int, list[tuple[int, int, str]]]
"""Time in ns since 1970, and patches (start, deleted, inserted) in order: one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A trace as it is played."""

    name: str
    path: str
    """The name that its text gets in the workspace."""
    digest: str
    """SHA-256 of all that it was read from."""
    start: str
    end: str
    """The whole text behind the last edit."""
    parts: tuple[tuple[Change, ...], ...]


def folder_of_traces(named: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return where traces lie: `named`, else SIGNOFF_TRACES, else `shared/traces` by the checkout.

    Raises:
        NotFoundError: there is no such folder, or no trace in it.
    """
    beside = Path(__file__).resolve().parents[4] / "shared" / "traces"
    folder = named or Path(environ.get("SIGNOFF_TRACES") or beside)
    if not trace_files(folder):
        raise NotFoundError(
            f"there is no NAME.json.gz in {folder}",
            hint="Name the folder of published editing traces: --traces DIR.",
        )
    return folder


def read_traces(folder: Path) -> list[Played]:
    """Return all traces of a folder by name; nothing is left out.

    Raises:
        SignoffError: one cannot be read or played; the message names its file.
    """
    return [read_trace(one) for one in sorted(trace_files(folder), key=lambda one: one.name)]


def read_trace(file: TraceFile) -> Played:
    """Return one trace, after its edits led to the text that it says they lead to.

    Raises:
        SignoffError: it has another format, several files or versions, no times of its own,
            or contradicts itself; the message names its file.
    """
    try:
        return _read(file)
    except SignoffError as error:
        raise type(error)(f"{file.path.name}: {error}", hint=error.hint) from error


def _read(file: TraceFile) -> Played:
    content = read_regular(file.path, max_bytes=MAX_BYTES)
    beside = file.times_path
    told = b"" if beside is None else read_regular(beside, max_bytes=MAX_BYTES)
    trace = parse_trace(content)
    wall_ns = trace.wall_ns if beside is None else parse_times(told)
    make_episode(trace, name=file.name, wall_ns=wall_ns)  # refuses what does not fit
    if len(trace.patches) > 1 and len(set(wall_ns)) < 2:
        raise DamagedError(
            "the trace has no times of its own",
            hint=f"Put them beside it as {file.name}.times_1s.txt.gz, one Unix time per line.",
        )
    changes = _changes(trace, wall_ns)
    end = trace.end_content
    if end is None:
        end = after(trace.start_content, changes)
    return Played(
        name=file.name,
        path=KNOWN_PATHS.get(file.name) or f"{file.name}{_suffix(end)}",
        digest=hashlib.sha256(b"%d\n" % len(content) + content + told).hexdigest(),
        start=trace.start_content,
        end=end,
        parts=tuple(_parts(changes)),
    )


def is_code(paths: Sequence[str]) -> bool:
    """Say whether the first of these files is code by its name; prose counts apart."""
    return bool(paths) and Path(paths[0]).suffix in CODE


def after(text: str, changes: Iterable[Change]) -> str:
    """Return a text behind these changes."""
    for _, patches in changes:
        for start, deleted, put in patches:
            text = text[:start] + put + text[start + deleted :]
    return text


def _suffix(text: str) -> str:
    """Return what a text of no known name is taken for, by the signs that its lines end with."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    ends = sum(line[-1] in _ENDS_OF_CODE for line in lines)
    begins = sum(line[0] in " \t" for line in lines)
    return ".code" if lines and min(ends, begins) >= _CODE_SHARE * len(lines) else ".txt"


def _changes(trace: Trace, wall_ns: Sequence[int]) -> list[Change]:
    """Return the transactions; a time that goes back counts as the one before."""
    found: list[Change] = []
    before = -1
    rising = accumulate(wall_ns, max)
    for patch, number, t_ns in zip(trace.patches, trace.transactions, rising, strict=True):
        if number != before:
            found.append((t_ns, []))
            before = number
        found[-1][1].append(patch)
    return found


def _parts(changes: Sequence[Change]) -> list[tuple[Change, ...]]:
    """Cut as late as a part may last, where its author was away as long as ends a session."""
    cuts = [0]
    away = 0
    for at in range(1, len(changes)):
        if changes[at][0] - changes[at - 1][0] >= IDLE_NS:
            away = at
        if changes[at][0] - changes[cuts[-1]][0] >= PART_NS:
            cuts.append(away if away > cuts[-1] else at)
    ends = [*cuts[1:], len(changes)]
    return [tuple(changes[one:end]) for one, end in zip(cuts, ends, strict=True)]
