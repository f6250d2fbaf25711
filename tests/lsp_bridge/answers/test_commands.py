"""What a companion tells of terminals and tasks: believed as far as it makes sense, then masked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.bridge import EMOJI

from signoff_bridge.recording.shown_commands import (
    HEAD_UNITS,
    command_step,
    is_showing,
    parse_command,
)
from signoff_collector.capture.journal.control import ControlLine
from signoff_collector.capture.opt_in.policy import Policy
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.own_files.home import resolve_home

S = 10**9
NOW = 5_000 * S


def _params(cwd: Path | str = "/p", **more: object) -> dict[str, object]:
    told = {"id": "t1-1", "via": "terminal", "line": f"echo {EMOJI}", "cwd": str(cwd),
            "started_ago_ms": 2_000, "duration_ms": 1_900, "exit_code": 0}  # fmt: skip
    return {**told, **more}


def _output(head: str, tail: str = "", size_bytes: int | None = None) -> dict[str, object]:
    size = len((head + tail).encode()) if size_bytes is None else size_bytes
    return {"head": head, "tail": tail, "size_bytes": size}


def _step(workspace: Path, *lines: ControlLine, **more: object) -> dict[str, Any] | None:
    command = parse_command(_params(workspace, **more))
    assert command is not None
    (found,) = Workspaces(resolve_home()).all()
    return command_step(
        command,
        NOW,
        policy=Policy.for_workspace(found),
        lines=lines,
        mask=lambda: lambda text: text.replace("hunter2hunter2", "REDACTED_VALUE"),
    )


def test_a_command_becomes_a_step_with_its_output(workspace: Path) -> None:
    told = {"shell": "zsh", "exit_code": -1, "output": _output(f"{EMOJI}\n")}
    step = _step(workspace, **told)
    assert step is not None
    assert (step["kind"], step["line"], step["via"]) == ("command", f"echo {EMOJI}", "terminal")
    assert (step["shell"], step["exit_code"], step["tty"]) == ("zsh", -1, True)
    assert (step["t_boot_ns"], step["duration_ns"]) == (NOW, 1_900_000_000)
    assert (step["output_state"], step["output"]["head"]) == ("full", f"{EMOJI}\n")


def test_known_values_are_masked_in_the_line_and_in_both_ends_of_the_output(
    workspace: Path,
) -> None:
    filler = f"line {EMOJI}\n" * 3_000
    head = "hunter2hunter2\n" + filler[: HEAD_UNITS - 15 - 7] + "hunter2"
    tail = "hunter2\n" + filler[:60_000] + "\nhunter2hunter2"
    step = _step(workspace, line="login hunter2hunter2", output=_output(head, tail, 1 << 20))
    assert step is not None
    assert step["line"] == "login REDACTED_VALUE"
    assert step["output"]["head"].startswith("REDACTED_VALUE\n")
    assert step["output"]["tail"].endswith("\nREDACTED_VALUE")
    assert "hunter2" not in json.dumps(step)
    assert step["output_state"] == "head_tail"


def test_marks_of_the_terminal_are_taken_out(workspace: Path) -> None:
    marked = (
        f"\x1b]633;C\x07{EMOJI}\x1b[31mred\x1b[0m\x1b]0;title /home/ada\x1b\\\n\x1b]633;D;0\x07"
    )
    step = _step(workspace, output=_output(marked))
    assert step is not None
    assert step["output"]["head"] == f"{EMOJI}\x1b[31mred\x1b[0m\n"
    assert step["output_state"] == "full"


@pytest.mark.parametrize("line", ["cat .env", "cat '.env'", "less ~/.ssh/id_rsa", "git diff .e*v"])
def test_a_line_that_names_a_secret_file_keeps_no_output(workspace: Path, line: str) -> None:
    (workspace / ".env").write_text("A=1\n")
    step = _step(workspace, line=line, output=_output(f"A=1 {EMOJI}\n"))
    assert step is not None
    assert (step["line"], step["output_state"]) == (line, "none")
    assert "output" not in step


def test_a_line_that_runs_signoff_keeps_no_output(workspace: Path) -> None:
    step = _step(workspace, line="cd x && /usr/bin/signoff status", output=_output("shown"))
    assert step is not None
    assert "output" not in step


@pytest.mark.parametrize(
    ("line", "is_dropped"),
    [
        ("signoff review last --terminal", True),
        ("/opt/x/signoff sign abc", True),
        ("true; signoff --json show last", True),
        ("signoff status", False),
        ("echo signoff review", False),
    ],
)
def test_a_terminal_that_shows_recorded_text_is_not_told(line: str, *, is_dropped: bool) -> None:
    assert is_showing(line) == is_dropped


def _asked(verb: str, ago_s: float, **fields: str) -> ControlLine:
    return ControlLine(verb=verb, t_boot_ns=NOW - int(ago_s * S), fields=fields)


def test_a_command_that_began_in_a_pause_is_not_told(workspace: Path) -> None:
    lines = (_asked("pause", 10), _asked("resume", 1))
    assert _step(workspace, *lines, output=_output("x")) is None


def test_a_pause_meanwhile_costs_the_output_and_a_forget_all_of_it(workspace: Path) -> None:
    step = _step(workspace, _asked("pause", 1), _asked("resume", 0.5), output=_output("x"))
    assert step is not None
    assert "output" not in step
    assert _step(workspace, _asked("forget", 1), output=_output("x")) is None


def test_a_line_that_begins_with_a_space_leaves_a_silence_only(workspace: Path) -> None:
    step = _step(workspace, line=f" secret {EMOJI}", output=_output("x"))
    assert step is not None
    assert (step["kind"], step["reason"]) == ("gap", "private")
    assert "secret" not in json.dumps(step)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""}, {"id": "a b"}, {"id": 7}, {"id": "x" * 65}, {"via": "keyboard"}, {"via": None},
        {"line": ""}, {"line": "  "}, {"line": None}, {"line": "x" * 8_001}, {"line": "a\x1b[2J"},
        {"cwd": "relative"}, {"cwd": 7}, {"cwd": "/a\nb"}, {"cwd": "/" + "x" * 5_000},
        {"started_ago_ms": -1}, {"started_ago_ms": 1.5}, {"duration_ms": None},
        {"duration_ms": 10**9}, {"duration_ms": True}, {"confidence": "low"},
    ],
)  # fmt: skip
def test_a_command_that_makes_no_sense_is_dropped(wrong: dict[str, object]) -> None:
    assert parse_command(_params(**wrong)) is None


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("shell", "rm -rf"), ("shell", 7), ("exit_code", 1 << 40), ("exit_code", "0"),
        ("exit_code", True), ("shell_pid", "1"), ("shell_pid", -1),
        ("output", "text"), ("output", {"head": "x"}),
        ("output", _output("x" * (HEAD_UNITS + 1))), ("output", _output("x", size_bytes=-1)),
    ],
)  # fmt: skip
def test_a_member_that_makes_no_sense_costs_itself(member: str, value: object) -> None:
    command = parse_command(_params(**{member: value}))
    assert command is not None
    assert getattr(command, member) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*_params(), "output", "shell", "shell_pid"]), _JSON))
def test_any_message_is_taken_or_dropped_without_a_fault(changed: dict[str, object]) -> None:
    command = parse_command(_params(**changed))
    assert command is None or command.began_ns(NOW) <= NOW
    assert parse_command(changed) is None or len(changed) > 5
