"""Who changed a file on disk: what other writers say of the same bytes or the same time."""

from __future__ import annotations

import pytest
from tests.support.seal_journals import START_BOOT_NS, Journal

from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.seal.disk.explaining import (
    RUN_WITHIN_MS,
    Content,
    Explanations,
    Span,
    explain,
)
from signoff_collector.seal.paths import WorkspacePaths
from signoff_collector.seal.times.merge import session_scale
from signoff_schemas.words import ActorClass, Basis

FILE: Content = ("a 🎈🎉.py", "1" * 64)
OTHER: Content = ("b.py", "2" * 64)


def run(*contents: Content) -> Explanations:
    """A command from 1,000 to 1,200 ms that left some contents on disk."""
    span = Span(from_ms=1_000, to_ms=1_200, label="command sed", contents=frozenset(contents))
    return Explanations(runs=[span], has_watcher=True)


def evidence(explanations: Explanations, *contents: Content, at_ms: int) -> object:
    actor = explanations.actor(contents, at_ms, at_ms + 10)
    assert (actor["class"], actor["basis"]) == (ActorClass.EXTERNAL, Basis.INFERRED)
    return actor["evidence"]


def test_what_changed_while_a_command_ran_has_it_as_evidence() -> None:
    assert evidence(run(), FILE, at_ms=1_195) == ("command sed",)
    assert evidence(run(), FILE, at_ms=1_201) == ()
    assert evidence(run(), FILE, at_ms=900) == ()


def test_what_a_command_left_on_disk_is_its_own_though_it_is_told_late() -> None:
    assert evidence(run(FILE), FILE, at_ms=1_700) == ("command sed",)
    assert evidence(run(FILE), FILE, OTHER, at_ms=1_700) == ()
    assert evidence(run(FILE, OTHER), FILE, OTHER, at_ms=1_700) == ("command sed",)
    assert evidence(run(FILE), FILE, at_ms=1_201 + RUN_WITHIN_MS) == ()


def test_an_operation_of_git_comes_before_what_ran_meanwhile() -> None:
    span = Span(
        from_ms=1_100, to_ms=1_100, label="git checkout", contents=frozenset({FILE}), around_ms=500
    )
    explanations = run(FILE)
    explanations.git.append(span)
    actor = explanations.actor([FILE], 1_000, 1_010)
    assert (actor["class"], actor["basis"]) == (ActorClass.GIT, Basis.OBSERVED)
    assert explanations.actor([FILE, OTHER], 1_000, 1_010)["basis"] is Basis.INFERRED


@pytest.mark.parametrize(
    ("t_kind", "before_ms", "expected"),
    [
        ("event", 1_400, ActorClass.GIT),
        ("event", 2_000, ActorClass.EXTERNAL),
        ("event", -2_000, ActorClass.EXTERNAL),
        ("received", 2_000, ActorClass.GIT),
        ("received", 3_500, ActorClass.EXTERNAL),
    ],
)
def test_a_change_two_seconds_before_the_refs_were_written_is_not_gits(
    t_kind: str, before_ms: int, expected: ActorClass
) -> None:
    """A chmod, then a stash: the file system says when git was at work, a late look does not."""
    files, git = Journal("files", 300), Journal("git", 301)
    files.add(RecordKind.TREE, {"t_boot_ns": START_BOOT_NS, "reason": "start", "entries": []})
    git.t_boot_ns = START_BOOT_NS + 10 * 10**9
    body = {"kind": "git", "operation": "stash", "t_kind": t_kind, "t_boot_ns": git.t_boot_ns}
    git.add(RecordKind.STEP, body)
    writers = [files.records(), git.records()]
    scale = session_scale(writer.header for writer in writers)
    found = explain(writers, scale, WorkspacePaths(str(git.root), {}))
    seen_ms = 10_000 - before_ms
    assert found.actor([FILE], seen_ms, seen_ms)["class"] is expected
