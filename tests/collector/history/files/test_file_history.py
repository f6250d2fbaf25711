"""States of a file worth having: each with what took it away."""

from __future__ import annotations

from tests.support.episodes import ASTRAL, SOURCE, edit, header, sha256, table
from tests.support.seal_journals import Journal, gathered_for

from signoff_collector.episode.content import Episode, encode_text
from signoff_collector.history.files.file_history import FileHistory
from signoff_collector.seal.assemble import assemble
from signoff_schemas.steps import (
    CloseStep,
    CreateStep,
    DeleteStep,
    GitStep,
    NoteStep,
    OpenStep,
    SaveStep,
    StepBase,
)

PATH = "a.py"
TEXT = f"one {ASTRAL}\n"


def deleted_while_open(*, is_written_again: bool) -> Episode:
    """Return a session whose file is deleted on disk while an editor holds it."""
    common: dict[str, object] = {"source": SOURCE, "path": PATH, "buffer": 1, "t_ns": 0}
    last: StepBase = NoteStep(seq=4, t_ns=0, source=SOURCE, text="the end")
    if is_written_again:
        last = CreateStep(seq=4, t_ns=0, source="files", path=PATH, blob=1)
    return Episode(
        header=header(edits=1, steps=5, duration_ns=0, started_wall_ns=10**18),
        files=(PATH,),
        steps=(
            OpenStep.model_validate({**common, "seq": 0, "blob": 0, "text_sha256": sha256("")}),
            SaveStep.model_validate(
                {**common, "seq": 2, "text_sha256": sha256(TEXT), "matched": True}
            ),
            DeleteStep(seq=3, t_ns=0, source="files", path=PATH),
            last,
        ),
        edits=table(edit(1, 0, 0, TEXT)),
        blobs=(b"", encode_text(TEXT)),
    )


def test_what_took_a_file_from_disk_is_the_reason_though_an_editor_held_it_on() -> None:
    points = FileHistory(deleted_while_open(is_written_again=False), PATH).points()
    assert (points[0].content, points[0].why) == (TEXT.encode(), "before it was deleted")


def test_a_file_that_is_there_again_is_not_told_as_deleted() -> None:
    points = FileHistory(deleted_while_open(is_written_again=True), PATH).points()
    assert (points[0].content, points[0].why) == (TEXT.encode(), "as it was last recorded")


def let_go(*, is_reset: bool, is_taken: bool = True) -> Episode:
    """Return a session whose file is saved, typed into on, and then let go by the editor."""
    late = 60 * 10**9
    common: dict[str, object] = {"source": SOURCE, "path": PATH, "buffer": 1}
    git: StepBase = NoteStep(seq=4, t_ns=0, source=SOURCE, text="no git")
    if is_reset:
        disk = ({"path": PATH, "blob": 0},)
        fields: dict[str, object] = {"t_ns": 0, "source": "git", "operation": "reset"}
        git = GitStep.model_validate({**fields, "seq": 4, "disk": disk if is_taken else ()})
    return Episode(
        header=header(edits=2, steps=6, duration_ns=late, started_wall_ns=10**18),
        files=(PATH,),
        steps=(
            OpenStep.model_validate(
                {**common, "seq": 0, "t_ns": 0, "blob": 0, "text_sha256": sha256("")}
            ),
            SaveStep.model_validate(
                {**common, "seq": 2, "t_ns": 0, "text_sha256": sha256(TEXT), "matched": True}
            ),
            git,
            CloseStep.model_validate({**common, "seq": 5, "t_ns": late}),
        ),
        edits=table(edit(1, 0, 0, TEXT), edit(3, 0, 0, "never saved ")),
        blobs=(b"",),
    )


def test_a_text_let_go_after_a_reset_is_told_as_taken_by_git_however_late() -> None:
    points = FileHistory(let_go(is_reset=True), PATH).points()
    lost = points[1]
    assert (lost.content, lost.why) == (
        f"never saved {TEXT}".encode(),
        "before git reset, then closed without saving",
    )


def test_a_text_let_go_by_the_person_alone_is_told_as_closed_without_saving() -> None:
    for alone in (let_go(is_reset=False), let_go(is_reset=True, is_taken=False)):
        points = FileHistory(alone, PATH).points()
        assert points[1].why == "before it was closed without saving"


def test_tests_are_green_again_when_the_red_ones_passed_and_not_before() -> None:
    journal = Journal()
    journal.open(PATH, "0\n")
    runs: tuple[tuple[int, dict[str, str]], ...] = (
        (1, {"t.py::a": "failed", "t.py::b": "failed"}),
        (5, {}),
        (0, {"t.py::b": "passed"}),
        (2, {}),
        (0, {"t.py::a": "passed", "t.py::b": "passed"}),
    )
    for number, (code, cases) in enumerate(runs):
        journal.wait(60)
        journal.change(PATH, (0, 0), (0, 1), str(number + 1))
        told = [{"id": name, "outcome": outcome} for name, outcome in cases.items()]
        selection = ["-k", "b"] if len(cases) == 1 else []
        journal.step(
            "tests", run_id=f"r{number}", framework="pytest", argv=["pytest"], exit_code=code,
            cases=told, selection=selection,
        )  # fmt: skip
    journal.change(PATH, (0, 0), (0, 1), "9")
    points = FileHistory(assemble([journal.records()], gathered_for()), PATH).points()
    greens = [point.content for point in points if point.why == "tests green again"]
    assert greens == [b"5\n"]
