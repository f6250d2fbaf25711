from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from signoff_schemas import errors, generate
from signoff_schemas.errors import DamagedError, SignoffError
from signoff_schemas.steps import (
    FILE_STATE_KINDS,
    STEP_KINDS,
    STEP_MODELS,
    DiskStep,
    FileStep,
    NoteStep,
    SeenStep,
    ToldStep,
    UnknownStep,
    parse_step,
    step_json,
)

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


def test_every_kind_of_the_design_has_a_model() -> None:
    assert set(STEP_KINDS) == {
        "task",
        "note",
        "environment",
        "open",
        "close",
        "edit",
        "save",
        "create",
        "rename",
        "delete",
        "view",
        "select",
        "focus",
        "search",
        "diagnostics",
        "assist",
        "agent",
        "command",
        "tests",
        "git",
        "files",
        "checkpoint",
        "resync",
        "gap",
    }


@pytest.mark.parametrize("kind", STEP_KINDS)
def test_every_kind_has_one_base_that_says_what_it_is_about(kind: str) -> None:
    bases = (FileStep, DiskStep, SeenStep, ToldStep)
    assert sum(issubclass(STEP_MODELS[kind], base) for base in bases) == 1


def test_kinds_that_hold_the_state_of_a_file_are_these() -> None:
    cuttable = {"task", "note", "environment", "agent", "gap"}
    cuttable |= {"view", "select", "focus", "search", "diagnostics", "assist"}
    assert set(STEP_KINDS) - cuttable == FILE_STATE_KINDS


def test_an_unknown_field_is_an_error_when_writing_and_dropped_when_reading() -> None:
    with pytest.raises(ValidationError):
        NoteStep.model_validate({"seq": 0, "t_ns": 0, "source": "s", "text": "x", "new": 1})
    step = parse_step({"kind": "note", "seq": 0, "t_ns": 0, "source": "s", "text": "x", "new": 1})
    assert "new" not in step_json(step)


def test_an_unknown_kind_is_kept_whole() -> None:
    step = parse_step({"kind": "later", "seq": 0, "t_ns": 0, "source": "s", "more": [1]})
    assert isinstance(step, UnknownStep)
    assert step_json(step)["more"] == [1]


def test_an_error_never_repeats_what_was_recorded() -> None:
    with pytest.raises(DamagedError) as raised:
        parse_step({"kind": "note", "seq": "planted-value", "t_ns": 0, "source": "s", "text": "x"})
    assert "planted" not in str(raised.value)


@given(st.dictionaries(st.sampled_from(["kind", "seq", "t_ns", "source", "text"]), _JSON))
def test_any_mapping_gives_a_step_or_an_error_of_ours(value: dict[str, object]) -> None:
    try:
        step = parse_step(value)
    except SignoffError:
        return
    again = parse_step(step_json(step))
    assert step_json(again) == step_json(step)


@pytest.mark.parametrize("kind", STEP_KINDS)
def test_every_model_is_frozen_and_documented(kind: str) -> None:
    model = STEP_MODELS[kind]
    assert model.model_config.get("frozen")
    assert model.model_config.get("hide_input_in_errors")
    assert (model.__doc__ or "").strip()


def test_every_error_has_the_documented_exit_code() -> None:
    tree = errors.__doc__ or ""
    for name, error in inspect.getmembers(errors, inspect.isclass):
        if issubclass(error, SignoffError):
            (line,) = (row for row in tree.splitlines() if row.split()[1:2] == [name])
            assert str(error.exit_code) in line.split()


def test_the_checked_in_schemas_are_those_of_the_models() -> None:
    assert generate.stale() == []
