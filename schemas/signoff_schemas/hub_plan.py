"""What a person keeps of a plan that a hub drew: its name, and what was asked for.

The plan itself stays at the hub: it tells how many people and episodes there are, and who drew one
each day would learn from the difference who left (docs/hub/datasets.md).
"""

from __future__ import annotations

import json
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from signoff_schemas.dataset import canonical
from signoff_schemas.errors import DamagedError, NewerVersionError, NotSignedError
from signoff_schemas.hub_api import PlanRequest
from signoff_schemas.strict import HubAudience, Sha256, Strict, UtcSecond, refuse_ambiguous_json
from signoff_schemas.untyped import fields_of

HUB_PLAN_TYPE: Final = "urn:signoff:hub-plan:v1"
HUB_PLAN_VERSION: Final = 1
MAX_HUB_PLAN_BYTES: Final = 64 << 10
_HINT: Final = "Draw the plan again: `signoff dataset plan --from https://HUB`."


class HubPlan(Strict):
    """A plan of a hub, by its name."""

    hub_plan_version: Literal[1] = HUB_PLAN_VERSION
    type_: Literal["urn:signoff:hub-plan:v1"] = Field(default=HUB_PLAN_TYPE, alias="type")
    hub: HubAudience
    key_fingerprint: Annotated[str, Field(pattern=r"^SHA256:[A-Za-z0-9+/]{43}$")]
    """Of the hub's key, as it was pinned when the plan was drawn."""
    plan_sha256: Sha256
    drawn_on: UtcSecond
    asked: PlanRequest


def is_hub_plan(content: bytes) -> bool:
    """Tell whether bytes say that they are a plan of a hub; whether they are good is not asked."""
    if len(content) > MAX_HUB_PLAN_BYTES:
        return False
    try:
        return fields_of(json.loads(content)).get("type") == HUB_PLAN_TYPE
    except (ValueError, RecursionError):
        return False


def parse_hub_plan(content: bytes) -> HubPlan:
    """Parse a plan of a hub.

    Raises:
        NewerVersionError: a newer release wrote it.
        DamagedError: it is not one in its one form; the message repeats nothing of it.
    """
    plan, version = None, 0
    if len(content) <= MAX_HUB_PLAN_BYTES:
        try:
            refuse_ambiguous_json(content)
            version = _version(content)
            plan = HubPlan.model_validate_json(content)
        except (NotSignedError, ValidationError):
            plan = None
    if version > HUB_PLAN_VERSION:
        raise NewerVersionError("the plan", found=version, newest_known=HUB_PLAN_VERSION)
    if plan is None or canonical(plan) != content:
        raise DamagedError("this is no plan of a hub in its one form", hint=_HINT)
    return plan


def _version(content: bytes) -> int:
    found = fields_of(json.loads(content)).get("hub_plan_version")
    return found if type(found) is int else 0
