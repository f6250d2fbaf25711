"""Steps of agents tied to the changes they made: by what they said, and when."""

from __future__ import annotations

import random

import pytest
from tests.support.seal_journals import (
    ROOT,
    Journal,
    edit_authors,
    final_disk,
    gathered_for,
    sha256,
    sound,
)

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.episode.content import Episode
from signoff_collector.seal.assemble import assemble
from signoff_schemas.steps import AgentStep

OLD, NEW, MORE = "one 😀🦊\n", "two 🎈🎉\n", "three 🎈🎉\n"
CONTENTS = {sha256(text): text.encode() for text in (OLD, NEW, MORE)}
S = 10**9


class Agent(Journal):
    """The lines of one agent's hooks."""

    def __init__(self, tool: str = "claude-code", session: str = "s", **more: object) -> None:
        super().__init__("agent", 0 if tool == "claude-code" else 1)
        self.common: dict[str, object] = {"tool": tool, "agent_session": session, **more}

    def tell(self, event: str, *paths: str, **fields: object) -> None:
        """Add one line, 100 ms after the one before."""
        named = [f"{ROOT}/{path}" for path in paths]
        more = {"paths": named} if named else {}
        self.step("agent", **self.common, event=event, **more, **fields)


class Watcher(Journal):
    """The file watcher."""

    def __init__(self, *, late_s: float = 0, **contents: str) -> None:
        super().__init__("files", 300)
        self.wait(late_s)
        entries = [_item(path, text) for path, text in contents.items()]
        body = {"reason": "start", "head": None, "entries": entries, "is_complete": True}
        self.add(RecordKind.TREE, {"t_boot_ns": self.t_boot_ns, **body})

    def saw(self, at_ns: int, lasted_s: float = 0.1, **contents: str | None) -> None:
        """Tell of a burst that began at a time."""
        self.t_boot_ns = at_ns + int(lasted_s * S)
        changed = [_item(path, text) for path, text in contents.items()]
        body = {
            "t_boot_ns": self.t_boot_ns,
            "first_boot_ns": at_ns,
            "changed": changed,
            "renamed": [],
            "count": len(changed),
        }
        self.add(RecordKind.FILES, body)


def _item(name: str, text: str | None) -> dict[str, object]:
    path = name.replace("_", ".")
    if text is None:
        return {"path": path, "sha256": None, "size_bytes": None, "mode": None}
    size = len(text.encode())
    return {"path": path, "sha256": sha256(text), "size_bytes": size, "mode": "100644"}


def seal(*journals: Journal) -> Episode:
    return sound(assemble([one.records() for one in journals], gathered_for(), CONTENTS.get))


def changes(episode: Episode) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Path to who changed it last on disk, how that is known, and by what."""
    found: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    for step in episode.steps:
        if getattr(step, "kind", "") not in ("files", "create", "delete") or getattr(
            step, "is_base", False
        ):
            continue
        actor = step.actor
        paths = [step.path] if step.path else [file.path for file in getattr(step, "changed", ())]
        found |= dict.fromkeys(paths, (actor.cls.value, actor.basis.value, actor.evidence))
    return found


def agent_steps(episode: Episode) -> list[AgentStep]:
    return [step for step in episode.steps if isinstance(step, AgentStep)]


def test_a_file_that_a_call_names_is_the_assistants_others_are_external() -> None:
    agent, watcher = Agent(), Watcher(a_py=OLD, b_py=OLD)
    watcher.saw(agent.t_boot_ns, a_py=MORE)
    agent.wait(20)
    agent.tell("tool_call", "a.py", call_id="1", tool_name="Write")
    watcher.saw(agent.t_boot_ns + S // 20, a_py=NEW, b_py=NEW)
    agent.tell("tool_result", "a.py", call_id="1", tool_name="Write")
    agent.wait(20)
    watcher.saw(agent.t_boot_ns, b_py=MORE)
    episode = seal(agent, watcher)
    assert changes(episode) == {
        "a.py": ("assistant", "observed", ("agent 0",)),
        "b.py": ("external", "inferred", ()),
    }
    assert final_disk(episode, "a.py") == NEW
    authors = [
        (step.actor.cls.value, step.actor.evidence)
        for step in episode.steps
        if getattr(step, "kind", "") == "files" and not getattr(step, "is_base", False)
    ]
    assert authors == [
        ("external", ()),
        ("assistant", ("agent 0",)),
        ("external", ("agent 0",)),
        ("external", ()),
    ]


def test_the_state_a_late_change_left_belongs_to_the_call_that_made_it() -> None:
    agent, watcher = Agent(), Watcher(a_py=OLD)
    agent.wait(10)
    agent.tell("tool_call", "a.py", call_id="1", tool_name="Edit")
    agent.tell("tool_result", "a.py", call_id="1", tool_name="Edit")
    watcher.saw(agent.t_boot_ns + S // 50, a_py=NEW)
    agent.wait(10)
    agent.tell("tool_call", call_id="2", tool_name="Read")
    agent.tell("tool_result", call_id="2", tool_name="Read", failed=True)
    call, result, reading, read = agent_steps(seal(agent, watcher))
    assert (call.call, result.call, reading.call, read.call) == (0, 0, 1, 1)
    assert result.state_before == call.state_before != result.state_after
    assert result.state_after == reading.state_before == read.state_after
    assert (result.failed, read.failed) == (None, True)


@pytest.mark.parametrize("is_reload_first", [True, False])
@pytest.mark.parametrize("has_companion", [True, False])
def test_a_buffer_that_takes_the_agents_text_over_is_the_agents_too(
    is_reload_first: bool, has_companion: bool
) -> None:
    agent, watcher, editor = Agent(), Watcher(a_py=OLD), Journal()
    editor.companion("hello", {})
    editor.open("a.py", OLD)
    agent.wait(10)
    agent.tell("tool_call", "a.py", call_id="1", tool_name="Write")
    watcher.saw(agent.t_boot_ns + S // 50, 0.5 if is_reload_first else 0.01, a_py=NEW)
    editor.t_boot_ns = agent.t_boot_ns + S // 10
    editor.change("a.py", (0, 0), (1, 0), NEW)
    if has_companion:
        editor.evidence("a.py", "external")
    agent.wait(1)
    agent.tell("tool_result", "a.py", call_id="1", tool_name="Write")
    editor.wait(30)
    editor.change("a.py", (0, 0), (0, 0), "x")
    editor.evidence("a.py", "key")
    authors = edit_authors(seal(agent, watcher, editor))
    assert authors[0][:2] == ("assistant", "observed")
    assert authors[0][2][0] == "agent 0"
    assert authors[1][:2] == ("typed", "observed")


def test_what_an_agent_wrote_before_the_tree_was_looked_at_is_its_own() -> None:
    agent, watcher = Agent(), Watcher(late_s=2, a_py=NEW, b_py=OLD)
    agent.tell("tool_call", "a.py", call_id="1", tool_name="Write")
    agent.tell("tool_result", "a.py", call_id="1", tool_name="Write")
    episode = seal(agent, watcher)
    assert changes(episode) == {"a.py": ("assistant", "observed", ("agent 0",))}
    base = [step for step in episode.steps if getattr(step, "is_base", False)]
    assert [file.path for step in base for file in getattr(step, "changed", ())] == ["b.py"]


def test_keys_typed_while_an_agent_writes_the_same_file_stay_typed() -> None:
    agent, watcher, editor = Agent(), Watcher(a_py=OLD), Journal()
    editor.companion("hello", {})
    editor.open("a.py", OLD)
    agent.tell("tool_call", "a.py", call_id="1", tool_name="Write")
    editor.t_boot_ns = agent.t_boot_ns
    editor.change("a.py", (0, 0), (0, 0), "x")
    editor.evidence("a.py", "key")
    editor.change("a.py", (0, 0), (0, 0), "yz\n")
    agent.wait(1)
    agent.tell("tool_result", "a.py", call_id="1", tool_name="Write")
    authors = edit_authors(seal(agent, watcher, editor))
    assert [author[0] for author in authors] == ["typed", "unknown"]


def test_waiting_for_a_persons_permission_is_not_the_agent_at_work() -> None:
    agent, watcher = Agent(), Watcher(a_py=OLD)
    agent.wait(5)
    agent.tell("tool_call", "a.py", call_id="1", tool_name="Write")
    watcher.saw(agent.t_boot_ns + 10 * S, a_py=MORE)
    agent.wait(60)
    watcher.saw(agent.t_boot_ns, 0.01, a_py=NEW)
    agent.tell("tool_result", "a.py", call_id="1", tool_name="Write", duration_ms=100)
    episode = seal(agent, watcher)
    actors = [
        step.actor.cls.value
        for step in episode.steps
        if getattr(step, "kind", "") == "files" and not getattr(step, "is_base", False)
    ]
    assert actors == ["external", "assistant"]


def test_calls_pair_with_their_results_also_without_ids_and_interrupted() -> None:
    agent = Agent("cursor")
    agent.tell("prompt")
    for line in ("make", "ls", "make"):
        agent.tell("tool_call", tool_name="Shell", line=line)
    for line in ("ls", "make"):
        agent.tell("tool_result", tool_name="Shell", line=line, duration_ms=5)
    agent.tell("tool_result", "a.py", tool_name="Edit", has_no_call=True)
    agent.tell("end", ends="turn")
    agent.tell("end", ends="session")
    steps = agent_steps(seal(agent))
    assert [(step.event, step.call, step.line) for step in steps] == [
        ("prompt", None, None),
        ("tool_call", 0, "make"),
        ("tool_call", 1, "ls"),
        ("tool_call", 2, "make"),
        ("tool_result", 1, "ls"),
        ("tool_result", 0, "make"),
        ("tool_result", 3, None),
        ("end", None, None),
    ]
    assert steps[6].paths == ("a.py",)


def test_two_agents_at_once_are_told_apart_and_say_their_model_once() -> None:
    claude, codex = Agent(), Agent("codex", "t", model="gpt-5", tool_version="0.169.0")
    claude.tell("start", model="opus")
    for agent in (claude, codex):
        agent.tell("tool_call", call_id="same", tool_name="Bash", line="ls")
    for agent in (claude, codex):
        agent.tell("tool_result", call_id="same", tool_name="Bash", line="ls")
    steps = agent_steps(seal(claude, codex))
    assert {(step.tool, step.model) for step in steps} == {
        ("codex", "gpt-5"),
        ("claude-code", "opus"),
    }
    assert len({(step.tool, step.agent_session, step.call) for step in steps}) == 2
    assert len({step.call for step in steps}) == len({step.agent_session for step in steps}) == 2
    assert len(steps) == 4
    assert not any("same" in str(step) for step in steps)


def test_lines_in_any_order_and_of_any_shape_never_break_a_seal() -> None:
    seed = 20261122
    shuffled = random.Random(seed)  # noqa: S311  no secret is made of it
    for _ in range(60):
        agent, watcher = Agent(), Watcher(a_py=OLD)
        for _ in range(shuffled.randrange(1, 25)):
            event = shuffled.choice(["start", "prompt", "tool_call", "tool_result", "end"])
            fields: dict[str, object] = {
                name: shuffled.choice([None, "", "x", 3, ["a"], {"b": 1}, True, "é😀"])
                for name in ("call_id", "tool_name", "line", "text", "model", "duration_ms",
                             "failed", "ends", "tool_version", "agent_session")
                if shuffled.random() < 0.5
            }  # fmt: skip
            common = {**agent.common, **fields, "paths": shuffled.choice([["/x"], "y", None, [3]])}
            agent.step("agent", **{**common, "event": event})
        watcher.saw(agent.t_boot_ns, a_py=NEW)
        seal(agent, watcher)
