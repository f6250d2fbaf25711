"""What stood around test runs: each package once, known services, what was set up before."""

from __future__ import annotations

from tests.support.episodes import ASTRAL
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_datasets.exports.surroundings import surroundings
from signoff_schemas.steps import CommandStep, EnvironmentStep


def line(typist: Typist, text: str, **fields: object) -> None:
    typist.add(CommandStep, line=text, **fields)


def test_what_was_set_up_in_a_task_before_its_first_run_is_told() -> None:
    typist = Typist()
    line(typist, "pip install other")
    first = typist.seq
    line(typist, f"pip install psycopg  # {ASTRAL}", exit_code=1)
    line(typist, "ls")
    line(typist, "docker compose up -d")
    run_tests(typist, {"t.py::a": "passed"})
    line(typist, "npm ci")
    last = run_tests(typist, {"t.py::a": "passed"})
    found = surroundings(typist.episode(), first, last)
    assert [(one.what, one.line, one.exit_code) for one in found.set_up] == [
        ("packages", f"pip install psycopg  # {ASTRAL}", 1),
        ("services", "docker compose up -d", None),
    ]


def test_a_run_is_set_up_by_the_command_that_made_it() -> None:
    typist = Typist()
    run = run_tests(typist, {"t.py::a": "passed"}, run_id="mine")
    line(typist, "pip install . && pytest", run_ids=("mine",))
    last = run_tests(typist, {"t.py::a": "passed"})
    (one,) = surroundings(typist.episode(), run, last).set_up
    assert one.line == "pip install . && pytest"


def test_each_package_is_told_once_with_the_version_that_was_imported() -> None:
    typist = Typist()
    installed = {"typing_extensions": "4.12.2", "PyYAML": "6.0"}
    imported = {"Typing-Extensions": "4.13.0"}
    typist.add(EnvironmentStep, env=0, installed=installed, distributions=imported)
    typist.add(EnvironmentStep, env=1, installed={"later": "1"}, installed_unnamed=3)
    run = run_tests(typist, {"t.py::a": "passed"}, env=0)
    found = surroundings(typist.episode(), 0, run)
    assert found.packages == {"Typing-Extensions": "4.13.0", "PyYAML": "6.0"}
    assert found.unnamed is None
    whole = surroundings(typist.episode(), 0, run - 1)
    assert (whole.packages, whole.unnamed) == ({"later": "1"}, 3)


def test_only_well_known_services_are_named_and_none_where_nobody_looked() -> None:
    typist = Typist()
    first = run_tests(typist, {"t.py::a": "passed"})
    assert surroundings(typist.episode(), 0, first).services is None
    run_tests(typist, {"t.py::a": "passed"}, services=("redis", f"x\nRUN {ASTRAL}"))
    last = run_tests(typist, {"t.py::a": "passed"}, services=("postgresql",))
    assert surroundings(typist.episode(), 0, last).services == ("postgresql", "redis")
    quiet = run_tests(typist, {"t.py::a": "passed"}, services=())
    assert surroundings(typist.episode(), quiet, quiet).services == ()


def test_half_a_surrogate_pair_is_replaced() -> None:
    typist = Typist()
    typist.add(EnvironmentStep, installed={"a\ud800": "1"})
    line(typist, f"pip install \ud800{ASTRAL}")
    run = run_tests(typist, {"t.py::a": "passed"})
    found = surroundings(typist.episode(), 0, run)
    assert found.packages == {"a?": "1"}
    assert [one.line for one in found.set_up] == [f"pip install ?{ASTRAL}"]
