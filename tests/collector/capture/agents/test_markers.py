"""An agent around a command or a test run is told by a name from a list, never by a value."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from tests.support.runs import Project

from signoff_collector.capture.agents.markers import MARKERS, NAMED, agent_marker
from signoff_collector.capture.test_results import pytest_reporter


@pytest.mark.parametrize(
    ("environ", "marker"),
    [
        ({}, None),
        ({"CLAUDECODE": ""}, None),
        ({"CLAUDECODE": "1", "AGENT": "amp"}, "claude-code"),
        ({"CODEX_THREAD_ID": "01a2"}, "codex"),
        ({"CURSOR_AGENT": "1"}, "cursor"),
        ({"AI_AGENT": "claude-code_2-1-197_agent"}, "claude-code"),
        ({"AGENT": "Goose"}, "goose"),
        ({"AGENT": "hunter2 of a secret"}, "AGENT"),
        ({"AI_AGENT": "codexical"}, "AI_AGENT"),
    ],
)
def test_a_marker_is_a_name_that_we_know(environ: dict[str, str], marker: str | None) -> None:
    assert agent_marker(environ) == marker


def test_the_reporter_looks_for_the_same_variables() -> None:
    """It runs in other Pythons and imports nothing of ours, so its list is a copy."""
    tree = ast.parse(Path(pytest_reporter.__file__).read_text("utf-8"))
    values = {
        target.id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert values["_MARKERS"] == (*(name for name, _ in MARKERS), *NAMED)


def test_a_run_and_its_tests_say_which_agent_started_them(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*(name for name, _ in MARKERS), *NAMED):
        monkeypatch.delenv(name, raising=False)
    project = Project.create(tmp_path / "work")
    project.tree.write("test_a.py", "def test_one(): pass\n")
    set_inside = "import os, pytest; os.environ['CODEX_CI'] = '1'; pytest.main(['-q'])"
    project.run(sys.executable, "-c", set_inside, env={"AI_AGENT": "a-secret-of-somebody"})
    (command,), (tests,) = project.steps("command"), project.steps("tests")
    assert (command["agent_marker"], tests["agent_marker"]) == ("AI_AGENT", "codex")
