"""What the steps of a session have in common is held once, and they stay what they were."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import sample_episode

from signoff_collector.seal.building.interning import Sharing
from signoff_schemas.steps import DiagnosticsStep, StepBase, UnknownStep, ViewStep
from signoff_schemas.values import Diagnostic, LineSpan, Position, Range

TEXTS = st.text(max_size=3) | st.sampled_from(["😀🚀", "x" * 300])


def step_of(path: str, first: int, message: str) -> StepBase:
    place = Range(start=Position(line=first, column=0), end=Position(line=first, column=1))
    found = Diagnostic(message=message, range=place)
    fields = {"seq": 0, "t_ns": 1, "source": "lsp", "path": path}
    if message:
        return DiagnosticsStep.model_validate({**fields, "appeared": [found]})
    return ViewStep.model_validate({**fields, "visible": [{"first": first, "last": first + 1}]})


@given(st.lists(st.tuples(TEXTS, st.integers(0, 2), TEXTS), max_size=8))
def test_a_shared_step_equals_the_validated_one(told: list[tuple[str, int, str]]) -> None:
    sharing = Sharing()
    for seq, one in enumerate(told):
        step = step_of(*one)
        shared = sharing.step(step, seq=seq)
        assert shared == step.model_copy(update={"seq": seq})
        assert shared.model_dump() == {**step.model_dump(), "seq": seq}


def test_every_kind_stays_what_it_was() -> None:
    sharing = Sharing()
    for step in sample_episode().steps:
        if not isinstance(step, UnknownStep):
            assert sharing.step(step, seq=step.seq) == step


def test_equal_paths_actors_and_spans_are_one() -> None:
    sharing = Sharing()
    one, other = (
        sharing.step(step_of("".join(["src/", "a😀🚀.py"]), 3, ""), seq=seq) for seq in (0, 1)
    )
    assert isinstance(one, ViewStep)
    assert isinstance(other, ViewStep)
    assert one.path is other.path
    assert one.actor is other.actor
    assert one.visible is other.visible
    assert one.visible == (LineSpan(first=3, last=4),)
