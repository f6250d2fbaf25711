"""What `forget` and a shared episode leave of a conversation with an agent."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.agents import FakeAgent, told, wait_for
from tests.support.bridge import enable
from tests.support.setup import call

from signoff_collector.capture.agents.opt_in import AgentWords, allow_agent_words
from signoff_collector.capture.sessions.sessions import list_sessions
from signoff_collector.own_files.home import resolve_home
from signoff_collector.redaction.writing.rewriting import Entry
from signoff_collector.review.applying.renumbering import renumber
from signoff_schemas.steps import AgentStep, CreateStep, StepBase, parse_step


def test_forgetting_a_file_takes_the_calls_that_name_it_and_every_transcript(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, user = tmp_path / "project", tmp_path / "ada"
    transcript = user / ".claude" / "projects" / "s.jsonl"
    transcript.parent.mkdir(parents=True)
    transcript.write_text("said 🎈🎉")
    root.mkdir()
    enable(root)
    allow_agent_words(resolve_home().ensure(), AgentWords(text=True, transcripts=True))
    agent = FakeAgent(name="claude-code", cwd=root, environ={"HOME": str(user)})
    agent.tell("SessionStart")
    wait_for(1)
    agent.write(root / "gone.py")
    agent.write(root / "kept.py")
    agent.run("cat gone.py")
    agent.run("cat kept.py")
    agent.tell("Stop", transcript_path=str(transcript))
    (session,) = list_sessions(resolve_home())
    assert [path.read_text() for path in (session.folder / "transcripts").iterdir()] == [
        "said 🎈🎉"
    ]
    monkeypatch.chdir(root)
    assert call("forget", "--yes", "--path", "gone.py").code == 0
    found = told()
    assert not any("gone.py" in str(line) for line in found)
    assert [line.get("line", line.get("paths")) for line in found if "tool_name" in line] == [
        [str(root / "kept.py")], [str(root / "kept.py")], "cat kept.py", "cat kept.py",
    ]  # fmt: skip
    assert list((session.folder / "transcripts").iterdir()) == []
    agent.tell("Stop")
    assert told()[-1]["event"] == "end"
    assert call("forget", "--yes", "--last", "5m").code == 0
    assert told() == []


def test_calls_are_numbered_anew_in_what_is_shared_and_still_mean_the_same() -> None:
    actor = {"class": "assistant", "basis": "observed", "evidence": ["agent 7", "command make"]}
    steps: list[StepBase] = [
        parse_step({"seq": 3, "t_ns": 0, "source": "agent", "kind": "agent", "tool": "codex",
                    "event": "tool_call", "call": 5}),
        parse_step({"seq": 4, "t_ns": 0, "source": "agent", "kind": "agent", "tool": "codex",
                    "event": "tool_result", "call": 7}),
        parse_step({"seq": 5, "t_ns": 0, "source": "files", "kind": "create", "path": "a.py",
                    "actor": actor}),
    ]  # fmt: skip
    entries = [Entry(step=step) for step in steps]
    shown, _, _ = renumber(entries, ["a.py"], ((),), frozenset())
    first, second, created = (entry.step for entry in shown)
    assert isinstance(first, AgentStep)
    assert isinstance(second, AgentStep)
    assert isinstance(created, CreateStep)
    assert (first.call, second.call) == (0, 1)
    assert created.actor.evidence == ("agent 1", "command")
