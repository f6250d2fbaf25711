"""What is left open where its editor ended: closed there, whoever tells of it, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.episodes import ASTRAL
from tests.support.seal_journals import (
    Journal,
    final_buffer,
    final_disk,
    gathered_for,
    kinds,
    sha256,
    sound,
    uri,
)

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.gathering.endings import Ending, How
from signoff_schemas.steps import CloseStep

TEXT = f"one {ASTRAL}\n"


def _closes(episode: Episode) -> list[tuple[str | None, str | None]]:
    return [(one.path, one.reason) for one in episode.steps if isinstance(one, CloseStep)]


def _typed(**fields: object) -> Journal:
    journal = Journal(**fields)  # type: ignore[arg-type]  # fields of the header
    journal.open("a.py", "")
    journal.change("a.py", (0, 0), (0, 0), TEXT)
    return journal


def _end(journal: Journal, reason: str = "closed") -> None:
    journal.wait(0.1)
    journal.add(RecordKind.END, {"t_boot_ns": journal.t_boot_ns, "reason": reason})


def _script(later_s: float = 60) -> Journal:
    """Return another writer that goes on when the editor is gone."""
    other = Journal("run", 300)
    other.wait(later_s)
    other.step("note", text="later")
    return other


@pytest.mark.parametrize(("told", "kept"), [("ended", "ended"), ("lost", "lost"), ("odd", None)])
def test_a_bridge_says_why_it_closed_what_was_open(told: str, kept: str | None) -> None:
    journal = _typed(closes_documents=True)
    fields = {"textDocument": {"uri": uri("a.py")}, "signoff": {"reason": told}}
    journal.lsp("didClose", fields)
    _end(journal)
    episode = sound(assemble([journal.records()], gathered_for()))
    assert _closes(episode) == [("a.py", kept)]


def test_what_a_killed_bridge_left_open_is_closed_where_it_wrote_last() -> None:
    journal, other = _typed(closes_documents=True), _script()
    ending = Ending(writer_id=journal.header.writer_id, t_boot_ns=journal.t_boot_ns, how=How.KILLED)
    facts = replace(gathered_for(), endings=(ending,))
    episode = sound(assemble([journal.records(), other.records()], facts))
    assert kinds(episode) == ["open", "edit", "close", "gap", "note"]
    assert _closes(episode) == [("a.py", "lost")]
    assert Moments(episode).file("a.py", 1) == TEXT
    assert Moments(episode).file("a.py", episode.step_count) is None


def test_what_a_bridge_of_before_left_open_is_closed_at_its_end() -> None:
    journal, other = _typed(), _script()
    _end(journal)
    episode = sound(assemble([journal.records(), other.records()], gathered_for()))
    assert kinds(episode) == ["open", "edit", "close", "note"]
    assert _closes(episode) == [("a.py", "ended")]


def test_what_stays_open_when_only_the_session_ends_is_not_closed() -> None:
    journal = _typed(closes_documents=True)
    _end(journal)
    episode = sound(assemble([journal.records()], gathered_for()))
    assert _closes(episode) == []
    assert final_buffer(episode, "a.py") == TEXT


def test_a_bridge_that_follows_another_in_one_editor_keeps_its_own_open() -> None:
    journal = _typed(closes_documents=True)
    later = Journal("lsp", 101, t_boot_ns=journal.t_boot_ns + 5 * 10**9, closes_documents=True)
    later.open("a.py", TEXT)
    ending = Ending(writer_id=journal.header.writer_id, t_boot_ns=journal.t_boot_ns, how=How.KILLED)
    facts = replace(gathered_for(), endings=(ending,))
    episode = sound(assemble([journal.records(), later.records()], facts))
    assert kinds(episode) == ["open", "edit", "close", "gap", "open"]
    assert final_buffer(episode, "a.py") == TEXT


@pytest.mark.parametrize(
    ("note", "on_disk"),
    [
        ({"exists": False}, None),
        ({"exists": True, "matches": False, "sha256": "0" * 64}, None),
        ({"exists": True, "matches": True, "sha256": sha256(TEXT)}, TEXT),
    ],
)
def test_a_text_an_editor_brought_along_says_nothing_about_the_disk(
    note: dict[str, object], on_disk: str | None
) -> None:
    journal = Journal(closes_documents=True)
    journal.open("a.py", TEXT)
    journal.companion("disk", {"uri": uri("a.py"), **note})
    journal.change("a.py", (0, 0), (0, 0), "x")
    episode = sound(assemble([journal.records()], gathered_for()))
    assert final_disk(episode, "a.py") == on_disk
    assert final_buffer(episode, "a.py") == f"x{TEXT}"
