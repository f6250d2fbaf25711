"""Imports rollouts of Codex: one JSON object per line, `{timestamp, type, payload}`.

What the agent was asked, said, called and got back is there; files only as its patches tell: a file
that is updated before it was added is of unknown text.
Source: github.com/openai/codex, codex-rs/protocol/src/protocol.rs (`RolloutItem`) and models.rs
(`ResponseItem`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from signoff_collector.imports.building import Building
from signoff_collector.imports.claude_code import text_of
from signoff_collector.imports.conversation import Conversation, Result, each_record
from signoff_collector.imports.reading import parse_json
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import NoteStep
from signoff_schemas.untyped import fields_of, is_fields
from signoff_schemas.words import Coverage

if TYPE_CHECKING:
    from signoff_collector.imports.people import Foreign

_SOURCE: Final = "transcript"
_WHAT: Final = "the rollout"
_EXIT: Final = re.compile(r"^(?:Exit code:|Process exited with code) (-?\d{1,9})$", re.MULTILINE)
_WALL: Final = re.compile(r"^Wall time: (\d{1,9}(?:\.\d{1,9})?) seconds$", re.MULTILINE)
_OUTPUT: Final = re.compile(r"^Output:\n", re.MULTILINE)
_HEAD_CHARACTERS: Final = 2000
_INSTRUCTIONS: Final = ("<environment", "<user_instr", "# AGENTS.md instructions")
"""How messages begin that the program itself puts before what a person asked."""
_TWICE: Final = frozenset(
    {
        "agent_message",
        "agent_reasoning",
        "agent_reasoning_raw_content",
        "exec_command_begin",
        "exec_command_end",
        "patch_apply_begin",
        "patch_apply_end",
        "token_count",
        "task_started",
        "task_complete",
        "user_message",
    }
)
"""Events that repeat what a response item says, or count tokens."""


def read_codex(content: bytes) -> Foreign:
    """Return the episode of a rollout.

    Raises:
        DamagedError: it is none.
    """
    told = _Rollout()
    for record in each_record(content, _WHAT, told.building):
        told.take(record)
    return told.finish()


class _Rollout:
    """What the records told so far."""

    def __init__(self) -> None:
        self.building = Building("codex", _SOURCE)
        self.building.say("edits by the person and by programs are not in a rollout")
        self._conversation = Conversation(self.building, "codex")
        self._calls = 0
        self._is_one = False

    def take(self, record: dict[str, object]) -> None:
        """Take the next record."""
        kind, payload = record.get("type"), fields_of(record.get("payload"))
        match kind:
            case "session_meta" | "turn_context":
                self._is_one = True
                self._context(payload)
            case "response_item":
                self._is_one = True
                self._item(payload)
            case "event_msg":
                if str(payload.get("type")) not in _TWICE:
                    self.building.count("events without a field here left out")
            case "compacted":
                self.building.add(NoteStep, text=text_of(payload.get("message")) or "compacted")
            case _:
                self.building.count("records of an unknown kind left out")

    def finish(self) -> Foreign:
        """Return the episode.

        Raises:
            DamagedError: no record was one of Codex.
        """
        if not self._is_one:
            raise DamagedError(f"{_WHAT} holds no record of Codex")
        self._conversation.finish()
        return self.building.finished(
            agents=Coverage.FULL, output=Coverage.PARTIAL, files=Coverage.PARTIAL
        )

    def _context(self, payload: dict[str, object]) -> None:
        if isinstance(cwd := payload.get("cwd"), str):
            self.building.paths.set_root(cwd)
        if isinstance(version := payload.get("cli_version"), str):
            self._conversation.tool_version = version
        if isinstance(model := payload.get("model"), str):
            self._conversation.model = model

    def _item(self, payload: dict[str, object]) -> None:
        conversation = self._conversation
        match payload:
            case {"type": "message", "role": str() as role, **rest}:
                self._message(role, text_of(rest.get("content")))
            case {"type": "reasoning", **rest}:
                if text := text_of(rest.get("summary")) or text_of(rest.get("content")):
                    conversation.message(f"thinking: {text}")
            case {"type": "function_call", "name": str() as name, **rest}:
                conversation.call(self._key(rest), name, self._arguments(rest.get("arguments")))
            case {"type": "custom_tool_call", "name": str() as name, **rest}:
                conversation.call(self._key(rest), name, {"input": rest.get("input")})
            case {"type": "local_shell_call", **rest}:
                action = fields_of(rest.get("action"))
                conversation.call(self._key(rest), "local_shell", action)
            case {"type": "function_call_output" | "custom_tool_call_output", **rest}:
                conversation.result(str(rest.get("call_id")), self._result(rest.get("output")))
            case _:
                self.building.count("items of an unknown kind left out")

    def _message(self, role: str, text: str) -> None:
        if role == "assistant":
            self._conversation.message(text)
        elif role == "user" and not text.lstrip().startswith(_INSTRUCTIONS):
            self._conversation.prompt(text)
        elif text:
            self.building.add(NoteStep, text=text)

    def _key(self, payload: dict[str, object]) -> str:
        self._calls += 1
        key = payload.get("call_id", payload.get("id"))
        return key if isinstance(key, str) else f"call {self._calls}"

    def _arguments(self, arguments: object) -> dict[str, object]:
        """Return the arguments of a call, which are JSON within JSON."""
        if is_fields(arguments):
            return arguments
        try:
            parsed = parse_json(str(arguments).encode("utf-8", "surrogatepass"), "a call")
        except DamagedError:
            self.building.count("calls with arguments that are no JSON")
            return {"input": arguments}
        return parsed if is_fields(parsed) else {"input": parsed}

    @staticmethod
    def _result(output: object) -> Result:
        """Return a result: JSON within JSON in early releases, later text with a head."""
        told = output
        if isinstance(output, str) and output.startswith('{"'):
            try:
                told = parse_json(output.encode("utf-8", "surrogatepass"), "a result")
            except DamagedError:
                told = output
        if is_fields(told):
            about = fields_of(told.get("metadata"))
            code, seconds = about.get("exit_code"), about.get("duration_seconds")
            text = text_of(told.get("output", told.get("content")))
            failed = True if told.get("success") is False else None
        else:
            text = text_of(told)
            code, seconds, text, failed = _headed(text)
        is_code = type(code) is int and abs(code) < 1 << 31
        is_time = isinstance(seconds, int | float) and 0 <= seconds < 1e9
        return Result(
            text=text,
            exit_code=code if isinstance(code, int) and is_code else None,
            duration_ns=round(seconds * 1000) * 1_000_000
            if isinstance(seconds, int | float) and is_time
            else None,
            failed=failed or (True if is_code and code != 0 else None),
        )


def _headed(text: str) -> tuple[int | None, float | None, str, bool | None]:
    """Return exit code, seconds, output and failure of a result that has a head."""
    begin = _OUTPUT.search(text, 0, _HEAD_CHARACTERS)
    if begin is None:
        return (
            None,
            None,
            text,
            True if text.startswith("apply_patch verification failed") else None,
        )
    head = text[: begin.start()]
    code, wall = _EXIT.search(head), _WALL.search(head)
    if code is None and wall is None:
        return None, None, text, None
    seconds = None if wall is None else float(wall[1])
    return None if code is None else int(code[1]), seconds, text[begin.end() :], None
