"""What a report never says: nothing of a person, nothing of the text, nothing that is a count."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from tests.support.episodes import episodes, sample_episode
from tests.support.leaks import windows
from tests.support.random_work import work
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.upgrade import upgraded
from signoff_collector.episode.json_form import step_rows
from signoff_collector.quality.measures import ELSEWHERE, LEAST, Measure
from signoff_collector.quality.quality import Quality, quality_of
from signoff_collector.quality.sentences import SENTENCES
from signoff_collector.quality.telling import quality_lines
from signoff_schemas.gates import GATES

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
GOLDEN = sorted((ROOT / "tests" / "golden").glob("version_*/*.episode"))
FIELDS = {"measure", "version", "value", "least", "passed", "says"}
REFUSED = re.compile(
    r"speed|fast|slow|hour|minute|second|time|pause|idle|rate|per\b|keys?troke|mistake|fault"
    r"|churn|dead|revert|retr|attempt|failures|undo|wpm|productiv|skill|score|rank|best|worst"
    r"|contributor|author_|person|human|share_of|streak|focus|night|weekend|average|percentile"
)
"""Words of figures that would measure somebody (docs/quality.md, "What is left out")."""


def check(episode: Episode) -> Quality:
    """Check what holds of every report."""
    found = quality_of(episode)
    assert [one.name for one in found.measures] == [*GATES, *ELSEWHERE]
    for one in found.measures:
        assert one.value is None or 0 <= one.value <= 1
        assert one.value is None or round(one.value * 100) / 100 == one.value
        assert one.says == SENTENCES[one.name, one.passed]
        assert one.passed is None or one.least == LEAST[one.name]  # type: ignore[index]
        assert (one.value is None) == (one.passed is None)
    return found


@given(episode=episodes())
def test_any_episode_has_a_report_that_follows_from_it_alone(episode: Episode) -> None:
    assert check(episode) == quality_of(episode)


@settings(max_examples=40)
@given(episode=work())
def test_any_work_has_a_report_without_a_word_of_it(episode: Episode) -> None:
    said = "\n".join([*map(json.dumps, check(episode).rows()), *quality_lines(check(episode))])
    for step in step_rows(episode):
        for name in ("text", "path", "argv", "message"):
            for text in _strings(step.get(name)):
                assert not windows(text) & windows(said)


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


@settings(max_examples=40)
@given(episode=work())
def test_the_report_does_not_change_with_the_speed_of_the_work(episode: Episode) -> None:
    """The same work in no time, or over a day: nothing of the report tells which it was."""
    slow = replace(
        episode,
        header=episode.header.model_copy(update={"duration_ns": episode.header.duration_ns * 60}),
        steps=tuple(step.model_copy(update={"t_ns": step.t_ns * 60}) for step in episode.steps),
        edits=episode.edits.with_columns(t_ns=episode.edits.t_ns * 60),
    )
    assert quality_of(slow) == quality_of(episode)


def test_the_rows_have_these_fields_and_no_others() -> None:
    rows = list(quality_of(sample_episode()).rows())
    assert {name for row in rows for name in row} == FIELDS
    assert {one.name for one in fields(Measure)} == {"name", *FIELDS - {"measure", "version"}}


def test_no_name_and_no_sentence_is_of_a_figure_about_a_person() -> None:
    for name in (*FIELDS, *GATES, *ELSEWHERE):
        assert not REFUSED.search(name), name
    for sentence in SENTENCES.values():
        assert not re.search(r"\d|%", sentence)
        assert not re.search(
            r"(?i)\b(speed|fast|slow|hours?|minutes?|pauses?|quick|mistakes?|skill|rank|score"
            r"|better|worse|best|worst|poor|bad)\b",
            sentence,
        ), sentence


def test_every_measure_has_a_sentence_for_each_of_its_answers() -> None:
    for gate in GATES:
        assert {(gate, True), (gate, False)} <= SENTENCES.keys()
    assert {name for name, _ in SENTENCES} == {*GATES, *ELSEWHERE}


def test_what_is_less_is_said_without_blame() -> None:
    """Each sentence of a gate that was not passed says what it means, or that nothing is wrong."""
    soothing = ("nothing is wrong", "Nothing is wrong", "not you", "was right", "much good work")
    for gate in GATES:
        sentence = SENTENCES[gate, False]
        assert gate == "task" or any(words in sentence for words in soothing), gate


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_every_golden_file_has_a_report(path: Path) -> None:
    check(read_episode(upgraded(path.read_bytes())))


def test_what_happened_more_often_is_not_told_more() -> None:
    """A second round of the same work gives the same report: nothing in it can be added up."""
    reports = list[Quality]()
    for rounds in (1, 7):
        typist = Typist()
        typist.begin_task("mend 😀🚀")
        typist.open("a.py", "# 😀🚀\n")
        for _ in range(rounds):
            for outcome in ("failed", "passed"):
                typist.type_at_end("a.py", "x = 1\n")
                typist.save("a.py")
                run_tests(typist, {"t::a": outcome})
        reports.append(quality_of(typist.episode()))
    assert reports[0] == reports[1]
