"""The plan of a review: what is kept of one sealed episode, and what is cut or masked.

A plan refers to everything by number: steps by `seq`, files by their index in the episode,
text by spans. It never contains recorded text, so that a stored plan holds no secret
(threat 24); only what a person writes to be shared is text: titles of kept tasks and notes.
`signoff_collector.review.applying.apply` turns a plan and its episode into the episodes that may be
shared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from signoff_schemas.errors import DamagedError, NewerVersionError
from signoff_schemas.steps import FILE_STATE_KINDS, STEP_KINDS
from signoff_schemas.values import Count, Sha256, Value

PLAN_VERSION: Final = 1
PLAN_MAX_BYTES: Final = 16 * 1024 * 1024
_HINT: Final = "`signoff review` writes plans; docs/review.md describes them."


TITLE_MAX: Final = 200
NOTE_MAX: Final = 1000
"""Characters of a note that is written in the review."""
MOST_NOTES: Final = 300
_CONTROL: Final = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_PRINTABLE: Final = f"^[^{_CONTROL}]*[^{_CONTROL}\\s][^{_CONTROL}]*$"
"""One line that is not blank."""


class StepSpan(Value):
    """The steps from `from_seq` up to and with `to_seq`."""

    from_seq: Count
    to_seq: Count

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.to_seq < self.from_seq:
            raise ValueError("to_seq lies before from_seq")
        return self


class Named(Value):
    """What the developer says of a kept task; it is shared as the first `task` step."""

    title: str | None = Field(default=None, max_length=TITLE_MAX, pattern=_PRINTABLE)
    """The one text of a plan: it is meant to be shared, and masked like every string."""
    outcome: Literal["solved", "partly", "abandoned"] | None = None
    leave_out: tuple[Count, ...] = ()
    """Files that are no part of this task: cut as `cut_files` are, from this keep alone."""


class TaskKeep(Named):
    """Keep the steps of one task; they become one episode."""

    task: Count


class RangeKeep(Named, StepSpan):
    """Keep the steps from `from_seq` up to and with `to_seq`; they become one episode."""


class RangesKeep(Named):
    """Keep several ranges that belong to one task; they become one episode."""

    ranges: Annotated[tuple[StepSpan, ...], Field(min_length=1)]
    """In order, without overlap."""

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if any(one.to_seq >= other.from_seq for one, other in pairwise(self.ranges)):
            raise ValueError("ranges must be in order and apart")
        return self


Keep = TaskKeep | RangeKeep | RangesKeep


class RangeCut(StepSpan):
    """Take the steps from `from_seq` up to and with `to_seq` out of whatever is kept."""


class TextMask(Value):
    """Mask characters of one text, in every state they are part of."""

    after_seq: Count
    """The moment whose text is meant: after this step."""
    file: Count
    """Index into the episode's list of files."""
    buffer: Count | None = None
    """The editor's buffer; None is the text on disk."""
    start: Count
    length: Annotated[int, Field(ge=1)]


class FieldMask(Value):
    """Mask characters of a string of one step that is not an edit."""

    seq: Count
    field: str = Field(pattern=r"^(/[A-Za-z0-9_.-]{1,64}){1,8}$")
    """JSON pointer into the step's JSON form, such as `/output/head`."""
    start: Count
    length: Annotated[int, Field(ge=1)]


class NoteAt(Value):
    """What the developer says afterwards of one moment: what they were thinking there.

    It is shared, right after this step, with every keep that has the step.
    """

    after_seq: Count
    text: str = Field(max_length=NOTE_MAX, pattern=_PRINTABLE)
    """Meant to be shared, and masked like every string."""


class NamedRepository(Value):
    """The public repository that the episode may name; naming it names its authors too."""

    url: str = Field(pattern=r"^https://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~%+-]+){1,8}/?$")
    """Without a user name or a password."""
    spdx: str = Field(default="NOASSERTION", pattern=r"^[A-Za-z0-9.+() -]{1,200}$")
    """SPDX licence expression, or NOASSERTION."""
    commits: dict[
        Annotated[str, Field(pattern=r"^commit-[0-9a-f]{12}$")],
        Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")],
    ] = Field(default={})
    """Pseudonym in the first sealed episode to the id of the public commit."""


class WithBase(Value):
    """The tree of the base commit goes along with every kept episode.

    Which of its files may go along is worked out anew by whoever follows the plan, and shown
    before signing; the digest says that it is the list that the person saw.
    """

    list_sha256: Sha256
    """Over path, mode and content of every file that may go along; it stays on this machine."""
    leave_out: tuple[Count, ...] = ()
    """Files that are not shared, by their index in that list."""
    take_in: tuple[Count, ...] = ()
    """Files with an unknown random-looking word: they are shared only if listed here."""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        for places in (self.leave_out, self.take_in):
            if any(one >= other for one, other in pairwise(places)):
                raise ValueError("places of files must rise")
        return self


class Plan(Value):
    """What becomes of one sealed episode."""

    plan_version: Literal[1] = 1
    base_sha256: Sha256
    """The episode all numbers refer to."""
    seed: Sha256 | None = None
    """Drawn at random when the plan was begun; pseudonyms of shared episodes are made with it,
    so that nobody who guesses the plan can make them again (threat 13)."""
    keeps: tuple[Keep, ...] = ()
    """Only steps listed here are kept."""
    cut_ranges: tuple[RangeCut, ...] = ()
    cut_files: tuple[Count, ...] = ()
    cut_kinds: tuple[str, ...] = ()
    """Kinds that hold no state of a file, such as `view` or `note`."""
    mask_texts: tuple[TextMask, ...] = ()
    mask_fields: tuple[FieldMask, ...] = ()
    notes: Annotated[tuple[NoteAt, ...], Field(max_length=MOST_NOTES)] = ()
    """By rising step, at most one for each."""
    whole_files: tuple[Count, ...] = ()
    """Files that were only viewed, but are shared in full (threat 18)."""
    overlay_files: tuple[Count, ...] = ()
    """Files that differed from the base commit and were never opened or changed, but are
    shared (threat 5)."""
    paused_texts: tuple[Count, ...] = ()
    """`seq` of `open` steps whose text, written in a pause, is shared (threat 8)."""
    name_repository: NamedRepository | None = None
    """The public repository to name; without it commits stay pseudonyms."""
    with_base: WithBase | None = None
    """Share the files of the base commit too, so that the tree of any moment is whole."""
    whole_environment: bool = False
    """Whether all packages, lock files and variable names of the machine are shared."""
    time_resolution: Literal["1s", "100ms", "exact"] = "1s"
    wall_clock: bool = False
    """Whether the day (UTC) on which a kept task began is told; nothing finer ever is."""

    @model_validator(mode="after")
    def _one_note_a_step(self) -> Plan:
        if any(one.after_seq >= other.after_seq for one, other in pairwise(self.notes)):
            raise ValueError("notes must be in order, and at most one after each step")
        return self

    @model_validator(mode="after")
    def _kinds_without_state(self) -> Plan:
        for kind in self.cut_kinds:
            if kind not in STEP_KINDS or kind in FILE_STATE_KINDS:
                raise ValueError("cut_kinds may only name kinds that hold no state of a file")
        return self


def parse_plan(content: bytes) -> Plan:
    """Parse a plan from strict JSON, without duplicate or unknown names.

    Raises:
        DamagedError: the bytes are not a valid plan.
        NewerVersionError: a newer release wrote it.
    """
    if len(content) > PLAN_MAX_BYTES:
        raise DamagedError(
            f"the plan has {len(content)} bytes, {PLAN_MAX_BYTES} are allowed", hint=_HINT
        )
    try:
        value = json.loads(
            content.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        reason = error if isinstance(error, _PlanFaultError) else "it is not JSON in UTF-8"
        raise DamagedError(f"the plan cannot be read: {reason}", hint=_HINT) from None
    if not isinstance(value, dict):
        raise DamagedError("the plan is not a JSON object", hint=_HINT)
    version = value.get("plan_version", PLAN_VERSION)
    if type(version) is int and version > PLAN_VERSION:
        raise NewerVersionError("the plan", found=version, newest_known=PLAN_VERSION)
    try:
        return Plan.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "its top"
        raise DamagedError(
            f"the plan is not valid at {place}: {first['msg']}", hint=_HINT
        ) from None


def plan_bytes(plan: Plan) -> bytes:
    """Return the plan as it is stored: one JSON object, ASCII, a newline at the end."""
    value = plan.model_dump(mode="json")
    return (json.dumps(value, ensure_ascii=True, indent=1) + "\n").encode("ascii")


class _PlanFaultError(ValueError):
    """A fault whose message contains nothing of the file."""


def _unique(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise _PlanFaultError("a name occurs twice in one object")
        found[name] = value
    return found


def _refuse_constant(_: str) -> object:
    raise _PlanFaultError("NaN and Infinity are not JSON")
