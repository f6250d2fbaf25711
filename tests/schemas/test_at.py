from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_schemas.at import (
    AfterEdits,
    AfterStep,
    AtEnd,
    AtOffset,
    AtStart,
    AtWallTime,
    parse_at,
)
from signoff_schemas.errors import UsageError


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("0", AfterEdits(0)),
        ("17", AfterEdits(17)),
        ("step:4", AfterStep(4)),
        ("time:+1h02m3s", AtOffset(3_723_000_000_000)),
        ("time:+90s", AtOffset(90_000_000_000)),
        ("time:+0.5s", AtOffset(500_000_000)),
        ("time:1970-01-01T00:00:01Z", AtWallTime(1_000_000_000)),
        ("time:2026-01-31T11:00:00.25+01:00", AtWallTime(1_769_853_600_250_000_000)),
        ("time:1969-12-31T23:59:59.5Z", AtWallTime(-500_000_000)),
        ("start", AtStart()),
        ("end", AtEnd()),
    ],
)
def test_every_documented_form_is_read(text: str, moment: object) -> None:
    assert parse_at(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "1.5",
        "step:",
        "step:-1",
        "time:",
        "time:+",
        "time:2026-01-31T10:00:00",
        "now",
        "\u0661",
    ],
)
def test_anything_else_is_a_usage_error_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_at(text)
    assert raised.value.exit_code == 2
    assert raised.value.hint


@given(st.text(max_size=40))
def test_no_text_gives_anything_but_a_moment_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        parse_at(text)


def test_a_complaint_names_the_option_that_was_given() -> None:
    for text in ("X", "time:X"):
        with pytest.raises(UsageError, match=f"^--from '{text}' "):
            parse_at(text, option="--from")
