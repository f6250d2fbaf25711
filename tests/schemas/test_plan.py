"""Plans: strict JSON, numbers only."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_schemas.errors import DamagedError, SignoffError
from signoff_schemas.plan import Plan, RangeCut, TaskKeep, TextMask, parse_plan, plan_bytes

BASE = "ab" * 32


def plan() -> Plan:
    return Plan(
        base_sha256=BASE,
        keeps=(TaskKeep(task=1),),
        cut_ranges=(RangeCut(from_seq=3, to_seq=3),),
        mask_texts=(TextMask(after_seq=1, file=0, start=0, length=4),),
    )


def test_a_plan_survives_being_written_and_read() -> None:
    assert parse_plan(plan_bytes(plan())) == plan()
    assert plan_bytes(plan()).isascii()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"base_sha256": "x"}',
        json.dumps({"base_sha256": BASE, "keeps": [{"task": "1"}]}).encode(),
        json.dumps({"base_sha256": BASE, "keeps": [{"task": -1}]}).encode(),
        json.dumps({"base_sha256": BASE, "keeps": [{"task": True}]}).encode(),
        json.dumps({"base_sha256": BASE, "keeps": [{"from_seq": 5, "to_seq": 4}]}).encode(),
        json.dumps({"base_sha256": BASE, "mask_values": ["secret"]}).encode(),
        json.dumps({"base_sha256": BASE, "cut_kinds": ["save"]}).encode(),
        json.dumps({"base_sha256": BASE, "cut_kinds": ["nonsense"]}).encode(),
        json.dumps({"base_sha256": BASE, "plan_version": 3}).encode(),
        json.dumps({"base_sha256": BASE, "time_resolution": "1ms"}).encode(),
        f'{{"base_sha256": "{BASE}", "base_sha256": "{BASE}"}}'.encode(),
        f'{{"base_sha256": "{BASE}", "keeps": [{{"task": 1, "task": 2}}]}}'.encode(),
        f'{{"base_sha256": "{BASE}", "wall_clock": NaN}}'.encode(),
    ],
)
def test_what_is_no_plan_is_said_to_be_damaged_without_being_repeated(content: bytes) -> None:
    with pytest.raises(DamagedError) as raised:
        parse_plan(content)
    assert "secret" not in str(raised.value)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_plan_or_our_error(content: bytes) -> None:
    with suppress(SignoffError):
        parse_plan(content)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists))
def test_any_json_in_any_field_gives_a_plan_or_our_error(value: object) -> None:
    for name in Plan.model_fields:
        content = json.dumps({"base_sha256": BASE} | {name: value}).encode()
        with suppress(SignoffError):
            parse_plan(content)
