"""Values made without being validated again are those that validating makes."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from signoff_schemas.steps import STEP_MODELS, UnknownStep, ViewStep, step_json
from signoff_schemas.values import Actor, LineSpan

VIEW = ViewStep(seq=3, t_ns=5, source="lsp", path="😀🚀.py", visible=(LineSpan(first=1, last=2),))


def test_a_value_of_valid_fields_is_the_validated_one() -> None:
    made = ViewStep.of_valid(vars(VIEW))
    assert made == VIEW
    assert hash(made) == hash(VIEW)
    assert repr(made) == repr(VIEW)
    assert step_json(made) == step_json(VIEW)
    assert made.model_fields_set == set(ViewStep.model_fields)
    assert ViewStep.model_validate(made) is made


def test_a_copy_has_the_changed_fields_and_leaves_the_original() -> None:
    copied = VIEW.model_copy(update={"seq": 4, "path": "other"})
    assert (copied.seq, copied.path, copied.visible) == (4, "other", VIEW.visible)
    assert (VIEW.seq, VIEW.path) == (3, "😀🚀.py")
    assert copied == ViewStep.model_validate({**VIEW.model_dump(), "seq": 4, "path": "other"})
    assert copied.model_copy() == copied
    deep = VIEW.model_copy(deep=True)
    assert deep == VIEW
    assert deep.visible[0] is not VIEW.visible[0]


def test_a_copy_cannot_be_changed_either() -> None:
    copied = VIEW.model_copy(update={"seq": 4})
    with pytest.raises(ValidationError):
        copied.seq = 5
    assert copied.model_copy(update={"task": 1}).model_fields_set == set(ViewStep.model_fields)


def test_a_step_of_a_newer_kind_keeps_its_fields_in_a_copy() -> None:
    step = UnknownStep.model_validate(
        {"seq": 0, "t_ns": 0, "source": "s", "kind": "new", "said": ["😀🚀"]}
    )
    copied = step.model_copy(update={"seq": 1})
    assert (copied.seq, copied.model_extra) == (1, {"said": ["😀🚀"]})


def test_every_kind_can_be_copied_without_another_name() -> None:
    for kind, model in STEP_MODELS.items():
        fields = dict.fromkeys(model.model_fields, None) | {"kind": kind, "seq": 1}
        step = model.of_valid(fields)
        assert vars(step.model_copy(update={"seq": 2})) == fields | {"seq": 2}


def test_a_field_with_another_name_outside_is_published_under_it() -> None:
    actor = Actor.model_validate({"class": "typed"}).model_copy(update={"evidence": ("a",)})
    assert actor.model_dump(mode="json") == {"class": "typed", "basis": "none", "evidence": ["a"]}
