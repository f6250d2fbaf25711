"""Programs that behave as the documented protocols of agents say: one process per hook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.deadline import deadline, wait_until

from signoff_collector.capture import agents
from signoff_collector.capture.journal.spools import SpoolEntry, clocks_of, read_spool
from signoff_collector.capture.sessions.sessions import Session, list_sessions
from signoff_collector.own_files.home import resolve_home

HOOK = Path(agents.__file__).parent / "hook_start.py"
MARK = "claude-code_2-1-197_agent"
"""What Claude Code 2.1.197 puts into `AI_AGENT`."""

ENTRANCES = {
    "claude-code": ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop"),
    "codex": ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop"),
    "cursor": (
        "sessionStart", "beforeSubmitPrompt", "beforeShellExecution", "afterShellExecution", "stop",
    ),
}  # fmt: skip
"""What each calls start, prompt, call, result and end."""


@dataclass(kw_only=True)
class FakeAgent:
    """One conversation; every event is a process that gets JSON on standard input."""

    name: str
    cwd: Path
    session: str = "5f2e-\U0001f388\U0001f389"
    environ: dict[str, str] = field(default_factory=dict[str, str])
    home: Path = field(default_factory=lambda: resolve_home().root)
    """As `setup` writes it into the command."""

    def payload(self, event: str, **fields: object) -> dict[str, object]:
        """Return an event as the agent writes it."""
        common: dict[str, object] = {"hook_event_name": event, "cwd": str(self.cwd)}
        if self.name == "cursor":
            common = {
                "hook_event_name": event, "conversation_id": self.session, "generation_id": "g",
                "model": "gpt-5", "cursor_version": "2.0.77", "user_email": "ada@example.org",
                "workspace_roots": [str(self.cwd)],
            }  # fmt: skip
        elif self.name == "codex":
            common |= {
                "session_id": self.session, "turn_id": "t", "model": "gpt-5",
                "permission_mode": "default", "transcript_path": None,
            }  # fmt: skip
        else:
            common |= {"session_id": self.session, "prompt_id": "p", "permission_mode": "default"}
        return common | fields

    def tell(self, event: str, **fields: object) -> None:
        """Run the hook with one event and see that the agent would notice nothing."""
        self.give(json.dumps(self.payload(event, **fields)).encode())

    def give(self, data: bytes) -> None:
        """Run the hook with any bytes on its standard input."""
        done = subprocess.run(
            self.argv(), input=data, capture_output=True, check=False, timeout=deadline(),
            cwd=self.cwd, env={**os.environ, "AI_AGENT": MARK, **self.environ},
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    def argv(self) -> list[str]:
        """Return how `setup` has the hook started, without the shell around it."""
        return [sys.executable, "-I", "-S", str(HOOK), str(self.home), self.name]

    def write(self, path: Path | str, content: str = "\U0001f388\U0001f389\n") -> None:
        """Write a file with a tool, as each agent tells it."""
        if self.name == "cursor":
            self.tell("afterFileEdit", file_path=str(path), edits=[{"new_string": content}])
            return
        tool: dict[str, object] = {
            "tool_name": "Write", "tool_use_id": "w1",
            "tool_input": {"file_path": str(path), "content": content},
        }  # fmt: skip
        if self.name == "codex":
            patch = f"*** Begin Patch\n*** Add File: {path}\n+{content}*** End Patch\n"
            tool |= {"tool_name": "apply_patch", "tool_input": {"command": patch}}
        self.tell("PreToolUse", **tool)
        self.tell("PostToolUse", **tool, tool_response={"content": content}, duration_ms=5)

    def run(self, line: str, output: str = "") -> None:
        """Run a command with a tool, as each agent tells it."""
        _, _, before, after, _ = ENTRANCES[self.name]
        call: dict[str, object] = {
            "tool_name": "Bash", "tool_use_id": f"b{len(line)}", "tool_input": {"command": line},
        }  # fmt: skip
        if self.name == "cursor":
            call = {"command": line, "cwd": str(self.cwd)}
        self.tell(before, **call)
        self.tell(after, **call, tool_response=output, output=output, duration=5)


def told(session: Session | None = None) -> list[dict[str, object]]:
    """Return what the hooks wrote, by the reader that sealing uses, in the order of time."""
    sessions = list_sessions(resolve_home()) if session is None else [session]
    entries: list[SpoolEntry] = []
    for one in sessions:
        folder = clocks_of(one.folder)
        assert folder is not None
        for path in sorted(one.folder.glob("agent-*.spool")):
            reading = read_spool(path, folder.clocks)
            assert (reading.refused, reading.left_bytes) == (0, 0)
            entries += reading.entries
    return [dict(entry.body) for entry in sorted(entries, key=lambda entry: entry.t_boot_ns)]


def wait_for(count: int) -> list[dict[str, object]]:
    """Wait until the hooks have told of so much: the first one has the session opened."""
    wait_until(lambda: len(told()) >= count, f"{count} lines of agents")
    return told()
