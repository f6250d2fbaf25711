"""Imports published editing traces: JSON transactions of patches to one text.

``{"startContent", "endContent", "txns": [{"time", "patches": [[position, deleted,
inserted], …]}, …]}``, optionally gzip-compressed. Positions count code points; times are
ISO 8601 or Unix time and may be missing.
Source: github.com/josephg/editing-traces.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode.columns.columns import MAX_EDITS
from signoff_collector.episode.columns.times import MILLISECOND_NS
from signoff_collector.episode.content import NONE, EditTable, Episode, encode_text
from signoff_collector.episode.texts import ImpossibleEditError, TextHistory
from signoff_collector.imports.reading import inflate, parse_json
from signoff_collector.imports.trace_times import date_of, filled, relative, wall_ns_of
from signoff_schemas.errors import DamagedError
from signoff_schemas.header import EpisodeHeader, Imported, Observability
from signoff_schemas.steps import OpenStep, SaveStep
from signoff_schemas.untyped import is_fields
from signoff_schemas.words import ACTOR_CLASSES, BASES, ActorClass, Basis, Coverage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.episode.content import Column

SOURCE: Final = "trace"
_SAID: Final = ("the trace holds the edits of one text and nothing else, not even who made them",)
_UNKNOWN: Final = ACTOR_CLASSES.index(ActorClass.UNKNOWN)
_NO_BASIS: Final = BASES.index(Basis.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A parsed trace; every list has one entry per edit."""

    start_content: str
    end_content: str | None
    patches: list[tuple[int, int, str]]
    transactions: list[int]
    wall_ns: list[int]
    """Wall-clock times; empty when the trace has none."""


def parse_trace(content: bytes) -> Trace:
    """Parse a trace.

    Raises:
        DamagedError: it does not have this format.
    """
    value = parse_json(content, "the trace")
    if not is_fields(value):
        raise DamagedError("the trace is not a JSON object")
    start, end, txns = (
        value.get("startContent", ""),
        value.get("endContent"),
        value.get("txns"),
    )
    if not isinstance(start, str) or not (end is None or isinstance(end, str)):
        raise DamagedError("the trace's startContent or endContent is not text")
    if not isinstance(txns, list):
        raise DamagedError("the trace has no list `txns`")
    if value.get("kind") == "concurrent" and _has_branches(txns):
        raise DamagedError(
            "the trace is concurrent: its positions refer to several versions of the text",
            hint="Name a sequential trace of one text.",
        )
    trace = Trace(start_content=start, end_content=end, patches=[], transactions=[], wall_ns=[])
    told: list[int | None] = []
    for number, txn in enumerate(txns):
        _read_transaction(trace, told, number, txn)
    trace.wall_ns.extend(filled(told))
    return trace


def _has_branches(txns: list[object]) -> bool:
    """Say whether any transaction has parents other than just the previous transaction."""
    return any(
        isinstance(txn, dict) and txn.get("parents", []) != ([number - 1] if number else [])
        for number, txn in enumerate(txns)
    )


def _read_transaction(trace: Trace, told: list[int | None], number: int, txn: object) -> None:
    match txn:
        case {"patches": list() as patches, **rest}:
            pass
        case _:
            raise DamagedError(f"transaction {number} has no list of patches")
    moment = wall_ns_of(rest.get("time"), number)
    for patch in patches:
        match patch:
            case [int() as start, int() as deleted, str() as text] if (
                start >= 0
                and deleted >= 0
                and max(start, deleted) < 1 << 40
                and type(start) is type(deleted) is int  # True and False are not
            ):
                trace.patches.append((start, deleted, text))
                trace.transactions.append(number)
                told.append(moment)
            case _:
                raise DamagedError(
                    f"transaction {number} holds a patch that is not [position, deleted, text]"
                )


def parse_times(content: bytes) -> list[int]:
    """Parse a file with one Unix time in seconds per line.

    Raises:
        DamagedError: a line is not a number.
    """
    lines = inflate(content, "the file of times").split()
    try:
        return [round(float(line) * 1000) * MILLISECOND_NS for line in lines]
    except (ValueError, OverflowError) as error:
        raise DamagedError(f"the file of times has a line that is not a number: {error}") from error


def make_episode(trace: Trace, *, name: str, wall_ns: Sequence[int]) -> Episode:
    """Return the episode of a trace: one file, opened, edited and saved.

    `wall_ns` has one time per edit, or is empty. A time that goes backwards counts as equal
    to the one before.

    Raises:
        DamagedError: times and edits differ in number, an edit does not fit the text, or
            the final text differs from the trace's `endContent`.
    """
    if len(trace.patches) > MAX_EDITS:
        raise DamagedError(f"the trace holds more than {MAX_EDITS} edits")
    if wall_ns and len(wall_ns) != len(trace.patches):
        raise DamagedError(f"{len(wall_ns)} times for {len(trace.patches)} edits")
    t_ns, resolution = relative(wall_ns, len(trace.patches))
    edits = _table(trace, t_ns)
    text_sha256 = _checked_end(trace, edits)
    end_ns = int(t_ns[-1]) if len(t_ns) else 0
    opened = OpenStep(
        seq=0, t_ns=0, source=SOURCE, path=name, buffer=0, blob=0 if trace.start_content else None
    )
    saved = SaveStep(
        seq=len(edits) + 1, t_ns=end_ns, source=SOURCE, path=name, buffer=0, text_sha256=text_sha256
    )
    header = EpisodeHeader(
        origin="imported",
        imported=Imported(format="editing-trace", said=_SAID),
        observability=(Observability(source=SOURCE, edits=Coverage.FULL),),
        session="imported",
        workspace="imported",
        sources=(SOURCE,),
        captured_on=date_of(wall_ns),
        duration_ns=end_ns,
        edits=len(edits),
        steps=len(edits) + 2,
        time_resolution=resolution,
    )
    return Episode(
        header=header,
        files=(name,),
        steps=(opened, saved),
        edits=edits,
        blobs=(encode_text(trace.start_content),) if trace.start_content else (),
    )


def _table(trace: Trace, t_ns: Column) -> EditTable:
    count = len(trace.patches)
    starts, deleted, texts = zip(*trace.patches, strict=True) if count else ((), (), ())
    constant = np.zeros(count, np.int64)
    absent = np.full(count, NONE, np.int64)
    columns: dict[str, Column] = {
        "seq": np.arange(1, count + 1),
        "t_ns": t_ns,
        "start": np.array(starts, np.int64),
        "deleted": np.array(deleted, np.int64),
        "inserted": np.array([len(text) for text in texts], np.int64),
        "txn": np.array(trace.transactions, np.int64) + 1,
        "actor": np.full(count, _UNKNOWN, np.int64),
        "basis": np.full(count, _NO_BASIS, np.int64),
    }
    for name in ("version", "cursor", "task"):
        columns[name] = absent
    for name in ("file", "buffer", "batch_ns", "source", "evidence", "t_kind"):
        columns[name] = constant
    return EditTable.from_columns(columns, "".join(texts))


def _checked_end(trace: Trace, edits: EditTable) -> str:
    history = TextHistory(
        initial=trace.start_content,
        start=edits.start,
        deleted=edits.deleted,
        inserted=edits.inserted,
        text=edits.text,
    )
    try:
        text = history.after(len(edits))
    except ImpossibleEditError as error:
        raise DamagedError(f"the trace contradicts itself: {error}") from error
    if trace.end_content is not None and _paired(text) != _paired(trace.end_content):
        raise DamagedError(
            f"replaying the trace gives {len(text)} characters, other than its endContent of"
            f" {len(trace.end_content)}"
        )
    return hashlib.sha256(encode_text(text)).hexdigest()


def _paired(text: str) -> str:
    """Join adjacent surrogate halves into characters, as a JSON parser does."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
