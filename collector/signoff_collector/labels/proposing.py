"""Labels that the levels propose: mistakes, recoveries, dead ends, weakened tests, with reasons.

A pure function of an episode. What it returns is of a type of its own and becomes a person's label
only by `marks.accepted`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.levels.test_runs.failing import bare_name
from signoff_collector.levels.wrong_turns import wrong_turns
from signoff_schemas.labels import ProposedLabel, TagField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from signoff_collector.levels.levels import Levels
    from signoff_collector.levels.wrong_turns import WrongTurn
    from signoff_schemas.labels import LabelSchema

RULES_VERSION: Final = 1
"""Rises when the same episode and levels give other proposals."""
DEAD_END: Final = "dead-end"
WEAKENED_TEST: Final = "weakened-test"
_SURE: Final[Mapping[str, int]] = {
    "weakened-test": 90, "dead-end": 80, "broken": 70, "reverted": 60, "reverted-part": 40,
}  # fmt: skip
"""Rule to how sure it is: by how much a person could see otherwise, not counted from days."""
_REASONS: Final[Mapping[tuple[str, str], str]] = {
    ("reverted", "mistake"): "this edit was taken back later",
    ("reverted", "recover"): "this edit takes earlier work back",
    ("reverted-part", "mistake"): "most of this edit was taken back later",
    ("reverted-part", "recover"): "this takes a part of earlier work back",
    ("broken", "mistake"): "a test that had passed failed after this edit, which was mended later",
    ("broken", "recover"): "this edit mends what had made a test fail",
}


def proposals_of(levels: Levels, schema: LabelSchema) -> tuple[ProposedLabel, ...]:
    """Return what is proposed, in order of steps; only values that the schema has.

    Of equal proposals by several rules the surest one is left.
    """
    best: dict[tuple[int, int, str, str], ProposedLabel] = {}
    for one in _in_schema(_proposed(levels), schema):
        key = one.first, one.last, one.field, one.value
        if key not in best or one.sure > best[key].sure:
            best[key] = one
    return tuple(best[key] for key in sorted(best))


def _in_schema(found: Iterable[ProposedLabel], schema: LabelSchema) -> Iterator[ProposedLabel]:
    """Yield each proposal for the first tag that has its value and may be said of its span."""
    places = {
        value.name: field
        for field in reversed(schema.fields) if isinstance(field, TagField)
        for value in field.values
    }  # fmt: skip
    for one in found:
        field = places.get(one.value)
        if field is None or schema.fault_of(field.name, one.value, one.first, one.last):
            continue
        yield one.model_copy(update={"field": field.name})


def _proposed(levels: Levels) -> Iterator[ProposedLabel]:
    for dead in levels.dead_ends:
        yield _one(
            DEAD_END, DEAD_END, dead.first, dead.last,
            f"of {dead.tokens} tokens written here in {dead.path}, {dead.surviving} stood at the"
            " end of the task",
        )  # fmt: skip
    for turn in wrong_turns(levels):
        if turn.because != "dead_end":
            yield _of_turn(turn)
    for test in levels.red_green:
        if test.is_weakened and test.green is not None:
            yield _one(
                WEAKENED_TEST, WEAKENED_TEST, test.last_red + 1, test.green,
                f"{bare_name(test.test)} passed after its file asked for less",
            )  # fmt: skip


def _of_turn(turn: WrongTurn) -> ProposedLabel:
    rule = "reverted-part" if turn.is_part else turn.because
    reason = f"{_REASONS[rule, turn.side]} ({turn.path})"
    return _one(rule, turn.side, turn.first, turn.last, reason)


def _one(rule: str, value: str, first: int, last: int, reason: str) -> ProposedLabel:
    return ProposedLabel(
        origin="proposed",
        field="judgement",
        value=value,
        first=first,
        last=last,
        rule=rule,
        rule_version=RULES_VERSION,
        reason=reason,
        sure=_SURE[rule],
    )
