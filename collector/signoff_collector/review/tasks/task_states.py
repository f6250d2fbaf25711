"""What became of each task: the one place that says so, for page, terminal and `list`.

A file that a review made belongs to the task whose steps it was made of, as its plan and its review
record say. Its sign-offs lie beside it and in the outbox, which knows what was sent and withdrawn.
Nothing is proven here: `verify` proves, and a store may know better.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.review_records import find_review
from signoff_collector.consent.sign_off_files import statement_path
from signoff_collector.kept.episode_files import SUFFIX, is_signed, shared_from
from signoff_collector.own_files.private_files import read_regular
from signoff_collector.review.plan.plan_edits import merged
from signoff_collector.review.tasks.task_rows import spans_of_keep
from signoff_collector.upload.outbox.outbox import WITHDRAWN, Outbox, State, outbox_path
from signoff_schemas.errors import SignoffError
from signoff_schemas.plan import PLAN_MAX_BYTES, parse_plan
from signoff_schemas.statement import MAX_STATEMENT_BYTES, parse_statement, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signoff_collector.levels.tasks import Proposal
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.tasks.task_rows import TaskRow
    from signoff_collector.system.clock import Clock
    from signoff_schemas.plan import StepSpan
    from signoff_schemas.statement import Predicate

Spans = tuple["StepSpan", ...]
_NS: Final = 1_000_000_000


class TaskState(IntEnum):
    """What became of a task; of several sign-offs the greatest counts."""

    NOTHING = 0
    INCLUDED = 1
    """It is in the plan, and nothing of it was signed."""
    WITHDRAWN = 2
    EXPIRED = 3
    """It was signed, and maybe sent; the permission ended."""
    SIGNED = 4
    SENT = 5

    @property
    def word(self) -> str:
        """The word on the badge."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFor:
    """One sign-off that was made here and not replaced since."""

    record_id: str
    audience: str
    state: TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """A file that reviews made of one task, with its sign-offs."""

    sha256: str
    spans: Spans
    signed: tuple[SignedFor, ...]

    @property
    def state(self) -> TaskState:
        """The greatest of its sign-offs; INCLUDED without one."""
        return max((one.state for one in self.signed), default=TaskState.INCLUDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What became of one row of the task list."""

    spans: Spans
    state: TaskState
    audiences: tuple[str, ...] = ()
    """The stores that the state is about."""
    partly: TaskState = TaskState.NOTHING
    """The greatest state of a file that holds some of its steps, but was made of others too."""

    def row(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "spans": [span.model_dump(mode="json") for span in self.spans],
            "state": self.state.word,
            "audiences": list(self.audiences),
            "partly": self.partly.word,
        }


def standings(rows: Iterable[TaskRow], made: Sequence[MadeFile]) -> tuple[Standing, ...]:
    """Return what became of every row, in order.

    Args:
        rows: of the task list.
        made: every file that reviews of this session made.
    """
    return tuple(_standing(row, made) for row in rows)


def _standing(row: TaskRow, made: Sequence[MadeFile]) -> Standing:
    steps = merged(row.spans)
    own = [file for file in made if file.spans == steps]
    others = [file.state for file in made if file.signed and _overlaps(file.spans, steps)]
    signed = [one for file in own for one in file.signed]
    begun = TaskState.NOTHING if row.place is None else TaskState.INCLUDED
    state = max((one.state for one in signed), default=begun)
    return Standing(
        spans=row.spans,
        state=state,
        audiences=tuple(dict.fromkeys(one.audience for one in signed if one.state == state)),
        partly=max((one for one in others if one > state), default=TaskState.NOTHING),
    )


def _overlaps(one: Spans, other: Spans) -> bool:
    return any(a.from_seq <= b.to_seq and b.from_seq <= a.to_seq for a in one for b in other)


def made_files(
    home: Home, bases: Iterable[str], proposals: Sequence[Proposal], clock: Clock
) -> tuple[MadeFile, ...]:
    """Return the files that reviews made of a session; what cannot be read is left out.

    Args:
        home: where they lie.
        bases: digests of the sealed episodes of the session; unmasking makes another one.
        proposals: of the newest of them.
        clock: tells what has expired.
    """
    found: list[MadeFile] = []
    for sha256 in dict.fromkeys(made for base in bases for made in shared_from(home, base)):
        spans = _spans_of(home, sha256, proposals)
        if spans:
            signed = signed_for(home, sha256, clock)
            found.append(MadeFile(sha256=sha256, spans=spans, signed=signed))
    return tuple(found)


def _spans_of(home: Home, sha256: str, proposals: Sequence[Proposal]) -> Spans:
    """Return the steps that a file was made of; none if its plan or its record does not say."""
    try:
        record = find_review(home, sha256)
        plan_path = home.episodes / f"{sha256[:16]}.plan.json"
        keeps = parse_plan(read_regular(plan_path, max_bytes=PLAN_MAX_BYTES)).keeps
    except SignoffError:
        return ()
    place = -1 if record is None else record.keep
    if not 0 <= place < len(keeps):
        return ()
    return merged(spans_of_keep(keeps[place], proposals))


def signed_for(home: Home, sha256: str, clock: Clock) -> tuple[SignedFor, ...]:
    """Return the sign-offs of one file that no later one replaced; creates nothing."""
    now = datetime.fromtimestamp(clock.wall_ns() // _NS, UTC)
    beside = _beside(home, sha256)
    found: dict[str, SignedFor] = {}
    if beside is not None:
        state = TaskState.EXPIRED if _is_over(beside, now) else TaskState.SIGNED
        found[beside.record_id] = SignedFor(
            record_id=beside.record_id, audience=beside.audience, state=state
        )
    try:
        found |= _in_outbox(home, sha256, found, now)
    except SignoffError:
        return tuple(found.values())
    return tuple(one for one in found.values() if one.state != TaskState.NOTHING)


def _in_outbox(
    home: Home, sha256: str, beside: dict[str, SignedFor], now: datetime
) -> dict[str, SignedFor]:
    """Return what the outbox says of every sign-off; NOTHING is one that was replaced."""
    if not outbox_path(home).is_file():
        return {}
    with Outbox.open(home) as outbox:
        records = outbox.records_of(sha256)
        items = {item.record_id: item for item in outbox.items_of(sha256)}
    found: dict[str, SignedFor] = {}
    for record_id, audience, void in records:
        item = items.get(record_id)
        predicate = None if item is None else _predicate(item.statement)
        is_over = predicate is not None and _is_over(predicate, now)
        known = beside.get(record_id)
        was_sent = item is not None and item.state == State.CONFIRMED
        if void is not None and void.startswith(WITHDRAWN):
            state = TaskState.WITHDRAWN
        elif void is not None and not was_sent:
            state = TaskState.NOTHING  # replaced; what was sent is still there
        elif is_over or (known is not None and known.state == TaskState.EXPIRED):
            state = TaskState.EXPIRED
        else:
            state = TaskState.SENT if was_sent else TaskState.SIGNED
        found[record_id] = SignedFor(record_id=record_id, audience=audience, state=state)
    return found


def _beside(home: Home, sha256: str) -> Predicate | None:
    """Return what the sign-off beside a file says."""
    path = home.episodes / f"{sha256[:16]}{SUFFIX}"
    if not is_signed(path):
        return None
    try:
        return _predicate(read_regular(statement_path(path), max_bytes=MAX_STATEMENT_BYTES))
    except SignoffError:
        return None


def _predicate(statement: bytes) -> Predicate | None:
    try:
        return parse_statement(statement).predicate
    except SignoffError:
        return None


def _is_over(predicate: Predicate, now: datetime) -> bool:
    return parse_time(predicate.expires) <= now
