"""Whatever is added, withdrawn, replaced or expires: a data set holds what a plain model says."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from shutil import rmtree

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.support.datasets import DAY, Person
from tests.support.datasets_refreshed import OwnSet

from signoff_datasets.verifying.verifying import read_manifest, verify
from signoff_schemas.dataset import parse_plan
from signoff_schemas.statement import format_time, parse_time

pytestmark = pytest.mark.slow
SHARD_BYTES = 9000


@dataclass(kw_only=True)
class Known:
    """One episode, as the model knows it."""

    expires: str
    is_withdrawn: bool = False
    replaced_by: list[Known] = field(default_factory=list["Known"])
    """By a sign-off that was withdrawn it is replaced no longer: a store forgets that one."""

    def holds(self, day: str) -> bool:
        is_replaced = any(not one.is_withdrawn for one in self.replaced_by)
        return not self.is_withdrawn and not is_replaced and self.expires > day


class Refreshes(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="refreshes-"))
        self.made = OwnSet(root=self.folder, person=Person(number=1), day=parse_time(DAY))
        self.made.store.mkdir()
        self.known: dict[str, Known] = {}
        self.held: set[str] | None = None
        """What the data set has to hold; None where there is none."""
        self.version = 0
        self.place = Path()

    def teardown(self) -> None:
        rmtree(self.folder)

    @property
    def day(self) -> str:
        return format_time(self.made.day)

    def good(self) -> set[str]:
        return {digest for digest, one in self.known.items() if one.holds(self.day)}

    def new_place(self) -> Path:
        self.place = self.folder / f"set-{len(list(self.folder.iterdir()))}"
        return self.place

    @rule(days=st.integers(1, 200))
    def add(self, days: int) -> None:
        expires = format_time(self.made.day + timedelta(days=days))
        digest = self.made.add(len(self.known), expires=expires)
        self.known[digest] = Known(expires=expires)

    @precondition(lambda self: self.good())
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        digest = data.draw(st.sampled_from(sorted(self.good())))
        self.made.withdraw(digest)
        self.known[digest].is_withdrawn = True

    @precondition(lambda self: self.good())
    @rule(data=st.data())
    def supersede(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(sorted(self.good())))
        record = self.made.person.predicate(self.made.contents[old]).record_id
        digest = self.made.add(len(self.known), expires=self.known[old].expires, supersedes=record)
        self.known[digest] = Known(expires=self.known[old].expires)
        self.known[old].replaced_by.append(self.known[digest])

    @rule(days=st.integers(1, 60))
    def wait(self, days: int) -> None:
        self.made.day += timedelta(days=days)

    @precondition(lambda self: self.held is None and self.good())
    @rule()
    def build(self) -> None:
        self.made.build(self.made.plan(SHARD_BYTES), self.new_place())
        self.held, self.version = self.good(), 1

    @precondition(lambda self: self.held is not None)
    @rule()
    def refresh(self) -> None:
        assert self.held is not None
        before, left = self.place, self.held & self.good()
        found = self.made.refresh(before, self.new_place())
        if left == self.held:
            assert found.notice is None
            self.place = before
            return
        assert found.notice is not None
        assert set(found.notice.episodes) == self.held - left
        assert {path.name for path in before.iterdir()} == {"NOTICE.json", "NOTICE.json.sig"}
        self.held, self.version = left or None, self.version + 1
        assert self.place.exists() == bool(left)

    @invariant()
    def the_data_set_is_what_the_model_says(self) -> None:
        if self.held is None:
            return
        manifest, _ = read_manifest(self.place)
        plan = parse_plan(self.place.with_name(f"{self.place.name}.plan.json").read_bytes())
        found = verify(
            self.place,
            authority=self.made.authority(),
            is_builder=lambda _key, _name: True,
            day=parse_time(manifest.request.as_of),
            plan=plan,
            tell=lambda _done, _all: None,
        )
        assert found.findings == []
        assert {one.sha256 for one in manifest.episodes} == self.held
        assert manifest.version == self.version


TestRefreshes = Refreshes.TestCase
TestRefreshes.settings = settings(max_examples=20, stateful_step_count=16)
