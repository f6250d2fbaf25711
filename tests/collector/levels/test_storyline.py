"""What tells an episode in a page: chapters and red tests, masked as the episode is."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from tests.support.episodes import ASTRAL, episodes
from tests.support.leaks import random_secret, windows
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.episode.content import EditTable, Episode
from signoff_collector.levels.storyline import storyline
from signoff_collector.levels.test_runs.failing import FailingTests
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor


def told(secret: str = "") -> Episode:
    """Return a task in which a test fails, passes and is committed; a word stands everywhere."""
    test = f"tests/test_words.py::test_{ASTRAL}[{secret}]"
    typist = Typist()
    typist.begin_task(f"Keep apostrophes {ASTRAL} {secret}")
    typist.open("words.py", f"# {ASTRAL}\n")
    others = {f"t.py::test_{n}": "failed" for n in range(4)}
    run_tests(typist, {test: "failed", **others})
    typist.type_at_end("words.py", "x = 1\n")
    typist.save("words.py")
    run_tests(typist, {test: "passed", **others})
    run_tests(typist, dict.fromkeys(others, "passed"))
    typist.commit(f"Keep them {secret}\n\nAll of them.")
    return typist.episode()


def test_the_form_is_the_contract_of_the_page() -> None:
    form = storyline(told())
    assert json.loads(json.dumps(form)) == form
    assert set(form) == {"version", "chapters", "red"}
    assert form["version"] == 1
    chapters, red = form["chapters"], form["red"]
    assert isinstance(chapters, list)
    assert isinstance(red, list)
    names = {"kind", "title", "seq_first", "seq_last", "t_ms", "outcome"}
    assert [set(one) for one in chapters] == [names] * len(chapters)
    assert [one["count"] for one in red] == [5, 4]
    assert [len(one["tests"]) for one in red] == [3, 3]
    assert red[0]["seq_last"] == red[1]["seq_first"] - 1
    first = {"name": f"test_{ASTRAL}[]", "says": f"tests/test_words.py::test_{ASTRAL}[] is wrong"}
    assert red[0]["tests"][0] == first


@given(episodes())
def test_a_step_lies_in_a_stretch_exactly_while_tests_are_red(episode: Episode) -> None:
    red = storyline(episode)["red"]
    assert isinstance(red, list)
    failing = FailingTests(episode)
    for seq in range(episode.step_count):
        counts = [one["count"] for one in red if one["seq_first"] <= seq <= one["seq_last"]]
        now = failing.at(seq)
        assert counts == ([] if now is None else [now.count])


def test_an_episode_whose_edits_do_not_fit_has_no_chapters() -> None:
    whole = told()
    rows = [one._replace(start=5_000) for one in whole.edits.edits()]
    broken = replace(whole, edits=EditTable.from_rows(rows))
    assert storyline(broken) == storyline(whole) | {"chapters": []}


@pytest.mark.parametrize("seed", range(3))
def test_what_was_masked_when_sealing_is_in_no_storyline(seed: int) -> None:
    token = f"ghp_{random_secret(seed, 36)}"
    raw = told(token)
    assert token in json.dumps(storyline(raw))
    sealed = Redactor(RedactionPolicy()).redact_episode(raw)
    said = json.dumps(storyline(sealed))
    assert "Keep apostrophes" in said
    assert not [one for one in windows(token[4:]) if one in said]
