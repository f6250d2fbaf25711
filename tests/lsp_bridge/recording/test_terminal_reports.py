"""A pytest typed in a terminal of the editor tells of its tests, while it is recorded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.support.bridge import EMOJI, Client, at, bridge, records, wait_for_records
from tests.support.deadline import deadline, wait_until

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.own_files.home import resolve_home

pytestmark = pytest.mark.slow

TEST = "def test_the_sum():\n    assert 1 + 1 == {}, '😀𝄞'\n"


def _environment(client: Client) -> dict[str, str]:
    answer: dict[str, Any] = client.ask("signoff/terminalEnvironment", {})["result"]
    assert "pytest" in answer["description"]
    variables: dict[str, str] = answer["variables"]
    return variables


def _pytest(workspace: Path, variables: dict[str, str], *words: str) -> int:
    """Run pytest as a terminal of the editor would."""
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    environ = {**os.environ, **variables}
    return subprocess.run(
        argv, cwd=workspace, env=environ, capture_output=True, timeout=deadline(), check=False
    ).returncode


def _tell(client: Client, workspace: Path, number: int, code: int, line: str = "pytest -q") -> None:
    told = {"id": f"t-{number}", "via": "terminal", "line": line, "cwd": str(workspace),
            "started_ago_ms": 60_000, "duration_ms": 60_000, "exit_code": code}  # fmt: skip
    client.notify("signoff/command", told)


def _steps(kind: str) -> list[dict[str, Any]]:
    found = (dict(record.fields) for record in records(RecordKind.STEP))
    return [step for step in found if step.get("kind") == kind]


@pytest.fixture
def client(workspace: Path) -> Any:  # noqa: ANN401  a generator to pytest, a client to tests
    (workspace / "test_a.py").write_text(TEST.format(3))
    with bridge(PYTHONPATH="") as client:
        client.initialize()
        client.open(workspace / "test_a.py")
        wait_for_records(RecordKind.LSP, 1)
        yield client


def test_red_and_green_typed_in_a_terminal_are_told_case_by_case(
    client: Client, workspace: Path
) -> None:
    variables = _environment(client)
    assert _environment(client) == variables
    _tell(client, workspace, 1, _pytest(workspace, variables))
    (workspace / "test_a.py").write_text(TEST.format(2))
    _tell(client, workspace, 2, _pytest(workspace, variables))
    wait_for_records(RecordKind.STEP, 4)
    client.quit()
    runs, commands = _steps("tests"), _steps("command")
    assert [[case["outcome"] for case in run["cases"]] for run in runs] == [["failed"], ["passed"]]
    assert [run["exit_code"] for run in runs] == [1, 0]
    assert "😀𝄞" in runs[0]["cases"][0]["message"]
    assert [command["run_ids"] for command in commands] == [[run["run_id"]] for run in runs]
    assert not list(resolve_home().state.glob("terminals/*"))


def test_no_pytest_finds_the_reporter_while_recording_is_paused(
    client: Client, workspace: Path
) -> None:
    variables = _environment(client)
    folder = Path(variables["PYTHONPATH"])
    client.ask("workspace/executeCommand", {"command": "signoff.pause", "arguments": []})
    wait_until(lambda: not list(folder.glob("*.dist-info")), "the reporter to be hidden")
    assert _pytest(workspace, variables) == 1
    assert not list(folder.glob("*.spool"))
    client.ask("workspace/executeCommand", {"command": "signoff.resume", "arguments": []})
    wait_until(lambda: list(folder.glob("*.dist-info")), "the reporter to be there again")
    assert _pytest(workspace, variables) == 1
    _tell(client, workspace, 1, 1)
    wait_for_records(RecordKind.STEP, 2)
    client.quit()
    assert len(_steps("tests")) == 1


def test_a_run_whose_line_names_a_secret_file_keeps_no_words(
    client: Client, workspace: Path
) -> None:
    code = _pytest(workspace, _environment(client))
    _tell(client, workspace, 1, code, line="pytest -q --env-file .env")
    wait_for_records(RecordKind.STEP, 2)
    client.quit()
    (run,) = _steps("tests")
    assert [(case["outcome"], case["message"]) for case in run["cases"]] == [("failed", None)]


def test_a_private_line_tells_of_no_tests(client: Client, workspace: Path) -> None:
    code = _pytest(workspace, _environment(client))
    _tell(client, workspace, 1, code, line=" pytest -q")
    wait_for_records(RecordKind.STEP, 1)
    client.change((workspace / "test_a.py").as_uri(), 2, at(0, 0, 0, 0, EMOJI))
    wait_for_records(RecordKind.LSP, 2)
    client.quit()
    assert not _steps("tests")
    assert [gap["reason"] for gap in _steps("gap")] == ["private"]


def test_a_run_that_was_not_told_yet_is_forgotten_too(client: Client, workspace: Path) -> None:
    variables = _environment(client)
    _pytest(workspace, variables)
    folder = Path(variables["PYTHONPATH"])
    assert len(list(folder.glob("*.spool"))) == 1
    done = client.ask(
        "workspace/executeCommand", {"command": "signoff.forget", "arguments": [{"minutes": 5}]}
    )
    assert done["result"]["waiting"] == []
    wait_until(lambda: not list(folder.glob("*.spool")), "the report to be gone")
    client.quit()


def test_what_a_killed_bridge_left_is_taken_away_by_the_next(workspace: Path) -> None:
    (workspace / "a.py").write_text(EMOJI)
    folders = []
    for _ in range(2):
        with bridge(PYTHONPATH="/opt/own") as client:
            client.initialize()
            client.open(workspace / "a.py")
            own, folder = _environment(client)["PYTHONPATH"].split(os.pathsep)
            assert own == "/opt/own"
            folders.append(Path(folder))
            assert folders[-1].exists()
            client.process.kill()
            client.process.wait(deadline())
    assert [folder.exists() for folder in folders] == [False, True]


def test_where_nothing_is_recorded_nothing_is_given(tmp_path: Path, home: Path) -> None:
    with bridge() as client:
        client.initialize()
        client.open(tmp_path / "a.py", EMOJI)
        assert _environment(client) == {}
        client.quit()
    assert not home.exists()
