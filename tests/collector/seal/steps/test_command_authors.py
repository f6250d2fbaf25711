"""Who ran a command: told by where it was started, never by what a record claims of itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.cli import signoff
from tests.support.seal_journals import Journal, gathered_for
from tests.support.shells import SHELLS, SIGNOFF, Shell, begin_session, enabled, wait_for_ends

from signoff_collector.capture.sessions.sessions import list_sessions
from signoff_collector.own_files.home import Home
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.steps.command_authors import (
    AGENT_VARIABLE,
    AT_PROMPT,
    EVIDENCE,
    SHELL_JOB,
    take_author,
)
from signoff_schemas.steps import CommandStep
from signoff_schemas.untyped import fields_of
from signoff_schemas.values import Actor
from signoff_schemas.words import ActorClass, Basis

Who = tuple[str, str, list[str]]
TYPED: Who = ("typed", "inferred", [AT_PROMPT])
UNKNOWN: Who = ("unknown", "none", [])


def authors(home: Home, folder: Path) -> dict[str, Who]:
    """Seal the session; return who ran which command, by its last word."""
    (session,) = list_sessions(home)
    assert signoff("seal", session.id, "--json", cwd=folder).code == 0
    shown = signoff("show", "last", "--steps", "--json", cwd=folder)
    assert shown.code == 0, shown
    found: dict[str, Who] = {}
    for line in shown.out.splitlines():
        step = fields_of(json.loads(line))
        if step.get("kind") == "command":
            words = str(step.get("line") or " ".join(step.get("argv") or ())).split()
            who = fields_of(step["actor"])
            found[words[-1]] = (str(who["class"]), str(who["basis"]), list(who["evidence"]))
    return found


@pytest.mark.slow
@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("name", SHELLS)
def test_a_line_typed_at_a_prompt_is_a_person_s_and_what_a_script_runs_is_not(
    name: str, home: Path, tmp_path: Path
) -> None:
    place = tmp_path / "w"
    own = enabled(home, place)
    (place / "script").write_text(f"{SIGNOFF} run -- true by-script\n")
    with Shell(name, place, tmp_path / name) as shell:
        begin_session(shell, own)
        lines = ("true by-hand", f"{SIGNOFF} run -- true by-run", "sh ./script")
        for number, line in enumerate(lines, start=2):
            shell.line(line)
            wait_for_ends(shell, own, number)
        shell.leave()
    found = authors(own, place)
    assert found["by-hand"] == TYPED
    assert found["by-run"] == ("typed", "inferred", [AT_PROMPT, SHELL_JOB])
    assert found["by-script"] == UNKNOWN
    assert found["./script"] == TYPED


@pytest.mark.slow
@pytest.mark.usefixtures("compiled_engine")
def test_without_a_hook_a_job_of_the_shell_is_a_person_s_and_an_agent_s_is_the_agent_s(
    home: Path, tmp_path: Path
) -> None:
    place = tmp_path / "w"
    own = enabled(home, place)
    with Shell("bash", place, tmp_path / "bash", is_hooked=False) as shell:
        for line in (
            f"{SIGNOFF} run -- true by-job; echo do''ne1",
            f"CLAUDECODE=1 {SIGNOFF} run -- true by-agent; echo do''ne2",
            f"{SIGNOFF} run -- true by-pipe </dev/null; echo do''ne3",
        ):
            shell.said(line, f"done{line[-1]}".encode())
        shell.leave()
    found = authors(own, place)
    assert found["by-job"] == ("typed", "inferred", [SHELL_JOB])
    assert found["by-agent"] == ("assistant", "observed", [AGENT_VARIABLE])
    assert found["by-pipe"] == UNKNOWN


def test_no_other_writer_can_claim_that_a_person_typed() -> None:
    editor = Journal("lsp", 100)
    actor = {"class": "typed", "basis": "observed", "evidence": ["a secret"]}
    claims = {"is_shell_job": True, "typed_line": True, "actor": actor}
    editor.step("command", line="make 😀𝄞", **claims)
    hook = Journal("shell", 300, editor_pid=None)
    hook.step("command", line="ls 😀𝄞", actor=actor, output_state="none")
    steps = assemble([editor.records(), hook.records()], gathered_for()).steps
    found = {step.line: step.actor for step in steps if isinstance(step, CommandStep)}
    assert found["make 😀𝄞"] == Actor()
    assert found["ls 😀𝄞"].evidence == (AT_PROMPT,)


@given(
    st.dictionaries(
        st.sampled_from(["actor", "is_shell_job", "typed_line", "agent_marker", "tty"]),
        st.none() | st.booleans() | st.text() | st.dictionaries(st.text(), st.text()),
    )
)
def test_an_author_is_one_of_three_and_says_nothing_of_the_session(
    fields: dict[str, object],
) -> None:
    given_fields = dict(fields)
    take_author(fields)
    actor = fields["actor"]
    assert isinstance(actor, Actor)
    assert set(actor.evidence) <= EVIDENCE
    is_agent = given_fields.get("agent_marker") is not None
    is_hand = given_fields.get("is_shell_job") is True or given_fields.get("typed_line") is True
    expected = ActorClass.TYPED if is_hand else ActorClass.UNKNOWN
    assert actor.cls == (ActorClass.ASSISTANT if is_agent else expected)
    assert (actor.basis == Basis.NONE) == (actor.cls == ActorClass.UNKNOWN)
    assert not {"is_shell_job", "typed_line"} & set(fields)
