"""What the report of an episode says where the truth is known."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from benchmarks.made_days.known_day import known_day
from tests.support.episodes import ASTRAL, sample_episode
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.quality.measures import ELSEWHERE, Measure
from signoff_collector.quality.quality import quality_of
from signoff_collector.quality.telling import quality_rows, useful_line, useful_lines
from signoff_schemas.gates import GATES, Gate
from signoff_schemas.steps import EnvironmentStep, FilesStep, ResyncStep, SaveStep
from signoff_schemas.words import ActorClass, Basis

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

PATH = "src/a.py"
TEXT = f"# {ASTRAL}\nx = 1\n"
A = "tests/test_a.py::test_one"


def measure(episode: Episode, name: Gate) -> Measure:
    (found,) = [one for one in quality_of(episode).measures if one.name == name]
    return found


def opened(text: str = TEXT) -> Typist:
    typist = Typist()
    typist.open(PATH, text)
    return typist


def typed(text: str = f"y = 2  # {ASTRAL}\n") -> Typist:
    typist = opened()
    typist.type_at_end(PATH, text)
    return typist


def test_replay_is_good_where_every_save_agrees() -> None:
    typist = typed()
    typist.save(PATH)
    assert measure(typist.episode(), "replay").value == 1
    assert measure(typist.episode(), "replay").passed


def test_replay_is_less_where_one_save_of_two_differs() -> None:
    typist = typed()
    typist.save(PATH)
    typist.add(SaveStep, path=PATH, buffer=0, disk_sha256="0" * 64)
    found = measure(typist.episode(), "replay")
    assert (found.value, found.passed) == (0.5, False)


def test_replay_is_not_known_without_a_save() -> None:
    assert measure(typed().episode(), "replay").passed is None


def test_what_does_not_fit_its_text_has_no_replay_and_no_known_coverage() -> None:
    typist = opened()
    typist.edit(PATH, 0, 0, ASTRAL)
    edit = typist.rows.pop()
    typist.rows.append(edit._replace(start=10_000))
    typist.save(PATH)
    blob = typist.blob(b"b")
    resync = {"path": PATH, "buffer": 0, "target": "buffer", "reason": "mismatch", "blob": blob}
    typist.add(ResyncStep, **resync)
    run_tests(typist, {A: "passed"})
    episode = typist.episode()
    assert measure(episode, "replay").value == 0
    assert measure(episode, "coverage").value is None
    assert measure(episode, "repair").value is None
    assert measure(episode, "tests").passed


def test_coverage_counts_characters_that_a_correction_brought() -> None:
    typist = typed("a" * 75)
    text = typist.texts[PATH] + "b" * 24 + ASTRAL[0]
    blob = typist.blob(text.encode())
    resync = {"path": PATH, "buffer": 0, "target": "buffer", "reason": "mismatch", "blob": blob}
    typist.add(ResyncStep, **resync)
    found = measure(typist.episode(), "coverage")
    assert (found.value, found.passed) == (0.75, False)
    assert measure(typed().episode(), "coverage").value == 1


def test_a_correction_of_a_known_author_was_seen() -> None:
    typist = typed("a" * 75)
    blob = typist.blob((TEXT + "b" * 900).encode())
    git = {"class": ActorClass.GIT, "basis": Basis.OBSERVED}
    typist.add(ResyncStep, path=PATH, target="disk", reason="git", blob=blob, actor=git)
    assert measure(typist.episode(), "coverage").passed


def test_what_was_written_in_a_pause_was_not_seen() -> None:
    typist = typed("a" * 75)
    blob = typist.blob((TEXT + "b" * 25).encode())
    typist.add(FilesStep, changed=({"path": PATH, "blob": blob},), while_paused=True)
    assert measure(typist.episode(), "coverage").value == 0.75
    assert measure(opened().episode(), "coverage").passed is None


def test_authors_are_known_or_not_by_characters() -> None:
    typist = typed("a" * 97)
    typist.edit(PATH, 0, 0, "bcd", ActorClass.UNKNOWN)
    found = measure(typist.episode(), "authors")
    assert (found.value, found.passed) == (0.97, False)
    assert measure(typed().episode(), "authors").value == 1
    assert measure(opened().episode(), "authors").passed is None


def test_a_test_run_counts_only_where_it_tells_something() -> None:
    typist = typed()
    run_tests(typist, {}, exit_code=5)
    assert measure(typist.episode(), "tests").passed is False
    assert measure(typist.episode(), "environment").passed is None
    run_tests(typist, {A: "passed"})
    assert measure(typist.episode(), "tests").passed


def test_a_repair_is_a_test_that_a_change_made_pass() -> None:
    typist = typed()
    typist.save(PATH)
    run_tests(typist, {A: "failed"})
    assert measure(typist.episode(), "repair").passed is False
    typist.type_at_end(PATH, f"z = 3  # {ASTRAL}\n")
    typist.save(PATH)
    run_tests(typist, {A: "passed"})
    found = quality_of(typist.episode())
    assert found.failed(("repair", "steady-tests")) is None


def test_a_flaky_test_is_no_repair_and_not_steady() -> None:
    typist = typed()
    typist.save(PATH)
    run_tests(typist, {A: "failed", "tests/test_a.py::test_two": "passed"})
    run_tests(typist, {A: "passed", "tests/test_a.py::test_two": "passed"})
    assert measure(typist.episode(), "repair").passed is False
    found = measure(typist.episode(), "steady-tests")
    assert (found.value, found.passed) == (0.5, False)


def test_an_environment_is_an_interpreter_with_its_packages() -> None:
    typist = typed()
    typist.add(EnvironmentStep, interpreters={"python": "3.12.1"})
    run_tests(typist, {A: "passed"})
    assert measure(typist.episode(), "environment").passed is False
    typist.add(EnvironmentStep, interpreters={"python": "3.12.1"}, installed={"pytest": "9"})
    assert measure(typist.episode(), "environment").passed


def test_a_task_is_stated_or_not() -> None:
    assert measure(typed().episode(), "task").passed is False
    typist = typed()
    typist.begin_task(f"mend it {ASTRAL}")
    assert measure(typist.episode(), "task").passed


def test_placeholders_make_it_less_readable_and_what_looks_like_one_does_not() -> None:
    typist = Typist()
    typist.open(PATH, "a" * 60)
    typist.edit(PATH, 0, 0, "REDACTED_SECRET_12 and 20 of ours      ")
    plain = typist.episode()
    assert measure(plain, "readable").value == 1
    masks = {"REDACTED_SECRET_1": "exact value", "REDACTED_SECRET_12": "exact value"}
    header = plain.header.model_copy(update={"masks": masks})
    found = measure(replace(plain, header=header), "readable")
    assert (found.value, found.passed) == (0.81, False)
    header = plain.header.model_copy(update={"masks": {"REDACTED_SECRET_1": "exact value"}})
    assert measure(replace(plain, header=header), "readable").value == 1


def test_what_one_episode_cannot_tell_is_said_to_be_looked_at_elsewhere() -> None:
    found = quality_of(sample_episode()).measures
    assert [one.name for one in found] == [*GATES, *ELSEWHERE]
    for one in found[len(GATES) :]:
        assert (one.value, one.least, one.passed) == (None, None, None)
    assert sum(one.says.startswith("Not looked at here") for one in found) == len(ELSEWHERE)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_made_day_has_what_its_truth_says(seed: int) -> None:
    episode, truth = known_day(seed, tasks=4)
    found = {one.name: one for one in quality_of(episode).measures}
    assert found["tests"].passed
    assert bool(found["repair"].passed) == bool({*truth.red_green} - {*truth.weakened})
    flaky = {name for name, _, _ in truth.flaky}
    assert (found["steady-tests"].value == 1) == (not flaky)
    assert found["replay"].passed
    assert found["environment"].passed is False


def test_no_sentence_counts_anything() -> None:
    for one in quality_of(sample_episode()).measures:
        assert not re.search(r"\d", one.says)


def test_what_could_tell_more_fits_on_a_narrow_terminal() -> None:
    rows = quality_rows(quality_of(typed().episode()))
    lines = useful_lines(rows, "useful    ")
    assert all(len(line) <= 78 for line in lines)
    assert [line[:10].strip() for line in lines].count("useful") == sum(
        row["passed"] is False for row in rows
    )
    assert useful_line(rows, "useful     ") == "useful     less by tests, task; that is fine"
    longest = sorted(rows, key=lambda row: -len(str(row["measure"])))
    every = [row | {"passed": False} for row in longest if row["measure"] in GATES]
    assert len(useful_line(every, "useful     ")) <= 78
    assert useful_line([], "x ") == "x nothing that was looked at is missing"
    good = [row for row in rows if row["passed"] is not False]
    assert useful_lines(good, "useful    ") == ["useful    Nothing that was looked at is missing."]
