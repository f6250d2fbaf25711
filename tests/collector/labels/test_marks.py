"""No way turns a proposal into a person's label but a person's own: random deeds beside a model."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.support.labels import home_at, opened_by, proposed, put_day

from signoff_collector.labels.label_studio.reading import labels_of, read_tasks
from signoff_collector.labels.label_studio.writing import tasks, tasks_bytes
from signoff_collector.labels.marks import Marks, accepted, rejected, undecided, with_labels
from signoff_schemas.labels import Label, ProposedLabel, label_set_bytes, parse_label_set

pytestmark = pytest.mark.slow
Place = tuple[int, int, str]


class Labelling(RuleBasedStateMachine):
    """Labels a day by hand; beside it a dict of what a person said, and why it counts."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        root = Path(self.folder.name).resolve()
        self.path = put_day(root / "work")
        self.home = home_at(root / "home")
        self.opened = opened_by(self.home, self.path)
        self.said: dict[Place, tuple[str | int, bool]] = {}
        """Place to value, and whether a person took it over from a proposal."""
        self.turned: set[str] = set()
        self.before: list[tuple[dict[Place, tuple[str | int, bool]], set[str]]] = []
        self.exported: list[bytes] = []

    def teardown(self) -> None:
        self.folder.cleanup()

    @property
    def proposals(self) -> tuple[ProposedLabel, ...]:
        return self.opened.proposals[:8]

    def keep(self) -> None:
        self.before.append((dict(self.said), set(self.turned)))

    @rule(field=st.sampled_from(["judgement", "phase"]), at=st.integers(0, 7), data=st.data())
    def set_by_hand(self, field: str, at: int, data: st.DataObject) -> None:
        one = self.proposals[at]
        first = data.draw(st.sampled_from([one.first, one.last]))
        values = {"judgement": ["good", "mistake"], "phase": ["patch", "validate"]}[field]
        value = data.draw(st.sampled_from(values))
        place = (first, one.last, field)
        if self.said.get(place) != (value, False):
            self.keep()
        self.said[place] = (value, False)
        self.opened.file.set_label(field, value, first, one.last)

    @rule(at=st.integers(0, 7))
    def accept(self, at: int) -> None:
        one = self.proposals[at]
        place = (one.first, one.last, one.field)
        if self.said.get(place) != (one.value, True) or one.id in self.turned:
            self.keep()
        self.said[place] = (one.value, True)
        self.turned.discard(one.id)
        self.opened.file.accept(one)

    @rule(at=st.integers(0, 7))
    def reject(self, at: int) -> None:
        one = self.proposals[at]
        if one.id not in self.turned:
            self.keep()
        self.turned.add(one.id)
        self.opened.file.reject(one)

    @rule()
    def undo(self) -> None:
        assert self.opened.file.undo() is bool(self.before)
        if self.before:
            self.said, self.turned = self.before.pop()

    @rule()
    def reload(self) -> None:
        self.opened = opened_by(self.home, self.path)
        self.before.clear()

    @rule()
    def export(self) -> None:
        made = tasks(self.opened.file.found, self.opened.units.all, self.opened.proposals)
        self.exported.append(tasks_bytes(made))

    @precondition(lambda self: bool(self.exported))
    @rule(data=st.data(), copies=st.booleans(), marks_origin=st.booleans())
    def take_back(self, data: st.DataObject, copies: bool, marks_origin: bool) -> None:
        """Import an export; Label Studio may have put the predictions into the annotation."""
        task = json.loads(data.draw(st.sampled_from(self.exported)))
        held = task[0].setdefault("annotations", [{"result": []}])[0]["result"]
        if copies:
            for region in task[0].get("predictions", [{"result": []}])[0]["result"]:
                origin = {"origin": "prediction"} if marks_origin else {"origin": "manual"}
                held.append({**region, **origin})
        taken = labels_of(
            read_tasks(json.dumps(task).encode()), self.opened.file.found,
            self.opened.units.all, number=None, day="2026-11-28",
        )  # fmt: skip
        came = {one.place: one.value for one in taken.labels}
        assert not taken.copied or copies
        new = {place: value for place, value in came.items() if place not in self.said
               or self.said[place][0] != value}  # fmt: skip
        if new:
            self.keep()
        self.said |= {place: (value, False) for place, value in new.items()}
        self.opened.file.add(*taken.labels)

    @invariant()
    def only_what_a_person_said_is_a_label(self) -> None:
        marks = self.opened.file.marks
        found = {one.place: (one.value, one.accepted is not None) for one in marks.labels}
        assert found == self.said
        assert all(one.origin == "person" for one in marks.labels)

    @invariant()
    def what_was_turned_down_is_remembered_and_no_longer_waits(self) -> None:
        waiting = {one.id for one in undecided(self.opened.file.marks, self.proposals)}
        assert len(self.opened.file.marks.rejected) == len(self.turned)
        assert not waiting & self.turned

    @invariant()
    def the_disk_says_the_same(self) -> None:
        file = self.opened.file
        if file.exists:
            found = parse_label_set(file.path.read_bytes())
            assert (found.labels, found.rejected) == (file.marks.labels, file.marks.rejected)


TestLabelling = Labelling.TestCase
TestLabelling.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def test_a_label_set_cannot_hold_a_proposal(tmp_path: Path) -> None:
    opened = opened_by(home_at(tmp_path / "home"), put_day(tmp_path / "work"))
    opened.file.set_label("judgement", "good", 1, 1)
    content = label_set_bytes(opened.file.found)
    with pytest.raises(Exception, match="label"):
        parse_label_set(content.replace(b'"origin": "person"', b'"origin": "proposed"'))
    one = opened.proposals[0]
    with pytest.raises(ValueError, match="validation error"):
        Label.model_validate(one.model_dump())


def test_a_label_over_the_same_steps_answers_a_proposal_and_one_beside_them_does_not() -> None:
    one = proposed("mistake", 5, 9)
    said = accepted(Marks(), proposed("good", 4, 9), day="2026-11-28", version="1").labels[0]
    beside = said.model_copy(update={"first": 6})
    other = said.model_copy(update={"field": "phase"})
    assert undecided(with_labels(Marks(), said), [one]) == []
    assert undecided(with_labels(Marks(), beside), [one]) == [one]
    assert undecided(with_labels(Marks(), other), [one]) == [one]
    assert undecided(rejected(Marks(), one), [one]) == []
    assert undecided(rejected(Marks(), one), [proposed("good", 5, 9)]) != []
