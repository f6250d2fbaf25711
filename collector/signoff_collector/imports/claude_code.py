"""Imports transcripts of Claude Code: one JSON object per line of a session.

What the agent was asked, said, called and got back is all there. Texts of files are known where a
call wrote the whole, or where the result names the text before (`originalFile`); what commands and
the person changed in between is not there.
Source: the files under `~/.claude/projects`; there is no specification of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from signoff_collector.imports.building import Building
from signoff_collector.imports.conversation import Conversation, Result, each_record
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import NoteStep
from signoff_schemas.untyped import fields_of, items_of
from signoff_schemas.words import Coverage

if TYPE_CHECKING:
    from signoff_collector.imports.people import Foreign

_SOURCE: Final = "transcript"
_WHAT: Final = "the transcript"
_TOOL: Final = "claude-code"
_EXIT: Final = re.compile(r"Exit code (-?\d{1,9})\b")
_LEFT_OUT: Final = frozenset({"file-history-snapshot", "queue-operation", "progress"})


def read_claude_code(content: bytes) -> Foreign:
    """Return the episode of a transcript.

    Raises:
        DamagedError: it is none.
    """
    told = _Transcript()
    for record in each_record(content, _WHAT, told.building):
        told.take(record)
    return told.finish()


class _Transcript:
    """What the records told so far."""

    def __init__(self) -> None:
        self.building = Building("claude-code", _SOURCE)
        self.building.say("edits by the person and by programs are not in a transcript")
        self.building.say("exit codes are known only where a result states them")
        self._main = Conversation(self.building, _TOOL)
        self._side = Conversation(self.building, f"{_TOOL} (subagent)")
        self._seen: set[str] = set()
        self._is_one = False

    def take(self, record: dict[str, object]) -> None:
        """Take the next record."""
        if isinstance(cwd := record.get("cwd"), str):
            self.building.paths.set_root(cwd)
        if self._is_known(record.get("uuid")):
            self.building.count("records that stand there twice, taken once")
            return
        kind = record.get("type")
        self._is_one = self._is_one or str(kind) in {"user", "assistant", "summary"}
        match kind:
            case "user":
                self._user(record)
            case "assistant":
                self._assistant(record)
            case "summary":
                if isinstance(text := record.get("summary"), str):
                    self.building.add(NoteStep, text=text)
            case "system":
                if isinstance(text := record.get("content"), str) and text:
                    self.building.add(NoteStep, text=text)
            case str() as kind if kind in _LEFT_OUT:
                self.building.count("records that tell nothing of the work left out")
            case _:
                self.building.count("records of an unknown kind left out")

    def finish(self) -> Foreign:
        """Return the episode.

        Raises:
            DamagedError: no record was one of Claude Code.
        """
        if not self._is_one:
            raise DamagedError(f"{_WHAT} holds no record of Claude Code")
        self._main.finish()
        self._side.finish()
        return self.building.finished(
            agents=Coverage.FULL, output=Coverage.PARTIAL, files=Coverage.PARTIAL
        )

    def _is_known(self, uuid: object) -> bool:
        """Say whether a record stood there before; a session that goes on repeats some."""
        if not isinstance(uuid, str):
            return False
        is_known = uuid in self._seen
        self._seen.add(uuid)
        return is_known

    def _of(self, record: dict[str, object]) -> Conversation:
        conversation = self._side if record.get("isSidechain") is True else self._main
        if isinstance(version := record.get("version"), str):
            conversation.tool_version = version
        return conversation

    def _user(self, record: dict[str, object]) -> None:
        content = fields_of(record.get("message")).get("content")
        conversation = self._of(record)
        is_told = record.get("isMeta") is not True
        if isinstance(content, str):
            self._ask(conversation, content, is_told=is_told)
        for block in map(fields_of, items_of(content)):
            match block.get("type"):
                case "text" if isinstance(text := block.get("text"), str):
                    self._ask(conversation, text, is_told=is_told)
                case "tool_result":
                    self._result(conversation, block, record)
                case _:
                    self.building.count("parts of messages that are no text left out")

    def _ask(self, conversation: Conversation, text: str, *, is_told: bool) -> None:
        if is_told:
            conversation.prompt(text)
        else:
            self.building.add(NoteStep, text=text)

    def _assistant(self, record: dict[str, object]) -> None:
        message, conversation = fields_of(record.get("message")), self._of(record)
        if isinstance(model := message.get("model"), str) and model != "<synthetic>":
            conversation.model = model
        content = message.get("content")
        if isinstance(content, str):
            conversation.message(content)
        for block in map(fields_of, items_of(content)):
            match block:
                case {"type": "text", "text": str() as text}:
                    conversation.message(text)
                case {"type": "thinking", "thinking": str() as text}:
                    if text:
                        conversation.message(f"thinking: {text}")
                case {"type": "tool_use", "id": str() as key, "name": str() as name, **rest}:
                    conversation.call(key, name, fields_of(rest.get("input")))
                case _:
                    self.building.count("parts of messages that are no text left out")

    def _result(
        self, conversation: Conversation, block: dict[str, object], record: dict[str, object]
    ) -> None:
        text = text_of(block.get("content"))
        told = fields_of(record.get("toolUseResult"))
        failed = block.get("is_error") is True
        found = _EXIT.match(text) if failed else None
        output = [told[name] for name in ("stdout", "stderr") if told.get(name)]
        shown = "\n".join(one for one in output if isinstance(one, str))
        name, original = told.get("filePath"), told.get("originalFile")
        has_original = isinstance(name, str) and isinstance(original, str)
        conversation.result(
            str(block.get("tool_use_id")),
            Result(
                text=shown or text,
                failed=True if failed else None,
                exit_code=None if found is None else int(found[1]),
                is_modified=told.get("userModified") is True,
                originals={str(name): str(original)} if has_original else {},
            ),
        )


def text_of(content: object) -> str:
    """Return the text of a message: a string, or parts of which some are text."""
    if isinstance(content, str):
        return content
    parts = (fields_of(part).get("text") for part in items_of(content))
    return "\n".join(part for part in parts if isinstance(part, str))
