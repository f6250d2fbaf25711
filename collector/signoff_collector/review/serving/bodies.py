"""Schemas of request bodies: small JSON objects with known names, sizes and types."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeVar

from pydantic import Field, ValidationError

from signoff_collector.review.plan.parting import Parting
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import PLAN_MAX_BYTES, Plan, parse_plan
from signoff_schemas.untyped import is_fields
from signoff_schemas.values import Count, Sha256, Value

if TYPE_CHECKING:
    from starlette.requests import Request

MAX_BYTES: Final = 64 << 10
MAX_PLAN_BYTES: Final = PLAN_MAX_BYTES + MAX_BYTES
MOST_ITEMS: Final = 200
"""Items of a group in one answer."""
_DRAINED_BYTES: Final = 1 << 20
"""Bytes read beyond the limit and dropped, so that the client still receives the response."""
_HINT: Final = "Reload the page: press Enter in the terminal."

Sent = TypeVar("Sent", bound=Value)


class AtRevision(Value):
    """A change based on a known revision."""

    revision: Count


class _OtherThanPlan(AtRevision):
    parting: Parting | None = None


class PlanChange(AtRevision):
    """Replaces the plan."""

    plan: Plan
    parting: Parting | None = None
    """The split of the steps that are not kept; None leaves it unchanged."""


class Naming(AtRevision):
    """The public repository to name; the server knows its commits."""

    url: Annotated[str, Field(max_length=2048)]
    spdx: Annotated[str, Field(max_length=200)] = ""


class Confirmed(Value):
    """An action that needs explicit confirmation."""

    confirmed: Literal[True]


class GroupAction(Value):
    """An action on one group of the check list."""

    action: Literal["mask", "accept", "unmask", "cut_file", "show"]


class ItemsAsked(Value):
    """Which items of a group the page shows."""

    first: Count = 0
    count: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = MOST_ITEMS
    find: Annotated[str, Field(max_length=200)] = ""


class MaskedValue(Value):
    """A value to mask everywhere."""

    value: Annotated[str, Field(min_length=1, max_length=4096)]


class HubAsked(Value):
    """Whose terms the person is about to read."""

    audience: Annotated[str, Field(min_length=1, max_length=2000)]


class Unmasking(Confirmed):
    """A redaction to undo."""

    group: Annotated[str, Field(max_length=200)]
    confirmed_exact: bool = False
    """The person was told that the value is known to be secret, and confirmed."""


class Seen(Value):
    """What was rendered of a preview or of the final bytes, and the digest of these bytes.

    Numbers that are no file or output of the episode are ignored.
    """

    sha256: Sha256
    files: tuple[Count, ...] = ()
    outputs: tuple[Count, ...] = ()
    deleted: tuple[Count, ...] = ()
    """Files of whose deleted texts each was shown whole."""


async def read_body(request: Request, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Return a request's body.

    Raises:
        UsageError: it is larger than it may be.
    """
    pieces: list[bytes] = []
    left = max_bytes
    async for piece in request.stream():
        left -= len(piece)
        if left < -_DRAINED_BYTES:
            break
        if left >= 0:
            pieces.append(piece)
    if left < 0:
        raise UsageError(f"the page sent more than {max_bytes} bytes", hint=_HINT)
    return b"".join(pieces)


def parse_body(model: type[Sent], content: bytes) -> Sent:
    """Parse and validate a JSON body.

    Raises:
        UsageError: it is invalid; the message does not repeat its content.
    """
    return _validated(model, _json_object(content))


def parse_plan_change(content: bytes) -> PlanChange:
    """Parse a change of the plan; the plan itself is validated as strictly as a plan file.

    Raises:
        UsageError: it is no change of a plan.
        DamagedError: the plan in it is none.
    """
    value = _json_object(content)
    plan = parse_plan(json.dumps(value.pop("plan", None)).encode("ascii"))
    at = _validated(_OtherThanPlan, value)
    return PlanChange(revision=at.revision, plan=plan, parting=at.parting)


def _json_object(content: bytes) -> dict[str, object]:
    try:
        value: object = json.loads(content, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise UsageError("the page did not send JSON", hint=_HINT) from None
    if not is_fields(value):
        raise UsageError("the page did not send a JSON object", hint=_HINT)
    return value


def _validated(model: type[Sent], value: dict[str, object]) -> Sent:
    try:
        return model.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "its top"
        raise UsageError(
            f"the page did not send a valid {place}: {first['msg']}", hint=_HINT
        ) from None


def _unique(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError("a name occurs twice in one object")
        found[name] = value
    return found
