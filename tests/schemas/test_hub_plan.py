"""A plan of a hub, as a person keeps it: one form, and nothing else is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_schemas.dataset import canonical
from signoff_schemas.errors import DamagedError, NewerVersionError
from signoff_schemas.hub_api import PlanRequest
from signoff_schemas.hub_plan import HubPlan, is_hub_plan, parse_hub_plan
from signoff_schemas.statement import ProhibitedUse, Purpose

PLAN = HubPlan(
    hub="https://hub.example.org/team",
    key_fingerprint=f"SHA256:{'k' * 43}",
    plan_sha256="0" * 64,
    drawn_on="2026-11-26T12:00:00Z",
    asked=PlanRequest(
        name="spring", purpose=Purpose.MODEL_TRAINING, prohibited_uses=tuple(ProhibitedUse)
    ),
)


def test_it_comes_back_as_it_was_written() -> None:
    content = canonical(PLAN)
    assert is_hub_plan(content)
    assert parse_hub_plan(content) == PLAN


def test_another_form_and_a_newer_version_are_refused() -> None:
    fields = json.loads(canonical(PLAN))
    with pytest.raises(DamagedError):
        parse_hub_plan(json.dumps(fields, indent=1).encode())
    with pytest.raises(NewerVersionError):
        parse_hub_plan(json.dumps({**fields, "hub_plan_version": 2}).encode())


@given(
    st.binary(max_size=200)
    | st.recursive(st.integers() | st.text(), st.lists).map(
        lambda value: json.dumps(value).encode()
    )
)
def test_any_bytes_are_an_error_of_ours(content: bytes) -> None:
    is_hub_plan(content)
    with pytest.raises(DamagedError):
        parse_hub_plan(content)
