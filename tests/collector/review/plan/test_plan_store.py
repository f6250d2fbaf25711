"""The plan of a review is saved as it is made, by whoever makes it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.deadline import deadline
from tests.support.small_disk import fill, mounted_small_disk

from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.review.plan import plan_store
from signoff_collector.review.plan.plan_store import PlanStore, StoredReview
from signoff_schemas.errors import DamagedError, DiskFullError, OutdatedError, SignoffError
from signoff_schemas.plan import Plan, RangeKeep, TaskKeep, plan_bytes

BASE = "ab" * 32


@pytest.fixture
def store(home: Path) -> PlanStore:
    return PlanStore(resolve_home().ensure(), BASE)


def keeping(*tasks: int) -> Plan:
    return Plan(base_sha256=BASE, keeps=tuple(TaskKeep(task=task) for task in tasks))


def test_a_review_begins_with_nothing_kept_a_seed_and_a_key_that_stay(store: PlanStore) -> None:
    begun = store.load()
    assert (begun.plan.keeps, begun.revision, begun.can_undo) == ((), 0, False)
    assert begun.plan.seed is not None
    changed = store.change(0, plan=keeping(1))
    assert changed.plan.seed == begun.plan.seed
    assert changed.key == begun.key
    assert store.load() == changed
    assert store.path.stat().st_mode & 0o777 == 0o600


def test_undo_takes_plans_and_acceptances_back_one_by_one(store: PlanStore) -> None:
    store.load()
    store.change(0, plan=keeping(1))
    store.change(1, accepted={"g-1"})
    last = store.change(2, plan=keeping(1, 2), accepted={"g-1", "g-2"})
    assert last.accepted == {"g-1", "g-2"}
    one = store.undo(3)
    assert (one.revision, one.plan.keeps, one.accepted) == (4, keeping(1).keeps, {"g-1"})
    assert store.undo(4).accepted == frozenset()
    assert store.undo(5).plan.keeps == ()
    assert store.undo(6).revision == 6
    assert not store.load().can_undo


def test_a_change_that_changes_nothing_costs_no_undo(store: PlanStore) -> None:
    store.load()
    first = store.change(0, plan=keeping(1))
    assert store.change(1, plan=keeping(1)) == first


def test_who_did_not_see_the_last_change_is_told_to_look_again(store: PlanStore) -> None:
    store.load()
    store.change(0, plan=keeping(1))
    for act in (lambda: store.change(0, plan=keeping(2)), lambda: store.undo(0)):
        with pytest.raises(OutdatedError, match="change 1, not 0") as caught:
            act()
        assert caught.value.hint
    assert store.load().plan.keeps == keeping(1).keeps


def test_of_writers_at_once_one_wins_each_change(store: PlanStore) -> None:
    store.load()
    outcomes: list[bool] = []

    def add(task: int) -> None:
        for _ in range(8):
            seen = store.load()
            try:
                store.change(seen.revision, plan=keeping(*range(seen.revision), 100 + task))
            except OutdatedError:
                outcomes.append(False)
            else:
                outcomes.append(True)

    threads = [threading.Thread(target=add, args=(task,)) for task in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(deadline())
    assert len(outcomes) == 24
    assert store.load().revision == outcomes.count(True)


KILLED = """
import sys
from signoff_collector.own_files.home import resolve_home
from signoff_collector.review.plan.plan_store import PlanStore
from signoff_schemas.plan import Plan, TaskKeep
store = PlanStore(resolve_home(), sys.argv[1])
revision = store.load().revision
while True:
    keeps = tuple(TaskKeep(task=task) for task in range(revision + 1))
    revision = store.change(revision, plan=Plan(base_sha256=sys.argv[1], keeps=keeps)).revision
    print(revision, flush=True)
"""


def test_a_review_that_is_killed_goes_on_where_it_was(store: PlanStore) -> None:
    argv = [sys.executable, "-I", "-c", KILLED, BASE]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=os.environ) as child:
        assert child.stdout is not None
        told = [int(child.stdout.readline()) for _ in range(5)]
        child.kill()
        told += [int(line) for line in child.stdout.read().split()]
    left = store.load()
    assert left.revision in {told[-1], told[-1] + 1}
    assert len(left.plan.keeps) == left.revision
    assert store.undo(left.revision).plan.keeps == left.plan.keeps[:-1]


def test_old_plans_go_when_there_are_many_or_they_are_large(
    store: PlanStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_store, "MAX_UNDOS", 3)
    store.load()
    for revision in range(6):
        store.change(revision, plan=keeping(*range(revision + 1)))
    assert [len(one.plan.keeps) for one in store.load().earlier] == [3, 4, 5]
    room = sum(len(plan_bytes(one)) for one in (store.load().plan, store.load().earlier[-1].plan))
    monkeypatch.setattr(plan_store, "MAX_EARLIER_BYTES", room)
    assert [len(one.plan.keeps) for one in store.change(6, plan=keeping(9)).earlier] == [5, 6]


def test_a_full_disk_leaves_the_last_plan(tmp_path: Path) -> None:
    with mounted_small_disk(tmp_path / "disk", kib=256) as disk:
        home = Home(root=disk / "home").ensure()
        store = PlanStore(home, BASE)
        store.load()
        before = store.change(0, plan=keeping(1))
        fill(disk)
        with pytest.raises(DiskFullError):
            store.change(1, plan=keeping(*range(500)))
        assert store.load() == before
        assert [path.name for path in store.path.parent.glob(".*")] == []


def test_a_review_of_another_episode_is_not_taken_for_this_one(store: PlanStore) -> None:
    store.load()
    other = PlanStore(Home(root=store.path.parents[2]), "cd" * 32)
    other.path.write_bytes(store.path.read_bytes())
    with pytest.raises(DamagedError, match="another episode"):
        other.load()


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"\xff", b'{"now": 1, "earlier": []}', b"[" * 100_000, b'{"now": {}}'],
)
def test_a_file_that_is_no_review_is_said_to_be_damaged(store: PlanStore, content: bytes) -> None:
    store.load()
    store.path.write_bytes(content)
    with pytest.raises(DamagedError) as caught:
        store.load()
    assert str(store.path) in (caught.value.hint or "")


@pytest.fixture
def kept_bytes(store: PlanStore) -> tuple[PlanStore, bytes]:
    store.load()
    plan = Plan(
        base_sha256=BASE, keeps=(RangeKeep(from_seq=1, to_seq=9, title="\U0001f600\U00010348"),)
    )
    store.change(0, plan=plan, accepted={"n-1"})
    return store, store.path.read_bytes()


@given(place=st.integers(min_value=0), byte=st.integers(0, 255), cut=st.booleans())
def test_any_damage_is_read_as_a_review_or_refused(
    kept_bytes: tuple[PlanStore, bytes], place: int, byte: int, cut: bool
) -> None:
    store, whole = kept_bytes
    at = place % len(whole)
    store.path.write_bytes(whole[:at] if cut else whole[:at] + bytes([byte]) + whole[at + 1 :])
    try:
        found: object = store.load()
    except SignoffError as error:
        found = error
    finally:
        store.path.write_bytes(whole)
    assert isinstance(found, StoredReview) or "\U0001f600" not in str(found)


def test_what_is_kept_holds_numbers_ids_and_the_title_only(
    kept_bytes: tuple[PlanStore, bytes],
) -> None:
    value = json.loads(kept_bytes[1])
    assert set(value) == {"draft_version", "base_sha256", "key", "revision", "now", "earlier"}
    assert value["now"]["accepted"] == ["n-1"]
