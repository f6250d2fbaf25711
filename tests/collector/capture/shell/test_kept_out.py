"""Command lines that a person keeps out are recorded nowhere: shells, `run`, agents."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.agents import FakeAgent
from tests.support.cli import signoff
from tests.support.shells import (
    SHELLS,
    Shell,
    begin_session,
    enabled,
    lines_of,
    needs_shell,
    wait_for_ends,
)

from signoff_collector.capture.opt_in.command_ignoring import matches, row_of
from signoff_collector.capture.opt_in.command_patterns import add_patterns, read_patterns
from signoff_collector.own_files.home import Home, resolve_home

pytestmark = pytest.mark.slow

PATTERN = "fake-cloud *"
LINES = (
    ("fake-cloud login --token {}", True),
    ("true; fake-cloud {}", True),
    ("A={} command fake-cloud x", True),
    ("/usr/bin/fake-cloud {} 2>/dev/null", True),
    ("echo not-kept-out", False),
    ("echo xfake-cloud y", False),
    ("echo x_midword_{}", True),
)


@pytest.fixture(params=SHELLS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def everything(home: Home) -> bytes:
    """Return every byte that is kept of sessions."""
    return b"".join(path.read_bytes() for path in home.sessions.rglob("*") if path.is_file())


@pytest.mark.parametrize("is_here", [False, True])
def test_a_line_that_is_kept_out_leaves_nothing(
    name: str, home: Path, tmp_path: Path, is_here: bool
) -> None:
    place = tmp_path / "it's [a] *"
    own = enabled(home, place)
    words = ("--here",) if is_here else ()
    said = signoff(
        "settings", "commands.ignore", PATTERN, "odd $(x) [y]?", "*midword*", *words, cwd=place
    )
    assert said.code == 0, said
    with Shell(name, place, tmp_path / name) as shell:
        begin_session(shell, own)
        for number, (line, _) in enumerate(LINES):
            shell.line(line.format(f"planted{number}"))
            wait_for_ends(shell, own, number + 2)
        shell.leave()
    told = [line for line, is_out in LINES if not is_out]
    assert [line for line in lines_of(own) if "cloud" in line or "kept" in line] == told
    assert b"planted" not in everything(own)


def test_run_runs_it_and_records_nothing(home: Path, tmp_path: Path) -> None:
    own = enabled(home, tmp_path / "w")
    add_patterns(own, None, ["echo secret*"])
    said = signoff("run", "--", "echo", "secret word", cwd=tmp_path / "w")
    assert (said.code, said.out) == (0, "secret word\n")
    assert "it matches" in said.err
    assert not own.sessions.exists() or b"secret word" not in everything(own)


def test_an_agent_that_runs_it_is_told_of_without_words(home: Path, tmp_path: Path) -> None:
    own = enabled(home, tmp_path / "w")
    add_patterns(own, None, [PATTERN])
    signoff("note", "a session begins", cwd=tmp_path / "w")
    agent = FakeAgent(name="claude-code", cwd=tmp_path / "w")
    for line in ("fake-cloud planted", "echo told"):
        call = {"tool_name": "Bash", "tool_use_id": line[:4], "tool_input": {"command": line}}
        agent.tell("PreToolUse", **call)
        agent.tell("PostToolUse", **call, tool_response={"stdout": "planted"}, duration_ms=5)
    assert b"echo told" in everything(own)
    assert b"planted" not in everything(own)
    assert b"fake-cloud" not in everything(own)


_TEXT = st.text(st.sampled_from("ab *?[]()$\\'\";|&.^-_~#{}é\U0001f98a"), min_size=1, max_size=8)


def in_shells(pairs: list[tuple[str, str]]) -> dict[str, list[bool]]:
    """Ask bash, zsh and fish, as their hooks do, whether patterns match lines."""
    checks = {
        "bash": "[[ $1 == $2* || $1 == *[!A-Za-z0-9_]$2* ]]",
        "zsh": "[[ $1 == ${~2}* || $1 == *[^A-Za-z0-9_]${~2}* ]]",
        "fish": "string match -qr -- $argv[2] $argv[1]",
    }
    found: dict[str, list[bool]] = {}
    for shell, check in checks.items():
        column = 3 if shell == "fish" else 2
        answers: list[bool] = []
        for pattern, line in pairs:
            word = row_of("", pattern).split("\t")[column]
            before = ["-c", check, "x"] if shell != "fish" else ["-c", check]
            argv = [needs_shell(shell), *(["-f"] if shell == "zsh" else []), *before, line, word]
            answers.append(subprocess.run(argv, check=False, timeout=60).returncode == 0)
        found[shell] = answers
    return found


def test_every_shell_and_our_own_reading_agree() -> None:
    pairs = [
        ("aws ", "sudo aws s3"), ("aws ", "aws"), ("aws", "xaws"), ("a*b", "x aXXb"), ("a*b", "ba"),
        ("[x]", "echo [x]"), ("[x]", "echo x"), ("$(a)", "b $(a) c"), ("a?b", "a?b"),
        ("a?b", "axb"), ("a\\b", "a\\b"), ("é*", "éa"), ("a.b", "axb"), ("(a|b)", "a"),
        ("(a|b)", "x (a|b)"), ("~#^", "~#^"), ("\U0001f98a *z", "go \U0001f98a to z"),
        ("a *b*c", "a b\nc"), ("*top", "echo xtop"), ("*top", "top"), ("*top", "t op"),
        ("* top", "x=1 top"),
    ]  # fmt: skip
    own = [matches(pattern, line) for pattern, line in pairs]
    assert own.count(True) == 14
    for shell, answers in in_shells(pairs).items():
        told = list(zip(pairs, answers, own, strict=True))
        assert answers == own, (shell, [one for one in told if one[1] != one[2]])


@given(_TEXT, _TEXT, _TEXT)
@settings(max_examples=300)
def test_the_pattern_for_fish_means_what_ours_does(head: str, pattern: str, tail: str) -> None:
    expression = row_of("", pattern).split("\t")[3].replace("\\A", "^")
    line = f"{head}{tail}"
    assert matches(pattern, line) == (re.search(expression, line) is not None)


def test_many_stars_cost_no_time() -> None:
    assert not matches("a*" * 90 + "b", "a" * 200_000)


def test_settings_are_listed_set_and_taken_back(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "w"
    enabled(home, place)

    def row(*words: str) -> dict[str, object]:
        said = signoff("settings", *words, "--json", cwd=place)
        assert said.code == 0, said
        return dict(json.loads(said.out.splitlines()[-1]))

    assert row("commands.ignore", PATTERN, "b")["values"] == [PATTERN, "b*"]
    assert row("commands.ignore", "--reset", PATTERN)["values"] == ["b*"]
    assert row("commands.ignore", "--reset")["values"] == []
    assert row("commands.ignore", "**a*", "a")["values"] == ["*a*", "a*"]
    assert row("commands.ignore", "--reset", "*a")["values"] == ["a*"]
    assert "commands.ignore = a* (default (none))" in signoff("settings", cwd=place).out
    row("commands.ignore", "--reset")
    assert row("redaction.strict", "true")["values"] == ["true"]
    assert row("redaction.strict", "--reset")["values"] == ["false"]
    assert not read_patterns(resolve_home())
    for words in (("commands.ignore", "--here", "a"), ("--here", "commands.ignore", "b"),
                  ("commands.ignore", "c", "--here")):  # fmt: skip
        row(*words)
    assert read_patterns(resolve_home()) == [(str(place.resolve()), one) for one in "abc"]
    assert row("commands.ignore", "--reset", "a", "--here")["values"] == [
        f"{one}*  in {place.resolve()}" for one in "bc"
    ]
    listed = signoff("settings", cwd=place)
    for word in ("redaction.strict", "commands.ignore", "default", "settings.toml"):
        assert word in listed.out
    assert "redaction.strict = false (default false)\n" in listed.out
    for near in ("command.ignore", "ignore"):
        wrong = signoff("settings", near, cwd=place)
        assert (wrong.code, "Did you mean `commands.ignore`" in wrong.err) == (2, True)
    for bad in (("commands.ignore", "***"), ("redaction.strict", "maybe"), ("--reset",)):
        assert signoff("settings", *bad, cwd=place).code == 2
