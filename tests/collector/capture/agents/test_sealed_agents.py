"""A conversation with an agent from its hooks to the sealed file: real hooks, watcher, sealer."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.agents import ENTRANCES, FakeAgent, told, wait_for
from tests.support.bridge import enable
from tests.support.deadline import wait_until
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret

from signoff_collector.capture.agents.opt_in import AgentWords, allow_agent_words
from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.sessions.sessions import end_session, list_sessions, sealed_as, sweep
from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.steps import AgentStep
from signoff_schemas.words import Coverage

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]


def sealed() -> tuple[Episode, bytes]:
    """End the session, have it sealed in the background as always, and read it."""
    home, clock = resolve_home(), SystemClock()
    (session,) = list_sessions(home)
    end_session(home, session)
    sweep(home, clock)
    done = wait_until(lambda: sealed_as(session), "the seal")
    assert done is not None
    data = done.path.read_bytes()
    return strict_check(data), data


def seen_on_disk(path: str) -> bool:
    """Say whether the file watcher told of a file."""
    (session,) = list_sessions(resolve_home())
    records = [record for journal in session.journals for record in read_journal(journal).records]
    return any(path in str(item) for item in records if item.kind == RecordKind.FILES)


def tree_is_known() -> bool:
    """Say whether the file watcher is at work."""
    (session,) = list_sessions(resolve_home())
    records = [record for journal in session.journals for record in read_journal(journal).records]
    return any(record.kind == RecordKind.TREE for record in records)


@pytest.fixture
def project(home: Path, tmp_path: Path) -> Path:
    """An enabled folder in which no session goes on yet."""
    root = tmp_path / "project"
    root.mkdir()
    enable(root)
    return root


@pytest.mark.parametrize("name", sorted(ENTRANCES))
def test_what_an_agent_wrote_is_told_as_its_own(name: str, project: Path) -> None:
    agent = FakeAgent(name=name, cwd=project)
    start, prompt, _, _, end = ENTRANCES[name]
    agent.tell(start, source="startup")
    wait_for(1)
    wait_until(tree_is_known, "the file watcher looked at the tree")
    agent.tell(prompt, prompt="write 🎈🎉")
    path, text = project / "a.py", "x = '🎈🎉'\n"
    tool: dict[str, object] = {
        "tool_name": "Write", "tool_use_id": "1",
        "tool_input": {"file_path": str(path), "content": text},
    }  # fmt: skip
    if name == "codex":
        patch = "*** Begin Patch\n*** Add File: a.py\n+x\n*** End Patch\n"
        tool |= {"tool_name": "apply_patch", "tool_input": {"command": patch}}
    if name != "cursor":
        agent.tell("PreToolUse", **tool)
    path.write_text(text)
    if name == "cursor":
        agent.tell("afterFileEdit", file_path=str(path), edits=[])
    else:
        agent.tell("PostToolUse", **tool, tool_response="ok")
    wait_until(lambda: seen_on_disk("a.py"), "the file watcher saw the file")
    agent.run("make all")
    agent.tell(end)
    episode, _ = sealed()
    steps = [step for step in episode.steps if isinstance(step, AgentStep)]
    (created,) = (
        step
        for step in episode.steps
        if step.path == "a.py" or [file.path for file in getattr(step, "changed", ())] == ["a.py"]
    )
    result = next(step for step in steps if step.event == "tool_result")
    assert (created.actor.cls.value, created.actor.basis.value) == ("assistant", "observed")
    assert created.actor.evidence == (f"agent {result.call}",)
    assert (result.paths, result.state_after) == (("a.py",), created.state)
    assert result.state_before == (None if name == "cursor" else 0)
    assert [step.line for step in steps if step.line] == ["make all"] * 2
    assert {step.text for step in steps} == {None}
    assert {step.agent_session for step in steps} == {"1"}
    (seen,) = (one for one in episode.header.observability if one.source == "agent")
    assert seen.agents is Coverage.PARTIAL


def test_secrets_in_prompts_inputs_outputs_and_paths_are_not_in_the_file(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = 41
    known, dotenv, shaped = (random_secret(seed + n, 26) for n in range(3))
    monkeypatch.setenv("DEPLOY_TOKEN", known)
    (project / ".env").write_text(f"ANY={dotenv}\n")
    allow_agent_words(resolve_home(), AgentWords(text=True))
    agent = FakeAgent(name="claude-code", cwd=project, session=f"s-{known}")
    agent.tell("SessionStart", source="startup", model=f"model-{known}")
    wait_for(1)
    every = f"{known} {dotenv} ghp_{shaped}"
    agent.tell("UserPromptSubmit", prompt=f"🎈🎉 use {every}")
    agent.write(project / f"{known}.py", f"token = '{every}'")
    agent.run(f"curl -H 'Authorization: ghp_{shaped}' -u {known}:{dotenv}", output=every)
    agent.tell("PostToolUse", tool_name=f"mcp__{known}", tool_use_id=known, tool_input={},
               tool_response={"deep": [{"er": f"x\n{every}"}]})  # fmt: skip
    agent.tell("Stop", last_assistant_message=every)
    assert known in str(told())
    episode, data = sealed()
    secrets = [known, dotenv, shaped]
    assert leaks_in_bytes(data, secrets) == []
    assert leaks_in_episode(episode, secrets) == []
    texts = [step.text for step in episode.steps if isinstance(step, AgentStep) and step.text]
    assert len(texts) >= 5
    assert all("REDACTED_" in text for text in texts)
