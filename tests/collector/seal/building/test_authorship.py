"""Who made a change is said only on a direct sign."""

from __future__ import annotations

import pytest
from tests.support.seal_journals import Journal, edit_authors, gathered_for

from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.building.authorship import Evidence, attribute, known_evidence
from signoff_schemas.words import ActorClass, Basis


def test_a_one_character_change_without_a_sign_is_unknown() -> None:
    journal = Journal()
    journal.open("a.py", "😀🦊\n")
    journal.change("a.py", (0, 4), (0, 4), "x")
    assert edit_authors(assemble([journal.records()], gathered_for())) == [("unknown", "none", ())]


@pytest.mark.parametrize(
    ("reason", "cls"),
    [
        ("key", "typed"), ("undo", "undo"), ("redo", "redo"), ("paste", "pasted"),
        ("completion", "completion"), ("formatter", "formatter"), ("command", "command"),
        ("external", "external"), ("inline_suggestion", "completion"), ("agent", "assistant"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("comes_first", [True, False])
def test_evidence_names_the_author_before_and_after_its_change(
    reason: str, cls: str, *, comes_first: bool
) -> None:
    journal = Journal()
    journal.companion("hello", {"name": "c", "version": "1", "protocol": 1})
    journal.open("a.py", "😀🦊\n")
    if comes_first:
        journal.evidence("a.py", reason, 1)
    journal.change("a.py", (0, 4), (0, 4), "x", 1)
    if not comes_first:
        journal.evidence("a.py", reason, 1)
    episode = assemble([journal.records()], gathered_for())
    assert edit_authors(episode) == [(cls, "observed", (reason,))]


def test_evidence_of_another_version_says_nothing() -> None:
    journal = Journal()
    journal.open("a.py", "😀🦊\n")
    journal.change("a.py", (0, 4), (0, 4), "x", 1)
    journal.change("a.py", (0, 5), (0, 5), "y", 2)
    journal.evidence("a.py", "key", 2)
    classes = [cls for cls, _, _ in edit_authors(assemble([journal.records()], gathered_for()))]
    assert classes == ["unknown", "typed"]


def test_evidence_for_versions_a_client_left_out_belongs_to_the_change_that_holds_them() -> None:
    journal = Journal()
    journal.open("a.py", "😀🦊\n")
    for version in range(1, 11):
        journal.evidence("a.py", "key", version, detail="insert")
    journal.change("a.py", (0, 4), (0, 4), "ten chars!", 10)
    episode = assemble([journal.records()], gathered_for())
    assert edit_authors(episode) == [("typed", "observed", ("key:insert",))]


def test_a_few_keys_do_not_type_a_hundred_characters() -> None:
    said = [Evidence(reason="key", changes=3)]
    assert attribute(said, ["x" * 100])[0].cls is ActorClass.UNKNOWN
    assert attribute(said, ["\n                abc"])[0].cls is ActorClass.TYPED


@pytest.mark.parametrize(
    ("keys", "texts", "is_typed"),
    [
        (1, ["()"], True),
        (1, ["ab"], False),
        (2, ["😀🦊"], True),
        (1, ["😀🦊"], False),
        (1, ["e\u0301"], True),
        (1, ["\n    # "], True),
        (1, ["\n    return x"], False),
        (1, ["q", "q", "q"], True),
        (1, ["x", "streamed"], False),
        (2, ["x", "streamed"], False),
        (1, ["))))"], False),
        (1, [""], True),
    ],
)
def test_one_key_puts_in_one_character_and_what_closes_it(
    keys: int, texts: list[str], *, is_typed: bool
) -> None:
    said = [Evidence(reason="key", changes=keys)]
    expected = ActorClass.TYPED if is_typed else ActorClass.UNKNOWN
    assert {one.cls for one in attribute(said, texts)} == {expected}


def test_two_reasons_for_one_version_are_told_apart_only_change_by_change() -> None:
    said = [Evidence(reason="key"), Evidence(reason="paste")]
    assert [one.cls for one in attribute(said, ["a", "pasted 😀🦊"])] == [
        ActorClass.TYPED,
        ActorClass.PASTED,
    ]
    assert [one.cls for one in attribute(said, ["apasted 😀🦊"])] == [ActorClass.UNKNOWN]
    assert attribute(said, ["a"])[0].basis is Basis.NONE


def test_reasons_of_a_newer_protocol_are_left_alone() -> None:
    assert known_evidence("telepathy", None, 1) is None


def test_the_detail_is_kept_short() -> None:
    said = known_evidence("command", "x" * 500, 1)
    assert said is not None
    assert said[0].detail is not None
    assert len(said[0].detail) == 64
