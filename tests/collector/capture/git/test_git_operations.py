"""What reflog entries stand for."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.capture.git.git_operations import (
    classify,
    entries_after,
    late_operations,
    operations,
)
from signoff_collector.capture.git.git_repository import ReflogEntry
from signoff_schemas.steps import GitStep

A, B, C, NOTHING = "a" * 40, "b" * 40, "c" * 40, "0" * 40
KNOWN = get_args(GitStep.model_fields["operation"].annotation)


def entry(old: str, new: str, message: str, t_wall_s: int = 100) -> ReflogEntry:
    return ReflogEntry(old=old, new=new, t_wall_s=t_wall_s, message=message)


@pytest.mark.parametrize(
    ("message", "operation"),
    [
        ("commit: fix totals", "commit"),
        ("commit (initial): first", "commit"),
        ("commit (amend): fix totals", "amend"),
        ("commit (merge): Merge branch 'x'", "merge"),
        ("commit (cherry-pick): pick", "cherry-pick"),
        ("checkout: moving from main to topic", "checkout"),
        ("merge topic: Fast-forward", "merge"),
        ("rebase (start): checkout main", "rebase"),
        ("rebase -i (pick): one", "rebase"),
        ("reset: moving to HEAD~1", "reset"),
        ('revert: Revert "one"', "revert"),
        ("cherry-pick: one", "cherry-pick"),
        ("pull: Fast-forward", "pull"),
        ("pull --rebase origin main (start): checkout abc", "pull"),
        ("Branch: renamed refs/heads/a to refs/heads/b", "branch"),
        ("am: a patch", "other"),
        ("", "other"),
    ],
)
def test_a_message_says_its_operation(message: str, operation: str) -> None:
    assert classify(message) == operation


@given(st.text())
def test_any_message_is_an_operation_the_schema_knows(message: str) -> None:
    assert classify(message) in KNOWN
    (found,) = operations([entry(A, B, message)])
    assert found.operation in KNOWN


def test_a_rebase_counts_once_however_many_commits_it_moved() -> None:
    found = operations(
        [
            entry(A, B, "rebase (start): checkout main"),
            entry(B, C, "rebase (pick): one 🎉"),
            entry(C, A, "rebase (pick): two 𝄞"),
            entry(A, A, "rebase (finish): returning to refs/heads/topic", 120),
        ]
    )
    assert [(item.operation, item.head_before, item.head_after) for item in found] == [
        ("rebase", A, A)
    ]
    assert found[0].branch == "topic"
    assert found[0].is_finished
    assert found[0].t_wall_s == 120


def test_two_rebases_in_a_row_count_twice() -> None:
    finish = entry(B, B, "rebase (finish): returning to refs/heads/topic")
    start = entry(A, B, "rebase (start): checkout main")
    assert len(operations([start, finish, start, finish])) == 2


def test_the_reset_that_stash_writes_is_the_stash() -> None:
    found = operations(
        [entry(A, A, "reset: moving to HEAD")], stashed=[entry(NOTHING, C, "WIP on main: 123 one")]
    )
    assert [item.operation for item in found] == ["stash"]
    assert found[0].message == "WIP on main: 123 one"


def test_a_reset_that_moves_nothing_stays_a_reset_without_a_stash() -> None:
    assert operations([entry(A, A, "reset: moving to HEAD")])[0].operation == "reset"


def test_the_first_commit_has_no_head_before() -> None:
    (found,) = operations([entry(NOTHING, A, "commit (initial): first")])
    assert found.head_before is None
    assert found.head_after == A


def test_only_entries_behind_the_last_known_one_are_late() -> None:
    before = [entry(NOTHING, A, "commit (initial): first")]
    after = [*before, entry(A, B, "commit: second", 200)]
    assert [item.head_after for item in late_operations(before, after)] == [B]
    assert late_operations(after, after) == ()


def test_entries_that_git_expired_are_no_news() -> None:
    before = [entry(NOTHING, A, "commit (initial): first"), entry(A, B, "commit: second")]
    assert entries_after(before, [before[1], entry(B, C, "commit: third")])[0].new == C


def test_a_reflog_that_was_replaced_gives_only_entries_not_older_than_the_known_ones() -> None:
    before = [entry(A, B, "commit: second", 150)]
    after = [entry(NOTHING, C, "commit: other", 100), entry(C, A, "commit: newer", 160)]
    assert [item.new for item in entries_after(before, after)] == [A]


def test_the_same_movement_twice_in_one_second_is_seen_twice() -> None:
    there, back = entry(A, A, "checkout: moving from a to b"), entry(A, A, "checkout: moving b a")
    assert entries_after([there, back], [there, back, there, back]) == (there, back)


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(0, 12))
def test_a_prefix_and_what_follows_it_are_the_whole(numbers: list[int], cut: int) -> None:
    whole = [entry(A, B, f"commit: {number}", index) for index, number in enumerate(numbers)]
    known = whole[:cut]
    assert [*known, *entries_after(known, whole)] == whole
