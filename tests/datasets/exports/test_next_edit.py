"""Next edits: what stands before is what was, and the target is the person's own next thought."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from benchmarks.made_days.known_day import known_day
from hypothesis import given
from tests.support.episodes import ASTRAL, episodes, open_episode, typing
from tests.support.patches import applied
from tests.support.typist import Typist
from unidiff import PatchSet

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.upgrade import upgraded
from signoff_collector.episode.moments.moments import Moments
from signoff_datasets.exports.next_edit import (
    MARKER,
    MOST_BYTES,
    MOST_HISTORY,
    NextEdits,
    next_edits,
)
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import DiagnosticsStep, SelectStep, TestsStep, ViewStep
from signoff_schemas.untyped import fields_of, list_of
from signoff_schemas.words import ActorClass

if TYPE_CHECKING:
    from signoff_collector.episode.content import Edit, Episode

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = sorted((ROOT / "tests" / "golden").glob("version_*/*.episode"))
SHA = "ab" * 32


def check(episode: Episode) -> NextEdits:
    """Check what holds of the records of every episode."""
    found = next_edits(episode, SHA)
    moments = Moments(episode)
    edits = episode.edits
    for one in found.records:
        row = json.loads(json.dumps(one.row))
        first, last = row["seq"]
        (patch,) = row["expected_patches"]
        assert applied(patch, one.before) == one.after
        texts = {moments.buffer(one.path, buffer, first - 1) for buffer in range(2)}
        assert one.before in texts
        assert one.after in {moments.buffer(one.path, buffer, last) for buffer in range(2)}
        own = slice(edits.count_until(first - 1), edits.count_until(last))
        assert not edits.actor[own].any()
        assert not edits.basis[own].any()
        assert row["cursor_position"].count(MARKER) == 1
        excerpt = row["cursor_position"].replace(MARKER, "")
        assert one.before.count(excerpt) == 1 or not excerpt
        captured = row["captured_prompt_input"]
        assert captured["cursor_file_content"] == one.before
        at = one.before.encode()[: captured["cursor_offset"]].decode()
        assert captured["cursor_row"] == at.count("\n")
        assert captured["cursor_column"] == len(at.rpartition("\n")[2].encode())
        assert row["edit_history"] == "".join(event["diff"] for event in captured["events"])
        assert 0 < len(captured["events"]) <= MOST_HISTORY
        for part in (patch, row["edit_history"]):
            assert len(PatchSet(part)) >= 1
        assert isinstance(row["repository_url"], str)
        assert isinstance(row["revision"], str)
    return found


@given(episodes())
def test_records_hold_in_any_episode(episode: Episode) -> None:
    try:
        Moments(episode).tree(episode.step_count)
        list(Moments(episode).lives())
    except DamagedError:
        with pytest.raises(DamagedError):
            next_edits(episode, SHA)
        return
    check(episode)


@given(typing())
def test_records_hold_while_one_text_is_typed(drawn: tuple[str, list[Edit], list[str]]) -> None:
    opened, edits, _ = drawn
    apart = [edit._replace(t_ns=edit.t_ns * 40, buffer=1) for edit in edits]
    check(open_episode(opened, apart))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_records_hold_in_a_golden_file(path: Path) -> None:
    check(read_episode(upgraded(path.read_bytes())))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_records_hold_on_a_made_day(seed: int) -> None:
    episode, _ = known_day(seed, tasks=3)
    assert len(check(episode).records) > 10


def begun(text: str = f"# {ASTRAL}\none = 1\ntwo = 2\n") -> Typist:
    """Open a file, and make a first thought of history."""
    typist = Typist()
    typist.open("src/app.py", text)
    typist.type_at_end("src/app.py", "three = 3\n")
    typist.wait(5_000)
    return typist


def test_the_history_never_holds_the_target_itself() -> None:
    typist = begun()
    typist.type_at_end("src/app.py", "the_target = 4\n")
    typist.wait(9_000)
    typist.type_at_end("src/app.py", "later = 5\n")
    first, second = next_edits(typist.episode(), SHA).records
    assert "the_target" in str(first.row["expected_patches"])
    assert "the_target" not in str(first.row["edit_history"])
    assert "the_target" not in str(first.row["captured_prompt_input"])
    assert "later" not in str(second.row["edit_history"])
    assert "the_target" in str(second.row["edit_history"])
    assert (first.row["settled_ms"], second.row["settled_ms"]) == (9_100, None)


@pytest.mark.parametrize(
    "actor", [actor for actor in ActorClass if actor is not ActorClass.TYPED], ids=str
)
def test_what_the_person_did_not_type_is_history_and_never_a_target(actor: ActorClass) -> None:
    typist = begun()
    typist.edit("src/app.py", 0, 0, "put_there()\n", actor)
    typist.wait(5_000)
    typist.type_at_end("src/app.py", "mine = 4\n")
    found = next_edits(typist.episode(), SHA)
    (one,) = found.records
    assert found.left_out == {"no_history": 1, "not_typed_by_person": 1}
    event = fields_of(list_of(fields_of(one.row["captured_prompt_input"])["events"])[-1])
    assert (event["author"], event["basis"]) == (actor, "observed")
    assert event["predicted"] == (actor is ActorClass.ASSISTANT)


def test_typing_that_is_only_inferred_is_no_target() -> None:
    typist = begun()
    typist.type_at_end("src/app.py", "four = 4\n")
    typist.rows[-1] = typist.rows[-1]._replace(basis=1)
    assert next_edits(typist.episode(), SHA).left_out == {"no_history": 1, "not_typed_by_person": 1}


@pytest.mark.parametrize("place", ["opened", "typed"])
def test_a_text_that_holds_the_marker_of_the_cursor_is_left_out_and_counted(place: str) -> None:
    typist = begun(f"{MARKER if place == 'opened' else ''}\n")
    typist.type_at_end("src/app.py", f"{MARKER if place == 'typed' else 'four'}\n")
    found = next_edits(typist.episode(), SHA)
    assert found.records == ()
    assert found.left_out == {"holds_marker": 1, "no_history": 1}


def test_masked_text_is_no_target() -> None:
    typist = begun()
    typist.type_at_end("src/app.py", "key = 'MASK-1'\n")
    episode = typist.episode()
    header = episode.header.model_copy(update={"masks": {"MASK-1": "rule"}})
    masked = type(episode)(
        header=header,
        files=episode.files,
        steps=episode.steps,
        edits=episode.edits,
        blobs=episode.blobs,
    )
    assert next_edits(masked, SHA).left_out == {"masked": 1, "no_history": 1}


def test_a_file_larger_than_zed_captures_is_left_out() -> None:
    typist = begun("x" * MOST_BYTES + "\n")
    typist.type_at_end("src/app.py", "four\n")
    assert next_edits(typist.episode(), SHA).left_out == {"no_history": 1, "too_large": 1}


def test_what_was_seen_before_is_told_and_what_came_later_is_not() -> None:
    typist = begun()
    finding = {"message": f"no {ASTRAL}", "severity": "error", "code": "E1"}
    gone = {"message": "gone", "severity": "error"}
    typist.add(ViewStep, path="src/seen.py", visible=({"first": 2, "last": 30},))
    typist.add(DiagnosticsStep, path="src/app.py", server="pyright", appeared=(finding, gone))
    typist.add(DiagnosticsStep, path="src/app.py", server="pyright", cleared=(gone,))
    cases = ({"id": "t.py::a", "outcome": "failed"}, {"id": "t.py::b", "outcome": "passed"})
    run = {"run_id": "r", "framework": "pytest", "exit_code": 1, "cases": cases}
    typist.add(TestsStep, **run)
    typist.add(SelectStep, path="src/app.py", buffer=0, cursor=5)
    typist.wait(3_000)
    typist.type_at_end("src/app.py", "four = 4\n")
    typist.add(ViewStep, path="src/later.py", visible=({"first": 0, "last": 3},))
    (one,) = next_edits(typist.episode(), SHA).records
    assert one.row["recent_views"] == [{"path": "src/seen.py", "rows": [2, 30], "ms_ago": 3_000}]
    (told,) = list_of(one.row["diagnostics"])
    assert fields_of(told)["message"] == f"no {ASTRAL}"
    assert one.row["last_test"] == {
        "failed": ["t.py::a"],
        "failed_count": 1,
        "exit_code": 1,
        "ms_ago": 3_000,
    }
    assert one.row["cursor_source"] == "select"
    assert str(one.row["cursor_position"]).startswith(f"# {ASTRAL}\n{MARKER}one")


def test_without_a_named_repository_the_required_names_are_pseudonyms() -> None:
    typist = begun()
    typist.type_at_end("src/app.py", "four = 4\n")
    (one,) = next_edits(typist.episode(), SHA).records
    assert one.row["repository_url"] == "urn:signoff:workspace-0123456789ab"
    assert one.row["revision"] == f"unknown-{SHA[:12]}"
