"""The overview of a kept task says what its episode holds, and nothing of the rest."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import cast

import pytest
from tests.support.leaks import random_secret
from tests.support.typist import Typist

from signoff_collector.review.applying.previews import Previews
from signoff_collector.review.checking.authors import shares_of
from signoff_collector.review.tasks.overview import overview
from signoff_collector.review.tasks.summary_lines import summary_lines
from signoff_schemas.errors import UsageError
from signoff_schemas.header import Observability
from signoff_schemas.plan import Plan
from signoff_schemas.steps import GapStep, GitStep, TestsStep
from signoff_schemas.words import Coverage, GapReason

BASE = "0" * 64


def session() -> tuple[Typist, str]:
    hidden = random_secret(81)
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀 from before\n")
    typist.open("node_modules/left/index.js", "// 😀🚀\n")
    typist.begin_task("one")
    typist.type_at_end("src/a.py", f"{hidden}\n")
    typist.begin_task("two")
    typist.type_at_end("src/a.py", "kept = 1\n")
    typist.backspace("src/a.py", len(typist.texts["src/a.py"]), 2)
    cases = ({"id": "a", "outcome": "passed"}, {"id": "b", "outcome": "failed"})
    typist.add(TestsStep, run_id="1", framework="pytest", cases=cases, exit_code=1)
    typist.command(["make", "😀🚀"], "done\n")
    typist.add(GitStep, operation="commit", message="Say 😀🚀")
    typist.add(GapStep, reason=GapReason.PAUSED, duration_ns=5 * 10**9)
    return typist, hidden


def told(typist: Typist, **fields: object) -> dict[str, object]:
    plan = Plan.model_validate(
        {"base_sha256": BASE, "keeps": [{"task": 1, "title": "Two", "outcome": "solved"}]} | fields
    )
    return overview(Previews(typist.episode()), plan, 0)


def rows(found: dict[str, object], name: str) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", found[name])


def test_an_overview_counts_what_is_kept() -> None:
    typist, _ = session()
    found = told(typist)
    assert json.loads(json.dumps(found)) == found
    assert (found["title"], found["outcome"], found["edits"]) == ("Two", "solved", 11)
    (run,) = rows(found, "tests")
    assert (run["passed"], run["failed"], run["framework"], run["exit_code"]) == (1, 1, "pytest", 1)
    (command,) = rows(found, "commands")
    assert (command["line"], command["output_chars"]) == ("make 😀🚀", 5)
    assert [row["message"] for row in rows(found, "git")] == ["Say 😀🚀"]
    assert "withheld" in [row["reason"] for row in rows(found, "gaps")]
    assert {row["path"] for row in rows(found, "entered")} == {"src/a.py"}


@pytest.mark.parametrize(
    ("code", "colour"), [(0, "green"), (1, "red"), (5, "no result"), (None, "green")]
)
def test_a_run_is_red_only_when_it_says_so(code: int | None, colour: str) -> None:
    typist, _ = session()
    typist.add(TestsStep, run_id="2", framework="pytest", exit_code=code)
    lines = [line for line in summary_lines(told(typist)) if ": pytest" in line]
    assert [line.partition(": pytest")[0].split(maxsplit=1)[1] for line in lines] == ["red", colour]


def test_who_wrote_how_much_counts_what_survives_apart_from_what_was_typed() -> None:
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀\n")
    typist.type_at_end("src/a.py", "abcdef")
    typist.backspace("src/a.py", len(typist.texts["src/a.py"]), 2)
    shares = {(one.actor, one.basis): one for one in shares_of(typist.episode())}
    typed = shares["typed", "observed"]
    assert (typed.written, typed.surviving, typed.edits) == (6, 4, 8)
    assert shares["preexisting", "none"].surviving == len("# 😀🚀\n")
    assert typed.row()["class"] == "typed"


def test_lists_name_what_a_person_decides_about() -> None:
    typist, _ = session()
    whole = {"keeps": [{"from_seq": 0, "to_seq": typist.seq - 1}]}
    found = told(typist, **whole)
    assert found["looked_at"] == [
        {"file": 1, "path": "node_modules/left/index.js", "is_whole": False}
    ]
    assert found["licences"] == [
        {"file": 1, "path": "node_modules/left/index.js", "why": "vendored"}
    ]
    assert found["masks"] == [{"kind": "UNVIEWED", "way": "never in view", "count": 1}]


def test_what_no_source_could_see_is_told() -> None:
    typist, _ = session()
    episode = typist.episode()
    seen = Observability(source="test", edits=Coverage.FULL, view=Coverage.PARTIAL)
    header = episode.header.model_copy(update={"observability": (seen,)})
    previews = Previews(replace(episode, header=header))
    plan = Plan.model_validate({"base_sha256": BASE, "keeps": [{"task": 1}]})
    found = rows(overview(previews, plan, 0), "observability")
    levels = {row["what"]: row["level"] for row in found}
    assert (levels["edits"], levels["view"], levels["keys"]) == ("full", "partial", "none")


def test_a_keep_that_is_not_there_is_refused() -> None:
    typist, _ = session()
    plan = Plan.model_validate({"base_sha256": BASE, "keeps": [{"task": 1}]})
    with pytest.raises(UsageError):
        overview(Previews(typist.episode()), plan, 1)


def test_how_useful_a_task_is_is_of_the_task_alone_and_repeats_nothing_of_it() -> None:
    typist, hidden = session()
    plan = Plan.model_validate({"base_sha256": BASE, "keeps": [{"task": 0}, {"task": 1}]})
    previews = Previews(typist.episode())
    untested, tested = (overview(previews, plan, keep) for keep in (0, 1))
    passed = [
        {str(row["measure"]): row["passed"] for row in rows(found, "quality")}
        for found in (untested, tested)
    ]
    assert [one["tests"] for one in passed] == [False, True]
    assert [one["environment"] for one in passed] == [None, False]
    for found in (untested, tested):
        said = json.dumps(found["quality"])
        assert "src/a.py" not in said
        assert hidden not in said
    lines = "\n".join(summary_lines(untested))
    assert "useful    This has no test run with a result: it is less useful" in lines
    assert "nothing is wrong with that" in " ".join(lines.split())
