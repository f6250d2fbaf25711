"""Documents folded from whatever editors send."""

from __future__ import annotations

import pytest
from tests.support.seal_journals import Journal, final_buffer, gaps, gathered_for, kinds, sound

from signoff_collector.episode.content import Episode
from signoff_collector.seal.assemble import assemble

TEXT = "one 😀🦊\ntwo\n"


def _sealed(journal: Journal) -> Episode:
    return sound(assemble([journal.records()], gathered_for()))


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 12), ("utf-16", 8), ("utf-32", 6)])
def test_columns_count_what_the_client_counts(encoding: str, column: int) -> None:
    journal = Journal(encoding=encoding)
    journal.open("a.py", TEXT)
    journal.change("a.py", (0, column), (0, column), "!")
    assert final_buffer(_sealed(journal), "a.py") == "one 😀🦊!\ntwo\n"


def test_versions_that_jump_and_repeat_are_taken_as_they_come() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    for version, text in ((0, "a"), (15, "b"), (26, "c"), (26, "d"), (3, "e")):
        journal.change("a.py", (1, 0), (1, 0), text, version)
    assert final_buffer(_sealed(journal), "a.py") == "one 😀🦊\nedcbatwo\n"


def test_changes_before_the_open_are_counted_until_the_next_whole_text() -> None:
    journal = Journal()
    for _ in range(3):
        journal.change("a.py", (0, 0), (0, 0), "😀🦊")
    journal.anchor("a.py", TEXT)
    journal.change("a.py", (0, 0), (0, 0), "x")
    episode = _sealed(journal)
    assert kinds(episode) == ["gap", "open", "edit"]
    assert [(gap.reason, gap.count) for gap in gaps(episode)] == [("dropped", 3)]
    assert final_buffer(episode, "a.py") == "x" + TEXT
    assert episode.header.check.blind_spans == 1


def test_changes_never_followed_by_a_text_are_reported_at_the_end() -> None:
    journal = Journal()
    journal.change("a.py", (0, 0), (0, 0), "😀🦊")
    assert [(gap.reason, gap.count) for gap in gaps(_sealed(journal))] == [("dropped", 1)]


@pytest.mark.parametrize(
    "changes",
    [
        [{"range": {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}},
          "text": "x"}],
    ],
)  # fmt: skip
def test_a_change_at_no_place_loses_the_text_until_the_next_save(changes: object) -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.changes("a.py", changes)
    journal.change("a.py", (0, 0), (0, 0), "y")
    journal.save("a.py", "truth 😀🦊\n", matches=False)
    episode = _sealed(journal)
    assert kinds(episode) == ["open", "gap", "resync", "save"]
    assert final_buffer(episode, "a.py") == "truth 😀🦊\n"
    assert episode.header.check.resyncs == 1


@pytest.mark.parametrize(
    "params",
    [b"", b"null", b"[]", b'{"textDocument": 1}', b"\xff\xfe", b'{"textDocument":{"uri":"x"}}',
     b'{"textDocument":{"uri":"file:///home/ada/project/a.py"},"contentChanges":[{"range":1}]}'],
)  # fmt: skip
def test_messages_that_make_no_sense_are_counted_and_left(params: bytes) -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.lsp("didChange", params)
    journal.change("a.py", (0, 0), (0, 0), "y")
    episode = _sealed(journal)
    assert final_buffer(episode, "a.py") == "y" + TEXT
    assert [gap.reason for gap in gaps(episode)] in ([], ["dropped"])


def test_ranges_outside_the_document_are_clamped() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.change("a.py", (0, 99), (0, 999), "!")
    journal.change("a.py", (50, 0), (99, 7), "end")
    journal.change("a.py", (1, 3), (1, 0), "2")
    assert final_buffer(_sealed(journal), "a.py") == "one 😀🦊!\n2\nend"


def test_halves_of_emoji_that_arrive_apart_become_one_character() -> None:
    journal = Journal()
    journal.open("a.py", "x\n")
    journal.change("a.py", (0, 1), (0, 1), "\ud83d")
    journal.change("a.py", (0, 2), (0, 2), "\ude00")
    journal.change("a.py", (0, 3), (0, 3), "\ud83e\udd8a")
    assert final_buffer(_sealed(journal), "a.py") == "x😀🦊\n"


def test_a_half_that_stays_alone_is_kept_as_it_is() -> None:
    journal = Journal()
    journal.open("a.py", "x😀🦊\n")
    journal.change("a.py", (0, 2), (0, 3), "")
    assert final_buffer(_sealed(journal), "a.py") == "x\ud83d🦊\n"


def test_whole_texts_become_the_one_place_that_changed() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.changes("a.py", [{"text": "one 😀🦊 more\ntwo\n"}])
    episode = _sealed(journal)
    assert [(edit.start, edit.deleted, edit.text) for edit in episode.edits.edits()] == [
        (6, 0, " more")
    ]


def test_an_anchor_equal_to_the_text_adds_nothing() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.anchor("a.py", TEXT)
    assert kinds(_sealed(journal)) == ["open"]


def test_an_anchor_that_differs_without_a_reason_is_a_visible_resync() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.anchor("a.py", "other 😀🦊\n")
    episode = _sealed(journal)
    assert kinds(episode) == ["open", "resync"]
    assert final_buffer(episode, "a.py") == "other 😀🦊\n"


def test_text_written_while_paused_comes_in_marked() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.anchor("a.py", "secret 😀🦊\n", while_paused=True)
    episode = _sealed(journal)
    assert kinds(episode) == ["open", "open"]
    assert getattr(episode.steps[1], "while_paused", None) is True
    assert getattr(episode.steps[1], "reason", None) == "anchor"
    assert episode.header.check.resyncs == 0


def test_a_document_opened_twice_is_two_texts_of_one_file() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.close("a.py")
    journal.open("a.py", TEXT)
    episode = _sealed(journal)
    assert kinds(episode) == ["open", "close", "open"]
    assert len(episode.blobs) == 1


def test_documents_outside_the_workspace_are_left_out() -> None:
    journal = Journal()
    journal.open("../other/a.py", TEXT)
    journal.change("../other/a.py", (0, 0), (0, 0), "x")
    journal.open("a.py", TEXT)
    assert _sealed(journal).files == ("a.py",)


def test_an_open_says_how_the_file_is_laid_out() -> None:
    journal = Journal()
    journal.open("a.py", "def f():\r\n    return '😀🦊'")
    journal.companion(
        "disk",
        {"uri": journal.uri("a.py"), "exists": True, "matches": False, "encoding": "utf-8",
         "bom": True, "final_newline": False, "sha256": "0" * 64},
    )  # fmt: skip
    step = _sealed(journal).steps[0]
    found = {name: getattr(step, name) for name in ("eol", "indent", "bom", "encoding")}
    assert found == {"eol": "crlf", "indent": "    ", "bom": True, "encoding": "utf-8"}


@pytest.mark.parametrize("way", ["ranged", "whole", "opened", "anchored"])
def test_a_document_that_outgrows_the_bound_is_said_once_and_followed_no_further(way: str) -> None:
    """In journals of bridges that did not look: the text is neither kept nor followed."""
    large = "x" * (10 << 20)
    journal = Journal()
    journal.open("b.py", "unchanged\n")
    journal.open("a.py", large if way == "opened" else "small\n")
    for _ in range(3):
        match way:
            case "ranged":
                journal.change("a.py", (0, 0), (0, 0), large)
            case "anchored":
                journal.anchor("a.py", large)
            case _:
                journal.changes("a.py", [{"text": large}])
    journal.change("a.py", (0, 0), (0, 0), "unspoken")
    journal.save("a.py", "unspoken" + large)
    journal.anchor("a.py", "small again\n")
    journal.change("a.py", (0, 0), (0, 0), "still ")
    episode = sound(assemble([journal.records()], gathered_for()))
    assert final_buffer(episode, "a.py") == "still small again\n"
    (gap,) = gaps(episode)
    assert (gap.reason, gap.path, gap.over_bytes) == ("too_large", "a.py", 8 << 20)
    assert sum(map(len, episode.blobs)) < 100
    assert "unspoken" not in episode.edits.text
    assert len(episode.edits.text) < 100


def test_text_typed_piece_by_piece_past_the_bound_is_followed_up_to_it() -> None:
    piece = "line of text\n" * 80_000
    journal = Journal()
    journal.open("a.py", "")
    for _ in range(12):
        journal.change("a.py", (0, 0), (0, 0), piece)
    episode = sound(assemble([journal.records()], gathered_for()))
    assert len(episode.edits.text) <= 9 << 20
    assert [gap.reason for gap in gaps(episode)] == ["too_large"]
    assert kinds(episode)[-2:] == ["close", "gap"]
