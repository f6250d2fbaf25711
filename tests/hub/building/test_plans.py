"""Plans tell no count: too few is too few, asking is limited, and leaving shows nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.event import listen, remove
from tests.support.clock import FakeClock
from tests.support.hubs import DAY_S, entries_of, made_node, signed
from tests.support.hubs_built import (
    BUILDER,
    PEOPLE,
    asked,
    drawn,
    objects_below,
    plan_of,
    share,
)
from tests.support.hubs_ended import admitted, by_key

from signoff_hub.building.asked_plans import ASKED_A_DAY, ask_plan, read_asked
from signoff_hub.building.doing import PLANNING
from signoff_hub.building.plans import list_drawn, read_drawn, still_held
from signoff_hub.jobs.runner import Runner
from signoff_hub.node.node import Node
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.hub_api import Drawn, PlanRequest, PlanState
from signoff_schemas.statement import ProhibitedUse, Purpose


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", clock=clock) as made:
        yield made


def said(node: Node, token: str = BUILDER, **changes: object) -> HubFault:
    with pytest.raises(HubFault) as refused:
        ask_and_draw(node, token, asked(**changes))
    return refused.value


def ask_and_draw(node: Node, token: str, request: PlanRequest) -> PlanState:
    question = ask_plan(node, token, request).asked
    draw_due(node)
    return read_asked(node, token, question)


def draw_due(node: Node) -> int:
    return Runner(node=node, kinds=PLANNING).run_due()


def test_fewer_than_k_people_are_too_few_however_many_there_are(node: Node) -> None:
    none = said(node)
    share(node, range(9))
    nine = said(node)
    admitted(node, signed(node, 50, person=0, contributor="ab" * 16))  # somebody as somebody else
    ten_names = said(node)
    told = {(one.code, one.detail, one.hint) for one in (none, nine, ten_names)}
    assert len(told) == 1
    assert none.code == FaultCode.K
    share(node, [9])
    assert drawn(node).purpose == "model-training"


def test_gates_of_quality_are_asked_at_a_hub_too_and_too_few_say_no_more(node: Node) -> None:
    share(node, range(PEOPLE))
    none = said(node, gates=("environment",))
    assert (none.code, none.detail) == (FaultCode.K, said(node, k=1000).detail)
    made = plan_of(node, drawn(node, gates=("tests",)).sha256)
    assert made.request.gates == ("tests",)


def test_a_plan_tells_its_builder_the_same_before_and_after_somebody_left(
    node: Node, clock: FakeClock
) -> None:
    people = share(node, range(PEOPLE + 1))
    before = drawn(node)
    withdraw(node, by_key(people[0]))
    after = drawn(node)
    assert set(Drawn.model_fields) == {"sha256", "name", "purpose", "drawn_on", "log_size"}
    ignored = {"sha256", "log_size"}
    assert before.model_dump(exclude=ignored) == after.model_dump(exclude=ignored)
    assert before.sha256 != after.sha256


def test_what_was_left_out_is_said_of_ten_people_at_least_and_rounded(node: Node) -> None:
    share(node, range(PEOPLE))
    share(node, range(20, 33), purposes=(Purpose.RESEARCH,))
    share(node, range(40, 44), prohibited_uses=(ProhibitedUse.IDENTIFICATION,))
    plan = plan_of(node, drawn(node, prohibited_uses=("performance-evaluation",)).sha256)
    assert set(plan.left_out.values()) <= {10}
    assert plan.left_out.get("purpose") == 10
    assert "prohibited-use" not in plan.left_out


def test_a_purpose_that_the_hub_does_not_have_is_refused(node: Node) -> None:
    share(node, range(PEOPLE))
    assert said(node, purpose="teaching").code == FaultCode.PURPOSE


def test_asking_is_counted_also_where_nothing_comes_of_it(node: Node, clock: FakeClock) -> None:
    for _ in range(ASKED_A_DAY):
        assert said(node).code == FaultCode.K
    assert said(node).code == FaultCode.QUOTA
    assert said(node, token="1" * 64).code == FaultCode.K
    clock.advance(DAY_S + 1)
    assert said(node).code == FaultCode.K


def test_a_plan_is_its_builders_alone_and_a_leaf_of_the_log(node: Node) -> None:
    share(node, range(PEOPLE))
    plan = drawn(node)
    assert list_drawn(node, BUILDER) == (plan,)
    assert list_drawn(node, "1" * 64) == ()
    with pytest.raises(HubFault, match="no such plan of yours"):
        read_drawn(node, "1" * 64, plan.sha256)
    assert entries_of(node, plan.sha256) == [(plan.log_size, "build", "planned")]


def test_a_plan_is_drawn_by_a_job_and_told_to_who_asked_alone(node: Node) -> None:
    share(node, range(PEOPLE))
    first = ask_plan(node, BUILDER, asked())
    assert (first.state, first.plan) == ("drawing", None)
    assert read_asked(node, BUILDER, first.asked) == first
    assert ask_plan(node, BUILDER, asked()) == first, "the same question, counted once"
    assert ask_plan(node, BUILDER, asked(name="other")).asked != first.asked
    assert draw_due(node) == 2
    told = read_asked(node, BUILDER, first.asked)
    assert told.state == "drawn"
    assert told.plan in list_drawn(node, BUILDER)
    for token, question in (("1" * 64, first.asked), (BUILDER, "0" * 64)):
        with pytest.raises(HubFault, match="asked for no such plan"):
            read_asked(node, token, question)
    assert ask_plan(node, BUILDER, asked()).asked != first.asked, "drawn: it is asked anew"


def test_what_ends_while_a_plan_is_drawn_is_not_in_it_nor_is_its_number(tmp_path: Path) -> None:
    gone: list[str] = []

    def leave(point: str) -> None:
        if point == "plan created" and not gone:
            gone.append(objects_below(node, "plans")[0])
            withdraw(node, by_key(people[0]))

    with made_node(tmp_path / "hub", probe=leave) as node:
        people = share(node, range(PEOPLE + 1))
        plan = plan_of(node, drawn(node).sha256)
        assert {one.sha256 for one in plan.episodes} == {people[n].sha256 for n in range(1, 12)}
        assert plan.left_out == {}
        assert gone[0] not in objects_below(node, "plans"), "it named who left"


def test_a_plan_of_which_too_few_are_left_while_it_is_drawn_is_too_few(tmp_path: Path) -> None:
    def leave(point: str) -> None:
        if point == "plan created":
            for number in (0, 1):
                withdraw(node, by_key(people[number]))

    with made_node(tmp_path / "hub", probe=leave) as node:
        people = share(node, range(PEOPLE))
        assert said(node).code == FaultCode.K
        assert objects_below(node, "plans") == []


def test_however_many_left_a_plan_asks_no_more_of_the_database(node: Node) -> None:
    sent = share(node, range(PEOPLE + 3))
    plan = plan_of(node, drawn(node).sha256)

    def questions() -> int:
        """Return how many it takes to see what is held: the log is locked meanwhile."""
        asked_for: list[str] = []

        def note(*event: object) -> None:
            asked_for.append(str(event[2]))

        with node.database.read() as connection:
            listen(connection, "before_cursor_execute", note)
            left = still_held(node, connection, plan)
            remove(connection, "before_cursor_execute", note)
        assert {one.sha256 for one in left.episodes} <= held
        return len(asked_for)

    held = {one.sha256 for one in plan.episodes}
    nobody = questions()
    for number in range(3):
        withdraw(node, by_key(sent[number]))
        held.discard(sent[number].sha256)
        assert questions() == nobody


def test_a_plan_says_as_of_which_head_of_the_log_it_was_drawn(node: Node) -> None:
    share(node, range(PEOPLE))
    size = plan_of(node, drawn(node).sha256).request.log_size
    assert size == node.log.newest_head().head.size
    withdrawn = share(node, [PEOPLE])
    assert withdrawn
    later = plan_of(node, drawn(node).sha256).request.log_size
    assert later is not None
    assert later > size
    node.log.consistency(size, later)
