"""Every save, test run and commit is compared with the replay."""

from __future__ import annotations

import hashlib

import pytest
from tests.support.seal_journals import (
    Journal,
    edit_authors,
    final_buffer,
    final_disk,
    gathered_for,
    kinds,
    sha256,
    sound,
)

from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.seal.assemble import assemble
from signoff_schemas.steps import SaveStep

TEXT = "one 😀🦊\ntwo\n"
CONTENTS = {sha256(text): text.encode() for text in ("other 😀🦊\n", "third 😀🦊\n", TEXT)}


def _sealed(*journals: Journal) -> Episode:
    return sound(assemble([one.records() for one in journals], gathered_for(), CONTENTS.get))


def _check(episode: Episode) -> tuple[int, int, int, int]:
    check = episode.header.check
    return check.checkpoints, check.matched, check.resyncs, check.blind_spans


def test_a_save_that_agrees_is_matched() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.change("a.py", (0, 0), (0, 0), "x")
    journal.save("a.py", "x" + TEXT)
    episode = _sealed(journal)
    assert _check(episode) == (1, 1, 0, 0)
    assert getattr(episode.steps[-1], "matched", None) is True


@pytest.mark.parametrize(
    "disk",
    [
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.removesuffix("\n").encode(),
        TEXT.replace("\n", "\r\n").encode(),
        b"\xff\xfe" + TEXT.encode("utf-16-le"),
    ],
    ids=["byte order mark", "no final newline", "crlf", "utf-16"],
)
def test_bytes_that_an_editor_hides_are_no_mismatch(disk: bytes) -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.save("a.py", TEXT, disk=disk)
    tests = Journal("run", 200, t_boot_ns=journal.t_boot_ns)
    digest = hashlib.sha256(disk).hexdigest()
    tests.step("tests", run_id="1", framework="pytest", disk=[_item("a.py", digest)])
    assert _check(_sealed(journal, tests)) == (2, 2, 0, 0)


def _item(path: str, digest: str | None) -> dict[str, object]:
    return {"path": path, "sha256": digest, "size_bytes": 1, "mode": "100644"}


def test_a_save_that_differs_resyncs_with_the_text_of_the_disk() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.save("a.py", "formatted 😀🦊\n", matches=False)
    journal.change("a.py", (0, 0), (0, 0), "x")
    episode = _sealed(journal)
    assert kinds(episode) == ["open", "resync", "save", "edit"]
    assert getattr(episode.steps[1], "reason", None) == "mismatch"
    assert final_buffer(episode, "a.py") == "xformatted 😀🦊\n"
    assert _check(episode) == (1, 1, 1, 0)


def test_a_save_without_text_that_differs_is_blind() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.save("a.py", "never seen 😀🦊\n")
    assert _check(_sealed(journal)) == (1, 0, 0, 1)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_save_nobody_could_compare_is_unknown_and_makes_no_resync(ending: str) -> None:
    """The replay is believed; the bytes are those of the form that the file had before."""
    texts = [f"{word} 😀🦊\n" for word in ("one", "two", "three")]
    first, second, third = (text.replace("\n", ending).encode() for text in texts)
    journal = Journal()
    journal.open("a.py", texts[0])
    journal.save("a.py", texts[0], disk=first)
    journal.change("a.py", (0, 0), (1, 0), texts[1])
    journal.unknown_save("a.py", texts[1])
    digest = hashlib.sha256(second).hexdigest()
    journal.step("tests", run_id="1", framework="pytest", disk=[_item("a.py", digest)])
    journal.change("a.py", (0, 0), (1, 0), texts[2])
    journal.save("a.py", texts[2], disk=third)
    episode = _sealed(journal)
    assert "resync" not in kinds(episode)
    assert _check(episode) == (3, 3, 0, 0)
    saved = [step.matched for step in episode.steps if isinstance(step, SaveStep)]
    assert saved == [True, None, True]
    assert Moments(episode).disk_bytes("a.py", episode.step_count) == third


def test_an_unknown_save_of_a_text_that_the_form_cannot_hold_is_kept_as_it_is() -> None:
    journal = Journal()
    journal.open("a.py", "é\n")
    journal.save("a.py", "é\n", disk=b"\xe9\n")
    journal.change("a.py", (0, 0), (1, 0), TEXT)
    journal.unknown_save("a.py", TEXT)
    episode = _sealed(journal)
    assert _check(episode) == (1, 1, 0, 0)
    assert final_disk(episode, "a.py") == TEXT


def test_a_save_moves_behind_the_change_that_holds_its_text() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.save("a.py", "x" + TEXT)
    journal.change("a.py", (0, 0), (0, 0), "x")
    journal.change("a.py", (0, 0), (0, 0), "y")
    episode = _sealed(journal)
    assert kinds(episode) == ["open", "edit", "save", "edit"]
    assert _check(episode) == (1, 1, 0, 0)


def test_a_save_waits_no_longer_than_its_document_is_open() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.save("a.py", "x" + TEXT, matches=False)
    journal.close("a.py")
    assert kinds(_sealed(journal)) == ["open", "resync", "save", "close"]


def test_an_announced_save_that_wrote_nothing_is_none() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.change("a.py", (0, 0), (0, 0), "x")
    journal.save("a.py", "text of a lint 😀🦊", disk=TEXT.encode())
    assert kinds(_sealed(journal)) == ["open", "edit"]


def test_a_test_run_on_the_replayed_files_leaves_a_checkpoint() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.step("tests", run_id="1", framework="pytest", disk=[_item("a.py", sha256(TEXT))])
    episode = _sealed(journal)
    assert kinds(episode) == ["open", "tests", "checkpoint"]
    assert _check(episode) == (1, 1, 0, 0)


def test_a_test_run_on_a_file_that_something_else_changed_resyncs_first() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    other = "other 😀🦊\n"
    journal.step("tests", run_id="1", framework="pytest", disk=[_item("a.py", sha256(other))])
    episode = _sealed(journal)
    assert kinds(episode) == ["open", "resync", "tests"]
    assert getattr(episode.steps[1], "target", None) == "disk"
    assert final_disk(episode, "a.py") == other
    assert final_buffer(episode, "a.py") == TEXT


def test_a_checkout_changes_files_without_a_resync() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    other = "other 😀🦊\n"
    journal.step("git", operation="checkout", disk=[_item("a.py", sha256(other))])
    journal.changes("a.py", [{"text": other}])
    journal.save("a.py", other)
    episode = _sealed(journal)
    assert kinds(episode) == ["open", "git", "edit", "save"]
    assert edit_authors(episode) == [("git", "inferred", ("equals the file on disk",))]
    assert _check(episode) == (1, 1, 0, 0)


def test_a_commit_of_a_file_that_something_else_changed_resyncs() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.step("git", operation="commit", disk=[_item("a.py", sha256("other 😀🦊\n"))])
    assert kinds(_sealed(journal)) == ["open", "resync", "git"]


def test_content_nobody_kept_makes_the_moment_blind_and_says_so() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.step("git", operation="commit", disk=[_item("a.py", sha256("not kept"))])
    episode = _sealed(journal)
    assert _check(episode) == (1, 0, 0, 1)
    assert getattr(episode.steps[1], "disk", ())[0].sha256 == "withheld"


def test_files_that_nobody_opened_are_withheld() -> None:
    journal = Journal()
    journal.step("tests", run_id="1", framework="pytest", disk=[_item("b.py", sha256(TEXT))])
    episode = _sealed(journal)
    assert getattr(episode.steps[0], "disk", ())[0].sha256 == "withheld"
    assert episode.blobs == ()


def test_equal_trees_have_equal_states() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    for change, text in (("x", "x" + TEXT), ("", TEXT), ("x", "x" + TEXT)):
        end = 0 if change else 1
        journal.change("a.py", (0, 0), (0, end), change)
        journal.save("a.py", text)
    journal.step("tests", run_id="1", framework="pytest", disk=[])
    episode = _sealed(journal)
    states = [getattr(step, "state", None) for step in episode.steps]
    assert states == [None, 1, 0, 1, 1]
    assert getattr(episode.steps[-1], "state_before", None) == 1


def test_created_renamed_and_deleted_files_are_followed() -> None:
    journal = Journal()
    journal.step("create", path="a.py", disk_sha256=sha256(TEXT))
    journal.step("rename", path="b.py", old_path="a.py")
    episode = _sealed(journal)
    assert final_disk(episode, "b.py") == TEXT
    journal.step("delete", path="b.py")
    assert final_disk(_sealed(journal), "b.py") is None
